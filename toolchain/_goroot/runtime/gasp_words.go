package runtime

import "unsafe"

// What the runtime says of a death: the words that stand behind "panic: " or
// "fatal error: ".

var (
	gaspWordsText struct {
		n    int
		more bool
		b    [gaspWordsSize]byte
	}
	// gaspCapturing takes what the runtime prints as words.
	gaspCapturing bool
)

func gaspFindWords(s *gaspScene) {
	t := &gaspWordsText
	switch s.kind {
	case gaspByPanic:
		if s.text != "" {
			t.n = copy(t.b[:], "panic: ")
			t.n += copy(t.b[t.n:], s.text)
			return
		}
		gaspCapturing = true
		gaspPanicWords(s)
		gaspCapturing = false
	case gaspByFault:
		if name := gaspOverflow(s); name != "" {
			t.n = copy(t.b[:], "overflow of the ")
			t.n += copy(t.b[t.n:], name)
		}
	case gaspByFatal, gaspByThrow:
		if s.text == "panic on system stack" && gaspSaid.n > 0 {
			t.n = copy(t.b[:], gaspSaid.b[:gaspSaid.n]) // that was the panic
			return
		}
		t.n = copy(t.b[:], "fatal error: ")
		t.n += copy(t.b[t.n:], s.text)
	case gaspByExit:
		var line gaspText
		line.str("exit status ")
		line.dec(uint64(uint32(s.code)))
		t.n = copy(t.b[:], line.b[:line.n])
	}
}

// gaspOverflow returns the name of the system stack that a page fault ran over the
// end of, "" if it is none.
func gaspOverflow(s *gaspScene) (name string) {
	f := &gaspFault
	if !f.pageFault() {
		return ""
	}
	w := s.walk()
	switch name = gaspBounds(&w, s); name {
	case gaspStackUnnamed, gaspStackUnknown, gaspStackNone: // no guard page there
		return ""
	}
	if addr := uintptr(f.addr); addr >= w.lo || w.lo-addr > gaspPage {
		return ""
	}
	return name
}

// gaspPanicWords prints what the runtime would.
func gaspPanicWords(s *gaspScene) {
	if gp := gaspCurg(s); gp != nil && gp._panic != nil {
		printpanics(gp._panic)
	} else {
		print("fatal signal")
	}
}

// gaspRestOfMessage sends a message again that is longer than its room in the
// headline, and what the runtime prints behind a signal's panic.
func gaspRestOfMessage(s *gaspScene) {
	if gaspWordsText.more {
		gaspPanicWords(s)
		print("\n")
	}
	gp := gaspCurg(s)
	if s.kind == gaspByPanic && gp != nil && gp.sig != 0 && gp._panic != nil {
		gaspLine.str("[signal ")
		if gp.sig < uint32(len(sigtable)) {
			gaspLine.str(sigtable[gp.sig].name)
		}
		gaspLine.str(" code=")
		gaspLine.hex(gp.sigcode0)
		gaspLine.str(" addr=")
		gaspLine.hex(gp.sigcode1)
		gaspLine.str(" pc=")
		gaspLine.hex(gp.sigpc)
		gaspLine.char(']')
		gaspLine.end()
	}
	if (s.kind == gaspByFatal || s.kind == gaspByThrow) && gp != nil && gp._panic != nil {
		printPreFatalDeferPanic(gp._panic)
		print("\n")
	}
}

// gaspSaid is the last line that was printed in the kernel: the runtime's words
// when an interrupt handler panics.
var gaspSaid struct {
	n     int
	whole bool
	b     [256]byte
}

// gaspPrint takes the place of write for what the runtime prints itself.
//
//go:nosplit
//go:nowritebarrierrec
func gaspPrint(fd uintptr, p unsafe.Pointer, n int32) int32 {
	text := gaspBytes(p, uintptr(n))
	switch {
	case fd == 2 && gaspCapturing:
		t := &gaspWordsText
		done := copy(t.b[t.n:], text)
		t.n += done
		t.more = t.more || done < len(text)
		return n
	case fd == 2 && gaspThis().inKernel != 0 && !gaspDead:
		t := &gaspSaid
		if t.whole {
			t.n, t.whole = 0, false
		}
		t.n += copy(t.b[t.n:], text)
		t.whole = n > 0 && text[n-1] == '\n'
	}
	if fd == 2 && gaspDead {
		gaspPrintLines(text)
		return n
	}
	return write1(fd, p, n)
}

// gaspPrintLines makes lines of the report of what the runtime prints. Empty ones
// are left out.
func gaspPrintLines(text []byte) {
	l := &gaspLine
	for _, c := range text {
		switch {
		case c != '\n':
			if l.n == len(l.b)-1 {
				l.part()
			}
			l.char(c)
		case l.n > 1 || l.n == 1 && l.b[0] != '\t':
			l.end()
		default:
			l.n = 0
		}
	}
}
