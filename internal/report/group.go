package report

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// groupFrames is how many functions of a stack make two crashes equal.
const groupFrames = 5

// Group is what crashes are equal by: the class of the cause and the innermost functions of the stack it
// happened on that are the program's. It is the same for another build with other addresses and lines.
type Group struct {
	// ID is for programs and commands, 8 hexadecimal digits.
	ID string `json:"id"`
	// Class is the cause without what differs from one time to the next.
	Class string `json:"class"`
	// Functions are the innermost first.
	Functions []string `json:"functions,omitempty"`
}

// NewGroup returns the group of a crash with this cause and, if it is known, report. Function is the
// headline's, which counts if there is no stack.
func NewGroup(cause, function string, r *Report) Group {
	g := Group{Class: Class(cause)}
	// The first stack is the one it happened on, unless all of that is the runtime's, which worked for
	// the goroutine that comes next.
	for i := 0; r != nil && i < len(r.Stacks) && len(g.Functions) == 0; i++ {
		for _, f := range r.Stacks[i].Frames {
			if f.Function != "" && !f.ofRuntime() && len(g.Functions) < groupFrames {
				g.Functions = append(g.Functions, f.Function)
			}
		}
	}
	if name, _, _ := strings.Cut(function, "+0x"); len(g.Functions) == 0 && name != "" {
		g.Functions = []string{name}
	}
	key := g.Class
	for _, f := range g.Functions {
		key += "\n" + unnumbered(f)
	}
	sum := sha256.Sum256([]byte(key))
	g.ID = hex.EncodeToString(sum[:4])
	return g
}

// unnumbered is a function's name without the numbers that the compiler gives functions without one, in the
// order of the source: "main.init.func" for main.init.func9.1.
func unnumbered(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, ".") {
		digits := strings.TrimPrefix(part, "func")
		switch {
		case part != digits && strings.Trim(digits, "0123456789") == "":
			part = "func"
		case part != "" && strings.Trim(part, "0123456789") == "":
			continue
		}
		b.WriteString("." + part)
	}
	return b.String()
}

// ofRuntime says whether a frame is the Go runtime's and not the program's.
func (f *Frame) ofRuntime() bool {
	return f.Function == "panic" || strings.HasPrefix(f.Function, "runtime.") || strings.HasPrefix(f.Function, "runtime/") ||
		strings.HasPrefix(f.Function, "internal/runtime/") || strings.HasPrefix(f.File, "runtime/")
}

// Class is the first line of a cause with every number in it as N and every quoted text as "...".
func Class(cause string) string {
	cause, _, _ = strings.Cut(cause, "\n")
	cause = cause[:min(len(cause), maxText)]
	var b strings.Builder
	for i := 0; i < len(cause); {
		c := cause[i]
		switch {
		case c == '"' || c == '`':
			end := quoted(cause[i:])
			b.WriteString(`"..."`)
			i += end
		case digit(c) && (i == 0 || !letter(cause[i-1]) && !digit(cause[i-1])):
			for i < len(cause) && (digit(cause[i]) || letter(cause[i])) {
				i++
			}
			b.WriteByte('N')
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// quoted is how long the quoted text is that s begins with, all of s if the quote stays open.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] == '"':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return len(s)
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
