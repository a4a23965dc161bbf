package uefi

// A file of the command line may hold lines that are no part of it.
const comment = '#'

// byteOrderMark is what some editors put in front of UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// SetLoadOptions makes the load options of the image (9.1) the command line: UCS-2, up to a
// NUL or their end. It returns false, and there is none, if they are empty or are no ASCII
// text: firmware puts other things there as well (EDK II: a GUID). The name of the image,
// which the UEFI Shell puts in front, is left out.
func (h *HandOver) SetLoadOptions(options []uint16) bool {
	h.CommandLineSize = 0
	for _, c := range options {
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
// is nothing.
func (h *HandOver) SetFile(text []byte) bool {
	h.CommandLineSize = 0
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

// add appends a byte. What does not fit is left out: the board says that a line of the
// most bytes was cut.
func (h *HandOver) add(c byte) {
	if h.CommandLineSize < MaxCommandLine-1 {
		h.CommandLine[h.CommandLineSize] = c
		h.CommandLineSize++
	}
}
