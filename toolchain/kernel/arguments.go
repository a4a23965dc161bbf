package kernel

import "unsafe"

const (
	// MaxLine is how long a command line may be, in bytes.
	MaxLine = 4095

	maxWords = MaxLine/2 + 1 + 4
	auxWords = 6 // AT_PAGESZ and AT_HWCAP with their values, AT_NULL twice
)

// The environment that is there without the command line: Linux's for init, and
// what makes a report whole.
const (
	defaultHome      = "HOME=/"
	defaultTraceback = "GOTRACEBACK=all"
	programName      = "gasp"
)

// Arguments is what a program finds on its stack at its start (System V ABI, AMD64
// supplement, 3.4.1; other architectures have it the same): the addresses of its arguments and of its environment, and
// the auxiliary vector, ready for the runtime.
type Arguments struct {
	Count  uint64
	Vector [maxWords + auxWords + 3]uintptr
	used   int
	text   [2 * (MaxLine + 1)]byte
	filled int
}

// Fill makes a of a command line, of which at most MaxLine bytes count, and of what
// the CPU can do, in Linux's words (AT_HWCAP). It runs before there is a stack that
// can grow.
//
//go:nosplit
func (a *Arguments) Fill(line string, hwcap uintptr) {
	const atNull, atPagesz, atHWCap, pageSize = 0, 6, 16, 4096
	if len(line) > MaxLine {
		line = line[:MaxLine]
	}
	a.add(programName, "", false)
	a.addAll(line, ArgumentWord)
	a.Count = uint64(a.used)
	a.end()
	start := a.used
	a.add(defaultHome[:4], defaultHome[5:], true)
	a.add(defaultTraceback[:11], defaultTraceback[12:], true)
	a.addAll(line, EnvironmentWord)
	a.dropReplaced(start)
	a.end()
	aux := a.used
	a.Vector[aux], a.Vector[aux+1] = atPagesz, pageSize
	a.Vector[aux+2], a.Vector[aux+3] = atHWCap, hwcap
	a.Vector[aux+4], a.Vector[aux+5] = atNull, 0
}

//go:nosplit
func (a *Arguments) addAll(line string, kind WordKind) {
	for w, rest, ok := (Words{Line: line}).Next(); ok; w, rest, ok = rest.Next() {
		if w.Kind == kind {
			a.add(w.Key, w.Value, w.Assigns)
		}
	}
}

// add appends key or key=value, if there is room.
//
//go:nosplit
func (a *Arguments) add(key, value string, assigns bool) {
	if a.used >= maxWords || a.filled+len(key)+len(value)+2 > len(a.text) {
		return
	}
	a.Vector[a.used] = uintptr(unsafe.Pointer(&a.text[a.filled]))
	a.used++
	a.put(key)
	if assigns {
		a.text[a.filled] = '='
		a.filled++
		a.put(value)
	}
	a.text[a.filled] = 0
	a.filled++
}

//go:nosplit
func (a *Arguments) put(s string) {
	for i := 0; i < len(s); i++ {
		a.text[a.filled] = s[i]
		a.filled++
	}
}

//go:nosplit
func (a *Arguments) end() {
	a.Vector[a.used] = 0
	a.used++
}

// dropReplaced keeps the last of the variables with the same name.
//
//go:nosplit
func (a *Arguments) dropReplaced(start int) {
	kept := start
	for i := start; i < a.used; i++ {
		last := true
		for j := i + 1; j < a.used && last; j++ {
			last = !a.sameName(a.Vector[i], a.Vector[j])
		}
		if last {
			a.Vector[kept] = a.Vector[i]
			kept++
		}
	}
	a.used = kept
}

//go:nosplit
func (a *Arguments) sameName(p, q uintptr) bool {
	base := uintptr(unsafe.Pointer(&a.text))
	for i, j := p-base, q-base; i < uintptr(len(a.text)) && j < uintptr(len(a.text)); i, j = i+1, j+1 {
		if a.text[i] != a.text[j] {
			return false
		}
		if a.text[i] == '=' {
			return true
		}
	}
	return false
}

// Value is the value of an environment variable, nil if there is none.
func (a *Arguments) Value(name string) []byte {
	base := uintptr(unsafe.Pointer(&a.text))
	for i := a.Count + 1; i < uint64(len(a.Vector)) && a.Vector[i] != 0; i++ {
		from := a.Vector[i] - base
		if from > uintptr(len(a.text)) {
			return nil
		}
		v := a.text[from:]
		if len(v) <= len(name) || string(v[:len(name)]) != name || v[len(name)] != '=' {
			continue
		}
		v = v[len(name)+1:]
		for n := range v {
			if v[n] == 0 {
				return v[:n]
			}
		}
	}
	return nil
}
