package kernel

// WordKind is whom a word of the kernel command line is for.
type WordKind uint8

const (
	MachineWord     WordKind = iota // the machine
	EnvironmentWord                 // the program's environment
	ArgumentWord                    // the program's arguments
)

// A Word is one of a kernel command line: Key, or Key=Value if Assigns.
type Word struct {
	Key, Value string
	Assigns    bool
	Kind       WordKind
	Argument   bool // it stands behind the word --
}

// Words is the rest of a kernel command line, read as Linux does (lib/cmdline.c,
// next_arg): words lie between blanks outside double quotes, and quotes around a
// word or a value go away.
type Words struct {
	Line      string
	arguments bool // the word -- was read: all behind it are arguments
}

// Next reads the next word, and returns what is left; ok is false if there is
// none. It stores no pointer, so that it may run anywhere.
//
//go:nosplit
func (w Words) Next() (word Word, rest Words, ok bool) {
	for {
		word, w.Line, ok = nextWord(w.Line)
		if !ok {
			return word, w, false
		}
		if w.arguments || word.Assigns || word.Key != "--" {
			word.Argument = w.arguments
			word.Kind = kindOf(word)
			return word, w, true
		}
		w.arguments = true
	}
}

//go:nosplit
func nextWord(s string) (word Word, rest string, ok bool) {
	for len(s) > 0 && isBlank(s[0]) {
		s = s[1:]
	}
	if len(s) == 0 {
		return word, "", false
	}
	quoted := s[0] == '"'
	if quoted {
		s = s[1:]
	}
	inQuote, equals, end := quoted, 0, 0
	for ; end < len(s) && (inQuote || !isBlank(s[end])); end++ {
		if s[end] == '=' && equals == 0 {
			equals = end
		}
		if s[end] == '"' {
			inQuote = !inQuote
		}
	}
	s, rest = s[:end], s[end:]
	if quoted {
		s = withoutQuote(s)
	}
	if equals == 0 || equals >= len(s) {
		return Word{Key: s}, rest, true
	}
	word = Word{Key: s[:equals], Value: s[equals+1:], Assigns: true}
	if len(word.Value) > 0 && word.Value[0] == '"' {
		word.Value = withoutQuote(word.Value[1:])
	}
	return word, rest, true
}

// withoutQuote takes one off the end.
//
//go:nosplit
func withoutQuote(s string) string {
	if len(s) > 0 && s[len(s)-1] == '"' {
		s = s[:len(s)-1]
	}
	return s
}

//go:nosplit
func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// kindOf follows Linux (init/main.c, unknown_bootoption): what the machine does
// not know is the program's, but for words with a dot, which are meant for parts
// of the machine, there or not.
//
//go:nosplit
func kindOf(word Word) WordKind {
	if word.Argument {
		return ArgumentWord
	}
	switch word.Key {
	case "netconsole", "loglevel", "panic", "console", "hostname", "maxcpus", "nosmp", "mem", "reboot":
		return MachineWord
	}
	for i := 0; i < len(word.Key); i++ {
		if word.Key[i] == '.' {
			return MachineWord
		}
	}
	if word.Assigns {
		return EnvironmentWord
	}
	return ArgumentWord
}
