package runtime

import "unsafe"

// gaspText gathers a line of a report. What does not fit is cut.
type gaspText struct {
	written int // lines handed on
	skip    int // lines that were before
	n       int
	b       [1000]byte
}

func (t *gaspText) str(s string) {
	n := copy(t.b[t.n:], s)
	t.n += n
}

func (t *gaspText) char(c byte) {
	if t.n < len(t.b) {
		t.b[t.n] = c
		t.n++
	}
}

func (t *gaspText) dec(v uint64) {
	var digits [20]byte
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + v%10)
		if v /= 10; v == 0 {
			break
		}
	}
	n := copy(t.b[t.n:], digits[i:])
	t.n += n
}

func (t *gaspText) hex(v uintptr) {
	var digits [16]byte
	i := len(digits)
	for {
		i--
		digits[i] = "0123456789abcdef"[v&15]
		if v >>= 4; v == 0 {
			break
		}
	}
	t.str("0x")
	n := copy(t.b[t.n:], digits[i:])
	t.n += n
}

// function is a function's name as the runtime prints it: without the shapes of
// type parameters.
func (t *gaspText) function(name string) {
	if name == "runtime.gopanic" {
		name = "panic"
	}
	a, b, c := funcNamePiecesForPrint(name)
	t.str(a)
	t.str(b)
	t.str(c)
}

// end hands the line to the board.
func (t *gaspText) end() {
	if t.n == len(t.b) {
		t.n--
	}
	t.char('\n')
	t.part()
}

// part hands on what there is, which may not be a whole line.
func (t *gaspText) part() {
	n := t.n
	t.n = 0
	if c := gaspThis(); c.aside() && gaspDyingCPU != 0 && !c.dying() {
		c.stopHere() // that report is what counts now, and nothing else can stop this one
	}
	if t.skip > 0 {
		t.skip--
		return
	}
	goosWrite(unsafe.Pointer(&t.b), uintptr(n))
	t.written++
}
