//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/acpi"
	"gasp/board/machine"
	"gasp/drivers/reg"
)

// A 16550 (PC16550D data sheet, section 8), 8N1.
const (
	serialTHR = 0 // transmitter holding register, DLL with DLAB
	serialIER = 1 // interrupt enable, DLM with DLAB
	serialFCR = 2
	serialLCR = 3
	serialMCR = 4
	serialLSR = 5
	serialSCR = 7 // scratch

	serialSize = 8 // registers

	lcr8N1   = 0x03
	lcrDLAB  = 0x80
	fcrClear = 0x07
	mcrReady = 0x03
	lsrTHRE  = 0x20

	com1       = 0x3f8
	serialBaud = 115200 // at a divisor of 1

	// A character takes 87 us at a divisor of 1; a port access on a PC about 1 us.
	maxSerialPolls = 1000
	maxDivisor     = 12 // 9600 baud, which is the slowest that tables name
)

// console is the serial line: COM1, until the firmware's tables have been read.
var console = serialLine{port: com1, present: true, polls: maxSerialPolls}

// A serialLine is at ports, or in memory if it has no port.
type serialLine struct {
	present bool
	polls   int // how often it is asked whether there is room for a character
	port    uint16
	stride  uint32 // bytes from a register to the next, in memory
	regs    reg.MMIO
}

func (s *serialLine) read(n uint32) uint8 {
	switch {
	case s.port != 0:
		return in8(s.port + uint16(n))
	case s.stride == 4:
		return uint8(s.regs.Read32(n * 4))
	}
	return s.regs.Read8(n * s.stride)
}

func (s *serialLine) write(n uint32, v uint8) {
	switch {
	case s.port != 0:
		out8(s.port+uint16(n), v)
	case s.stride == 4:
		s.regs.Write32(n*4, uint32(v))
	default:
		s.regs.Write8(n*s.stride, v)
	}
}

// startSerial uses the port that the firmware names, with the rate that it has set, or else COM1 if
// that is there: on many machines nothing is, and all bits read as one.
func startSerial(rsdp uint64) {
	baud := uint32(serialBaud)
	if told, err := acpi.ParseSerial(at, rsdp); err == nil {
		if !console.use(told) {
			return
		}
		if baud = told.Baud; told.Space == acpi.InMemory {
			baud = 0 // its clock is not known
		}
	} else if !console.scratches() {
		console.present = false
		return
	}
	console.write(serialIER, 0)
	console.write(serialLCR, lcr8N1|lcrDLAB)
	divisor := uint32(console.read(serialTHR)) | uint32(console.read(serialIER))<<8
	if baud != 0 {
		divisor = serialBaud / baud
		console.write(serialTHR, uint8(divisor))
		console.write(serialIER, uint8(divisor>>8))
	}
	console.polls = maxSerialPolls * int(min(max(divisor, 1), maxDivisor))
	console.write(serialLCR, lcr8N1)
	console.write(serialFCR, fcrClear)
	console.write(serialMCR, mcrReady)
	console.present = console.read(serialLSR) != 0xff
}

// use makes it the port that a table names. It is false if that cannot be.
func (s *serialLine) use(told acpi.Serial) bool {
	if told.Space == acpi.InIO {
		s.port = uint16(told.Addr)
		return true
	}
	w := Window(told.Addr, serialSize*uint64(told.Stride))
	if s.present = w != nil; s.present {
		s.port, s.stride, s.regs = 0, told.Stride, *w
	}
	return s.present
}

// scratches tells whether the scratch register keeps what is written to it.
func (s *serialLine) scratches() bool {
	for _, v := range [...]uint8{0x55, 0xaa} {
		if s.write(serialSCR, v); s.read(serialSCR) != v {
			return false
		}
	}
	return true
}

// writeSerial puts text on the serial line, and on the screen. A line without a reader or without
// a port costs a bounded time.
//
//go:linkname writeSerial gasp/board/machine.writeSerial
func writeSerial(p []byte) {
	machine.SerialLines(p, putSerial)
	screenWrite(p)
}

func putSerial(c byte) {
	s := &console
	if !s.present {
		return
	}
	for range s.polls {
		if s.read(serialLSR)&lsrTHRE != 0 {
			break
		}
	}
	s.write(serialTHR, c)
	machine.Touch()
}
