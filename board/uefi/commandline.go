package uefi

import "encoding/binary"

// A file of the command line may hold lines that are no part of it.
const comment = '#'

// What editors put in front of a text: of UTF-8, and of little-endian UTF-16, which is what the UEFI Shell writes (EDK II, gUnicodeFileTag), and
// Windows PowerShell.
const (
	byteOrderMark = "\xef\xbb\xbf"
	wideMark      = "\xff\xfe"
)

// SetLoadOptions makes the load options of the image (9.1) the command line: UCS-2, up to a
// NUL or their end. It returns false, and there is none, if they are empty or are no ASCII
// text: firmware puts other things there as well (EDK II: a GUID). The name of the image,
// which the UEFI Shell puts in front, is left out.
func (h *HandOver) SetLoadOptions(options []byte) bool {
	h.CommandLineSize = 0
	for b := optionalData(options); len(b) >= 2; b = b[2:] {
		c := binary.LittleEndian.Uint16(b)
		if c == 0 {
			break
		}
		if c != '\t' && (c < ' ' || c > '~') {
			h.CommandLineSize = 0
			return false
		}
		h.add(byte(c))
	}
	h.leaveOutImage()
	return h.CommandLineSize > 0
}

// EFI_LOAD_OPTION (3.1.3): what is where in it, the attributes that one of a program may have (LOAD_OPTION_ACTIVE, _FORCE_RECONNECT,
// _HIDDEN, _CATEGORY), and the last node of its device path (10.3.1).
const (
	optionPathSize    = 4
	optionDescription = 6
	optionAttributes  = 0x1f0b

	nodeSize  = 4
	endNode   = 0x7f
	endEntire = 0xff
)

// optionalData is what a boot entry has for the image. Some firmware gives the image the whole entry (Linux
// drivers/firmware/efi/libstub/efi-stub-helper.c, efi_apply_loadoptions_quirk: Dell's). What is none is returned as it is.
func optionalData(options []byte) []byte {
	le := binary.LittleEndian
	if len(options) < optionDescription || le.Uint32(options)&^optionAttributes != 0 {
		return options
	}
	rest := options[optionDescription:]
	for c := uint16(1); c != 0; rest = rest[2:] {
		if len(rest) < 2 {
			return options
		}
		c = le.Uint16(rest)
	}
	size := int(le.Uint16(options[optionPathSize:]))
	if size > len(rest) {
		return options
	}
	ended := false
	for path := rest[:size]; len(path) > 0; {
		if len(path) < nodeSize {
			return options
		}
		n := int(le.Uint16(path[2:]))
		if n < nodeSize || n > len(path) {
			return options
		}
		ended = path[0] == endNode && path[1] == endEntire
		path = path[n:]
	}
	if !ended {
		return options
	}
	return rest[size:]
}

// leaveOutImage takes a first word that ends in ".efi" off the command line, and the
// spaces around it.
func (h *HandOver) leaveOutImage() {
	line := h.CommandLine[:h.CommandLineSize]
	i := spaces(line)
	end := i
	for end < len(line) && line[end] != ' ' && line[end] != '\t' {
		end++
	}
	if namesImage(line[i:end]) {
		i = end + spaces(line[end:])
	}
	h.CommandLineSize = uint32(copy(line, line[i:]))
}

// namesImage tells whether a word ends in ".efi", in whatever case.
func namesImage(word []byte) bool {
	const suffix = ".efi"
	if len(word) < len(suffix) {
		return false
	}
	for i, c := range word[len(word)-len(suffix):] {
		if c|0x20 != suffix[i]|0x20 {
			return false
		}
	}
	return true
}

func spaces(line []byte) (n int) {
	for n < len(line) && (line[n] == ' ' || line[n] == '\t') {
		n++
	}
	return n
}

// SetFile makes the contents of a file the command line: its lines, put together with
// spaces, but for those that begin with '#'. It returns false, and there is none, if that
// is nothing. Text of UTF-16 is changed: what is not ASCII becomes '?'.
func (h *HandOver) SetFile(text []byte) bool {
	h.CommandLineSize = 0
	if len(text) >= len(wideMark) && string(text[:len(wideMark)]) == wideMark {
		text = narrow(text[len(wideMark):])
	}
	if len(text) >= len(byteOrderMark) && string(text[:len(byteOrderMark)]) == byteOrderMark {
		text = text[len(byteOrderMark):]
	}
	starts, skips := true, false
	for _, c := range text {
		if c == '\n' || c == '\r' {
			starts = true
			continue
		}
		if starts {
			if skips = c == comment; !skips && h.CommandLineSize > 0 {
				h.add(' ')
			}
			starts = false
		}
		if !skips {
			h.add(max(c, ' '))
		}
	}
	return h.CommandLineSize > 0
}

// narrow makes ASCII of UTF-16, in its place.
func narrow(text []byte) []byte {
	n := len(text) / 2
	for i := range n {
		c := binary.LittleEndian.Uint16(text[2*i:])
		if c > '~' {
			c = '?'
		}
		text[i] = byte(c)
	}
	return text[:n]
}

// add appends a byte. What does not fit is left out: the board says that a line of the
// most bytes was cut.
func (h *HandOver) add(c byte) {
	if h.CommandLineSize < MaxCommandLine-1 {
		h.CommandLine[h.CommandLineSize] = c
		h.CommandLineSize++
	}
}
