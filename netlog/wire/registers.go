package wire

// MaxRegisters is how many registers a RegisterBlock holds.
const MaxRegisters = 32

// longestName is how many bytes of a register's name a RegisterBlock takes.
const longestName = 16

const valueDigits = 16

// A RegisterBlock is the registers' lines of a headline, laid out before the crash, so that only digits
// are left to be written then.
type RegisterBlock struct {
	text         [MaxRegisters * (1 + longestName + len("=0x") + valueDigits)]byte
	ends         [MaxRegisters]int // of each register within text
	named, count int
}

// Name lays out registers of these names; at most MaxRegisters count, and 16 bytes of each name.
func (b *RegisterBlock) Name(names []string) {
	text := b.text[:0]
	b.named = min(len(names), MaxRegisters)
	for i, name := range names[:b.named] {
		r := Register{Name: name[:min(len(name), longestName)]}
		text = appendRegister(append(text, separator(i)), &r)
		b.ends[i] = len(text)
	}
	b.count = 0
}

// Set writes the values, in the order of the names. Registers without a value are left out.
func (b *RegisterBlock) Set(values []uint64) {
	b.count = min(len(values), b.named, MaxRegisters)
	b.put(values[:b.count])
}

// appendTo appends the lines of all registers that have a value, each behind a newline.
func (b *RegisterBlock) appendTo(dst []byte, newline []byte) []byte {
	start := 0
	for i := 0; i < b.count; i += perLine {
		end := b.ends[min(i+perLine, b.count)-1]
		dst = append(append(dst, newline...), b.text[start+1:end]...)
		start = end
	}
	return dst
}

// size is the length of these lines, with a newline of one byte each.
func (b *RegisterBlock) size() int {
	if b.count == 0 {
		return 0
	}
	return b.ends[b.count-1]
}

// register is the i'th register behind its separator.
func (b *RegisterBlock) register(i int) []byte {
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	return b.text[start:b.ends[i]]
}

// separator stands before the i'th register.
func separator(i int) byte {
	if i%perLine == 0 {
		return '\n'
	}
	return ' '
}
