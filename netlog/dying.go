package netlog

import (
	"bytes"
	"strings"
)

const (
	causeSize    = 700 // bytes of the cause's text
	maxRegisters = 32
	registerName = 12
	functionName = 160
	kindName     = 64
)

// Register is a CPU register as it was at the fault.
type Register struct {
	Name  string // at most 12 bytes count
	Value uint64
}

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
	Regs    []Register // at most 32 count
}

// A causeCopy is a Cause without pointers.
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
	regs    [maxRegisters]registerCopy
	count   int
}

type registerCopy struct {
	name   [registerName]byte
	length int
	value  uint64
}

func (c *causeCopy) set(from *Cause) {
	c.kinds = copy(c.kind[:], from.Kind)
	c.pc, c.hasPC = from.PC, from.HasPC
	c.addr, c.hasAddr = from.Addr, from.HasAddr
	c.fns = copy(c.fn[:], from.Func)
	c.count = min(len(from.Regs), maxRegisters)
	for i := range c.count {
		c.regs[i].set(&from.Regs[i])
	}
	c.length = 0
	c.add(from.Text)
}

func (r *registerCopy) set(from *Register) {
	r.value = from.Value
	r.length = copy(r.name[:], from.Name)
}

// add appends to the text and returns how many bytes it took.
func (c *causeCopy) add(p []byte) int {
	n := copy(c.text[c.length:], p)
	c.length += n
	return n
}

func (c *causeCopy) full() bool { return c.length == len(c.text) }

// words is the text, or the kind if there is no text.
func (c *causeCopy) words() []byte {
	if c.length == 0 {
		return c.kind[:c.kinds]
	}
	return c.text[:c.length]
}

// Dying says that the Go runtime is about to print why the program ends. What
// comes through Console from now on is the cause, until an empty line, 700
// bytes, or End; then the report opens. From here on no other context may run.
// Only the first call counts, further ones are told in the report.
func (l *Logger) Dying(cause *Cause) {
	c := &l.crash
	if !c.state.CompareAndSwap(alive, collecting) {
		c.again++
		return
	}
	l.settle()
	c.cause.set(cause)
	c.cause.length = 0
}

// exception is the processor's name for the kind, #PF of "#PF page fault" or
// NMI; empty for a kind that is none.
func exception(kind string) string {
	name, _, _ := strings.Cut(kind, " ")
	if name == "NMI" || strings.HasPrefix(name, "#") {
		return name
	}
	return ""
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

// settle makes records of the lines that were begun before the machine died, so
// that they stand before the report.
func (l *Logger) settle() {
	for _, b := range [...]*lineBuffer{&l.written, &l.printed} {
		if n := min(b.length, len(b.text)); n > 0 {
			l.store(Info, b.text[:n], b.cont)
			b.length = 0
		}
	}
}
