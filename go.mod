module gasp

go 1.26.0

toolchain go1.26.8

require (
	github.com/gopacket/gopacket v1.7.7
	github.com/klauspost/compress v1.20.4
	github.com/usbarmory/tamago v1.26.0
	golang.org/x/sys v0.45.0
	gvisor.dev/gvisor v0.0.0-20260413194555-9680d69bf798
)

require (
	golang.org/x/exp v0.0.0-20231110203233-9a3e6036ecaa // indirect
	golang.org/x/net v0.55.0 // indirect
	golang.org/x/time v0.12.0 // indirect
)
