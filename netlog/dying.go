package netlog

import (
	"bytes"
)

const (
	causeSize    = 700 // bytes of the cause's text
	functionName = 160
	kindName     = 64
)

// SetRegisterNames says how the registers of a Cause are called, in 16 bytes or
// less each.
func (l *Logger) SetRegisterNames(names []string) { l.block.Name(names) }

// Cause says why the machine dies. It may live on the caller's stack; nothing
// of it is kept by reference.
type Cause struct {
	Kind    string // such as "page fault"; may be empty; an exception's begins with #PF or so, or NMI
	Text    []byte // for Crash; at most 700 bytes go into the headline
	PC      uint64 // address of the instruction, if HasPC
	HasPC   bool
	Func    string // function at PC as name+0xoffset; empty if unknown
	Addr    uint64 // address that faulted, if HasAddr
	HasAddr bool
	Regs    []uint64 // by the names of SetRegisterNames; at most 32 count
}

// A causeCopy is a Cause without pointers, and without registers: the digits of
// those are made at once.
type causeCopy struct {
	kind    [kindName]byte
	kinds   int
	text    [causeSize]byte
	length  int
	pc      uint64
	addr    uint64
	hasPC   bool
	hasAddr bool
	fn      [functionName]byte
	fns     int
}

func (c *causeCopy) set(from *Cause) {
	c.kinds = copy(c.kind[:], from.Kind)
	c.pc, c.hasPC = from.PC, from.HasPC
	c.addr, c.hasAddr = from.Addr, from.HasAddr
	c.fns = copy(c.fn[:], from.Func)
	c.length = 0
	c.add(from.Text)
}

// add appends to the text and returns how many bytes it took.
func (c *causeCopy) add(p []byte) int {
	n := copy(c.text[c.length:], p)
	c.length += n
	return n
}

func (c *causeCopy) full() bool { return c.length == len(c.text) }

// words is the text without its last newlines, or the kind if there is no text.
func (c *causeCopy) words() []byte {
	if c.length == 0 {
		return c.kind[:c.kinds]
	}
	n := c.length
	for n > 0 && c.text[n-1] == '\n' {
		n--
	}
	return c.text[:n]
}

// Dying says that the Go runtime is about to print why the program ends. What
// comes through Console from now on is the cause, until an empty line, 700
// bytes, or End; then the report opens. From here on no other context may run.
// Only the first call counts, further ones are told in the report.
func (l *Logger) Dying(cause *Cause) {
	c := &l.crash
	c.progress.Add(1)
	if !c.state.CompareAndSwap(alive, collecting) {
		c.again++
		return
	}
	c.inside = true
	c.cause.set(cause)
	c.cause.length = 0
	l.block.Set(cause.Regs)
	c.inside = false
}

// exception is the processor's short name for the kind, a first word without small
// letters: #PF of "#PF page fault", DABT of "DABT data abort", NMI. It is empty
// for a kind that is none.
func exception(kind string) string {
	end := 0
	for end < len(kind) && kind[end] != ' ' {
		if kind[end] >= 'a' && kind[end] <= 'z' {
			return ""
		}
		end++
	}
	return kind[:end]
}

// collect takes text of the runtime as cause.
func (l *Logger) collect(p []byte) {
	c := &l.crash.cause
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n') + 1
		if end == 1 && c.length == 0 {
			p = p[1:]
			continue
		}
		if end == 1 && c.text[c.length-1] == '\n' {
			l.advance(body)
			l.reportConsole(p[1:])
			return
		}
		if end == 0 {
			end = len(p)
		}
		p = p[c.add(p[:end]):]
		if c.full() {
			l.advance(body)
			l.reportConsole(p)
			return
		}
	}
}

// settle makes the ring usable, and records of the lines that were begun before the machine died, so
// that they stand before the report.
func (l *Logger) settle() {
	l.finishPlan()
	l.ring.mend(max(l.network.next.Load(), l.serial.next.Load()))
	if l.sealing() {
		l.settleSealed()
	}
	for _, b := range [...]*lineBuffer{&l.written, &l.printed} {
		if n := b.length; n > 0 && n <= len(b.text) {
			l.store(Info, b.text[:n], b.cont)
		}
		b.length, b.cont = 0, false
		b.busy.Store(0)
	}
}
