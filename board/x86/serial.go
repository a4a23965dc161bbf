//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
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

// serialWrite puts text on the serial line. A line without a reader or without
// a port costs a bounded time.
//
//go:linkname serialWrite gasp/board/machine.writeSerial
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
	machine.Touch()
}
