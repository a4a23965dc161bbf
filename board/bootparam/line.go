// Package bootparam reads the kernel command line: words and key=value pairs as
// Linux splits them (lib/cmdline.c, next_arg).
package bootparam

import (
	"math"
	"strings"

	"gasp/toolchain/kernel"
)

// Line is a command line, split into words: those before the word --.
type Line []string

// Split splits s into words. What comes behind -- is the program's alone.
func Split(s string) Line {
	var words Line
	for w, rest, ok := (kernel.Words{Line: s}).Next(); ok && !w.Argument; w, rest, ok = rest.Next() {
		words = append(words, join(w))
	}
	return words
}

// Program is what the program gets of s: its arguments without its own name, and
// what is added to its environment.
func Program(s string) (args, env []string) {
	for w, rest, ok := (kernel.Words{Line: s}).Next(); ok; w, rest, ok = rest.Next() {
		switch w.Kind {
		case kernel.ArgumentWord:
			args = append(args, join(w))
		case kernel.EnvironmentWord:
			env = append(env, join(w))
		}
	}
	return args, env
}

func join(w kernel.Word) string {
	if w.Assigns {
		return w.Key + "=" + w.Value
	}
	return w.Key
}

// Get returns the value of key=value, of the last one if there are several, and
// whether there is one. A key without = has the value "". As in Linux, - and _
// in a key are the same.
func (l Line) Get(key string) (value string, ok bool) {
	for _, w := range l {
		k, v, _ := strings.Cut(w, "=")
		if dashes(k) == dashes(key) {
			value, ok = v, true
		}
	}
	return value, ok
}

// All returns the values of every key=value with this key, in order.
func (l Line) All(key string) (values []string) {
	for _, w := range l {
		if k, v, _ := strings.Cut(w, "="); dashes(k) == dashes(key) {
			values = append(values, v)
		}
	}
	return values
}

func dashes(s string) string { return strings.ReplaceAll(s, "-", "_") }

// MaxCPUs is how many processors may be used: maxcpus=n, 0 being 1, or nosmp
// (Linux Documentation/admin-guide/kernel-parameters.txt). A number that is none
// is no limit.
func (l Line) MaxCPUs() int {
	n := math.MaxInt
	if _, ok := l.Get("nosmp"); ok {
		n = 1
	}
	if v, ok := l.Get("maxcpus"); ok {
		if i, valid := number(v); valid {
			n = min(n, max(i, 1))
		}
	}
	return n
}

// number reads digits. It runs before any package is initialized.
func number(s string) (n int, ok bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' || n > 1<<20 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, s != ""
}
