// Package bootparam reads the kernel command line: words and key=value pairs as
// Linux splits them (lib/cmdline.c, next_arg).
package bootparam

import (
	"math"
	"strings"
)

// Line is a command line, split into words.
type Line []string

// Split cuts s at blanks outside double quotes. The quotes themselves go away.
func Split(s string) Line {
	var words Line
	var word strings.Builder
	quoted, any := false, false
	end := func() {
		if any {
			words = append(words, word.String())
		}
		word.Reset()
		any = false
	}
	for _, c := range []byte(s) {
		switch {
		case c == '"':
			quoted = !quoted
			any = true
		case !quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			end()
		default:
			word.WriteByte(c)
			any = true
		}
	}
	end()
	return words
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
