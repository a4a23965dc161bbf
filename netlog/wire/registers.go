package wire

import (
	"bytes"
	"encoding/binary"
	"unsafe"
)

// MaxRegisters is how many registers a Block holds.
const MaxRegisters = 32

const (
	// longestName is how many bytes of a register's name a Block takes.
	longestName = 16
	// basicNewline is a newline and the basic format's prefix, of less than five digits of seconds.
	basicNewline = len("\n[12345.123456] ")
)

// escapedNewline is a newline in the extended format.
const escapedNewline = `\x0a`

// A Block is what a headline shows and is known before the crash: the image, and the registers' lines.
// It is laid out as one of the formats has it, so that only digits are left to be written at the crash.
type Block struct {
	text  [MaxRegisters * (basicNewline + longestName + len("=0x") + valueDigits)]byte
	ends  [MaxRegisters]int           // of each register within text
	lines [MaxRegisters / perLine]int // where each begins
	count int                         // of registers that have a value

	names   [MaxRegisters][longestName]byte // to the first NUL
	named   int
	newline int // size of a newline in text
	build   [len(" build=") + longestWord + len(" uptime=")]byte
	builds  int
}

// Name lays out registers of these names; at most MaxRegisters count, and 16 bytes of each name.
func (b *Block) Name(names []string) {
	b.named = min(len(names), MaxRegisters)
	for i, name := range names[:b.named] {
		b.names[i] = [longestName]byte{}
		copy(b.names[i][:], name)
	}
	b.layOut()
}

// Format lays the block out for messages of one of the formats. It suits any, but its own is faster.
func (b *Block) Format(extended bool) {
	b.newline = basicNewline
	if extended {
		b.newline = len(escapedNewline)
	}
	b.layOut()
}

// Identify sets the image's build id in hexadecimal; a Headline's Build comes before it.
func (b *Block) Identify(build string) {
	h := Headline{Build: build}
	b.builds = len(h.appendBuild(b.build[:0]))
}

func (b *Block) layOut() {
	b.count = 0
	text := b.text[:0]
	for i := range b.names[:b.named] {
		if i%perLine == 0 {
			b.lines[i/perLine] = len(text)
			text = append(text, escapedNewline...)
			text = text[:len(text)-len(escapedNewline)+b.newline]
		} else {
			text = append(text, ' ')
		}
		name, _, _ := bytes.Cut(b.names[i][:], []byte{0})
		text = appendWord(text, unsafe.String(unsafe.SliceData(name), len(name)), longestName)
		text = appendValue(append(text, '='), 0)
		b.ends[i] = len(text)
	}
}

// Set writes the values, in the order of the names. Registers without a value are left out.
func (b *Block) Set(values []uint64) {
	b.count = min(len(values), b.named, MaxRegisters)
	b.put(values[:b.count])
}

// size is the number of lines that appendTo appends, and their length with a newline of one byte each.
func (b *Block) size() (lines, length int) {
	if b.count == 0 {
		return 0, 0
	}
	lines = (b.count + perLine - 1) / perLine
	return lines, b.ends[b.count-1] - lines*(b.newline-1)
}

// appendTo appends the lines of all registers that have a value, each behind a newline.
func (b *Block) appendTo(dst, newline []byte) []byte {
	if b.count == 0 {
		return dst
	}
	lines := b.lines[:(b.count-1)/perLine+1]
	text := b.text[:b.ends[b.count-1]]
	switch {
	case len(newline) != b.newline:
		for i, start := range lines {
			end := len(text)
			if i+1 < len(lines) {
				end = lines[i+1]
			}
			dst = append(append(dst, newline...), text[start+b.newline:end]...)
		}
		return dst
	case b.newline == basicNewline:
		first, second := binary.LittleEndian.Uint64(newline), binary.LittleEndian.Uint64(newline[8:])
		for _, start := range lines {
			line := b.text[start : start+basicNewline]
			binary.LittleEndian.PutUint64(line, first)
			binary.LittleEndian.PutUint64(line[8:], second)
		}
	}
	return append(dst, text...)
}

// appendRegister appends the i'th register behind its separator.
func (b *Block) appendRegister(dst []byte, i int) []byte {
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	if i%perLine == 0 {
		dst = append(dst, '\n')
		start += b.newline
	}
	return append(dst, b.text[start:b.ends[i]]...)
}

// separator stands before the i'th register.
func separator(i int) byte {
	if i%perLine == 0 {
		return '\n'
	}
	return ' '
}

// Count is how many registers have a value.
func (b *Block) Count() int { return b.count }

// AppendLine appends a line's worth of registers from the first one on, and returns the number of the next one. dst needs
// room for 160 bytes.
func (b *Block) AppendLine(dst []byte, first int) (line []byte, next int) {
	end := min(first+perLine, b.count)
	for i := first; i < end; i++ {
		start := 0
		if i > 0 {
			start = b.ends[i-1]
		}
		if i%perLine == 0 {
			start += b.newline
		} else {
			start++ // the blank
		}
		if i > first {
			dst = append(dst, ' ')
		}
		dst = append(dst, b.text[start:b.ends[i]]...)
	}
	return dst, end
}
