//go:build tamago

package x86

import (
	"math/bits"
	"unsafe"

	"gasp/netlog"
)

// Kinds of death, as the runtime's kernel numbers them (toolchain, gasp_die.go).
const (
	byPanic = iota
	byFatal
	byExit
	byFault
	byNMI
	byHang
	byStall
	byRequest
)

const deathRegisters = 17

// death is what the runtime's kernel tells: the same struct as its gaspDeath.
type death struct {
	kind    uint64
	code    uint64
	pc, sp  uint64
	fn      string
	fnStart uint64
	faulted bool
	vector  uint64
	errcode uint64
	addr    uint64
	regs    [deathRegisters]uint64
	words   string
}

var registerNames = [deathRegisters]string{"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rflags"}

// Exceptions by vector (Intel SDM volume 3, table 6-1).
var exceptionNames = [32]string{
	0: "#DE divide error", 1: "#DB debug", 2: "NMI", 3: "#BP breakpoint", 4: "#OF overflow", 5: "#BR bound range",
	6: "#UD invalid opcode", 7: "#NM no math coprocessor", 8: "#DF double fault", 10: "#TS invalid TSS",
	11: "#NP segment not present", 12: "#SS stack fault", 13: "#GP general protection", 14: "#PF page fault",
	16: "#MF x87 error", 17: "#AC alignment check", 18: "#MC machine check", 19: "#XM SIMD error",
	20: "#VE virtualization", 21: "#CP control protection",
}

func exceptionName(vector uint64) string {
	if vector < uint64(len(exceptionNames)) && exceptionNames[vector] != "" {
		return exceptionNames[vector]
	}
	return "unknown exception"
}

// dying takes the runtime's announcement of a report, nil for the end of one that
// the machine survives.
//
//go:linkname dying runtime/goos.Dying
func dying(p unsafe.Pointer) {
	d := (*death)(p)
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
	if d.kind != byRequest {
		demander = 0
		if cpus.up > 1 {
			takeTicks()
		}
	}
	var c netlog.Cause
	var fn [functionSize]byte
	c.Text = text(d.words)
	c.PC, c.HasPC = d.pc, d.pc != 0
	if d.fn != "" {
		c.Func = function(fn[:0], d.fn, d.pc-d.fnStart)
	}
	if d.faulted {
		c.Kind = exceptionName(d.vector)
		c.Addr, c.HasAddr = d.addr, d.vector == vectorPageFault
		c.Regs = d.regs[:]
	}
	switch {
	case d.kind == byRequest:
		c.Text = text("NMI: report on demand")
		demander = uint32(thisCPU()) + 1
		l.Report(&c)
		return
	case d.kind == byFault && !d.faulted:
		c.Kind, c.Text = d.words, nil // of a fault in the report
	case d.kind == byHang:
		c.Text = text("hard lockup: interrupts were off for too long")
	case d.kind == byStall:
		c.Text = text("stall: no goroutine was scheduled for too long")
	case bare:
		l.Dying(&c)
		return
	}
	l.Crash(&c)
}

const vectorPageFault = 14

// demander is the number + 1 of the processor that makes a report on demand, whose
// lines write takes; 0: none does.
var demander uint32

// dyingEarly is for what happens before the logger works: the serial line is all
// there is.
func dyingEarly(d *death) {
	var where [functionSize]byte
	serialWrite(text("gasp: "))
	if d.faulted {
		serialWrite(text(exceptionName(d.vector)))
	} else {
		serialWrite(text(d.words))
	}
	serialWrite(text(" before the machine was up, at "))
	serialWrite(text(function(where[:0], d.fn, d.pc-d.fnStart)))
	serialWrite(text("\n"))
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
