//go:build tamago

package machine

import (
	"math/bits"
	"unsafe"

	"gasp/netlog"
)

// Kinds of death, as the runtime's kernel numbers them (toolchain, gasp_die.go).
const (
	ByPanic = iota
	ByFatal
	ByExit
	ByFault
	ByNMI
	ByHang
	ByStall
	ByRequest
)

// Death is what the runtime's kernel tells: the same struct as its gaspDeath.
type Death struct {
	Kind    uint64            // one of By...
	Code    uint64            // exit status
	PC, SP  uint64            // where it happened
	Fn      string            // the function that PC is in; "" if none is known
	FnStart uint64            // its first instruction
	Faulted bool              // the processor raised an exception: what follows is told of it
	Vector  uint64            // the exception's number, as the architecture has it
	Errcode uint64            // what the processor says of it: error code, or syndrome
	Addr    uint64            // the address that could not be reached, if it is of that kind
	Regs    [Registers]uint64 // in the order of the headline
	Words   string            // the panic's value or the runtime's message
}

// dying takes the runtime's announcement of a report, nil for the end of one that
// the machine survives.
//
//go:linkname dying runtime/goos.Dying
func dying(p unsafe.Pointer) {
	d := (*Death)(p)
	l := netlog.Default()
	switch {
	case d == nil:
		l.EndReport()
		demander = 0
		return
	case !started:
		dyingEarly(d)
		return
	}
	if d.Kind != ByRequest {
		demander = 0
		takeTicks()
	}
	var c netlog.Cause
	var fn [functionSize]byte
	c.Text = text(d.Words)
	c.PC, c.HasPC = d.PC, d.PC != 0
	if d.Fn != "" {
		c.Func = function(fn[:0], d.Fn, d.PC-d.FnStart)
	}
	if d.Faulted {
		c.Kind = exceptionName(d.Vector, d.Errcode)
		c.Addr, c.HasAddr = d.Addr, faultsAt(d.Vector, d.Errcode)
		c.Regs = d.Regs[:]
	}
	switch {
	case d.Kind == ByRequest:
		c.Text = text("NMI: report on demand")
		demander = uint32(thisCPU()) + 1
		l.Report(&c)
		return
	case d.Kind == ByFault && !d.Faulted:
		c.Kind, c.Text = d.Words, nil // of a fault in the report
	case d.Kind == ByNMI:
		c.Text = text("NMI")
	case d.Kind == ByHang:
		c.Text = text("hard lockup: interrupts were off for too long")
	case d.Kind == ByStall:
		c.Text = text("stall: no goroutine was scheduled for too long")
	case Bare:
		l.Dying(&c)
		return
	}
	l.Crash(&c)
}

// Announce is for a processor's package that handles exceptions itself (Bare).
func Announce(d *Death) { dying(unsafe.Pointer(d)) }

// demander is the number + 1 of the processor that makes a report on demand, whose
// lines write takes; 0: none does.
var demander uint32

// dyingEarly is for what happens before the logger works: the serial line is all
// there is.
func dyingEarly(d *Death) {
	var where [functionSize]byte
	writeSerial(text("gasp: "))
	if d.Faulted {
		writeSerial(text(exceptionName(d.Vector, d.Errcode)))
	} else {
		writeSerial(text(d.Words))
	}
	writeSerial(text(" before the machine was up, at "))
	writeSerial(text(function(where[:0], d.Fn, d.PC-d.FnStart)))
	writeSerial(text("\n"))
}

// functionSize is room for the name of a function and an offset.
const functionSize = 200

// function appends name+0xoffset to b, cut to its capacity.
func function(b []byte, name string, offset uint64) string {
	const suffix = len("+0xffffffffffffffff")
	b = append(b, name[:min(len(name), cap(b)-suffix)]...)
	b = append(b, "+0x"...)
	for shift := max(bits.Len64(offset)-1, 0) &^ 3; shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[offset>>shift&15])
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func str(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func text(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
