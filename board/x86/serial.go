//go:build tamago

package x86

import (
	"unsafe"

	"gasp/netlog"
)

// COM1, a 16550 (PC16550D data sheet, section 8): 115200 baud, 8N1.
const (
	com1 = 0x3f8

	serialTHR = com1 + 0 // transmitter holding register, DLL with DLAB
	serialIER = com1 + 1 // interrupt enable, DLM with DLAB
	serialFCR = com1 + 2
	serialLCR = com1 + 3
	serialMCR = com1 + 4
	serialLSR = com1 + 5

	lcr8N1   = 0x03
	lcrDLAB  = 0x80
	fcrClear = 0x07
	mcrReady = 0x03
	lsrTHRE  = 0x20

	// A character takes 87 us; a port access on a PC about 1 us.
	maxSerialPolls = 1000
)

func startSerial() {
	out8(serialIER, 0)
	out8(serialLCR, lcr8N1|lcrDLAB)
	out8(serialTHR, 1)
	out8(serialIER, 0)
	out8(serialLCR, lcr8N1)
	out8(serialFCR, fcrClear)
	out8(serialMCR, mcrReady)
}

// printk is the serial line for what comes before or outside the logger, and
// with TamaGo's toolchain the way of everything printed.
//
//go:linkname printk runtime/goos.Printk
func printk(c byte) {
	overhear(c)
	b := [1]byte{c}
	write(unsafe.Pointer(&b), 1)
}

// write takes what is written to standard output and standard error.
//
//go:linkname write runtime/goos.Write
func write(p unsafe.Pointer, n uintptr) {
	text := unsafe.Slice((*byte)(p), int(n))
	if !started {
		serialWrite(text) // the logger has no clock and no console yet
		return
	}
	if demander != 0 && demander == uint32(thisCPU())+1 {
		netlog.Default().ReportConsole(text)
		return
	}
	netlog.Default().Console(text)
}

// started means that the logger works.
var started bool

// serialWrite puts text on the serial line. A line without a reader or without
// a port costs a bounded time.
func serialWrite(p []byte) {
	for _, c := range p {
		if c == '\n' {
			serialPut('\r')
		}
		serialPut(c)
	}
}

func serialPut(c byte) {
	for range maxSerialPolls {
		if in8(serialLSR)&lsrTHRE != 0 {
			break
		}
	}
	out8(serialTHR, c)
	touch()
}
