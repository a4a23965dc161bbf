package wire

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// ReportPrefix begins every line of a crash report's records other than headline and end, in both
// formats, so that a reader tells them from ordinary records in between.
const ReportPrefix = "gasp| "

// HeadlineMax is the size in bytes that senders give AppendHeadline.
const HeadlineMax = 900

// Register is a CPU register as it was at the fault.
type Register struct {
	Name  string
	Value uint64
}

// Headline is the first record of a crash report. By itself it tells what happened.
type Headline struct {
	// Form is what the report is about.
	Form Form
	// Boot is the boot's random number as 16 hexadecimal digits.
	Boot [16]byte
	// Cause is what the runtime or the exception handler said; it may hold newlines.
	Cause []byte
	// PC is the faulting instruction's address, if HasPC.
	PC    uint64
	HasPC bool
	// Exception is the exception's short name, such as #PF, DABT or NMI, empty if it was none. Eight bytes
	// count.
	Exception string
	// Func is the function at PC as name+0xoffset, empty if unknown.
	Func string
	// Addr is the address that faulted, if HasAddr.
	Addr    uint64
	HasAddr bool
	// Build is the image's build id in hexadecimal, empty if unknown.
	Build string
	// Uptime is microseconds since boot.
	Uptime uint64
	// Last is the number of the last ordinary record before the crash, if HasLast.
	Last    uint64
	HasLast bool
	// Unsent counts the ordinary records that had not been sent at the crash.
	Unsent uint64
	// Registers are in the order in which they are shown.
	Registers []Register
	// Block, if not nil, is the registers that AppendHeadline writes in place of Registers, and the build
	// id in place of an empty Build.
	Block *Block
	// Shown is how many registers the text has, once it was written or parsed: those behind them had no room.
	Shown int
}

// CauseOffset is where a headline's cause begins, in bytes.
func (h *Headline) CauseOffset() int {
	return len(h.Form.begin()) + len(h.Boot) + len(": ")
}

const (
	detailsStart = "gasp: at "
	perLine      = 4
	leastCause   = 48
)

// AppendMessage appends the headline as the basic or the extended format carries it: r encoded, with
// what AppendHeadline makes of size bytes as its text, which must be empty. It is for headlines that fit
// as they are, most of all quickly; others are left to AppendHeadline, and ok is false.
func (h *Headline) AppendMessage(dst []byte, r *Record, extended bool, size int) (message []byte, ok bool) {
	cause := trimNewlines(h.Cause)
	newlines, escaped := escapes(cause)
	if escaped > 0 || !h.fits(cause, newlines, escaped, size) || cap(dst)-len(dst) < MaxDatagram {
		return dst, false
	}
	newline := []byte(escapedNewline)
	if extended {
		dst = appendHeader(dst, r)
	} else {
		var room [MaxHeader]byte
		newline = appendTime(append(room[:0], '\n'), r.Time)
		dst = append(dst, newline[1:]...)
	}
	return append(h.appendWhole(dst, cause, newline, newlines), '\n'), true
}

// escapes counts newlines and other bytes that the extended format escapes.
func escapes(text []byte) (newlines, others int) {
	for {
		n := plainPrefix(text)
		if n == len(text) {
			return newlines, others
		}
		if text[n] == '\n' {
			newlines++
		} else {
			others++
		}
		text = text[n+1:]
	}
}

// fits says whether nothing has to be left out of the headline, erring on the side of leaving out. It
// counts once and not register by register.
func (h *Headline) fits(cause []byte, newlines, escaped, size int) bool {
	if h.Block == nil && len(h.Registers) > 0 {
		return false
	}
	left := newRoom(size, h.Uptime)
	most := h.CauseOffset() + len(cause) + mostDetails + decimals(h.Uptime) + decimals(h.Last) + decimals(h.Unsent) + min(len(h.Func), longestWord) + min(len(h.Build), longestWord)
	newlines++
	if b := h.Block; b != nil {
		lines, size := b.size()
		most += size + max(b.builds-len(" build= uptime="), 0)
		newlines += lines
	}
	return left.take(most, newlines, escaped)
}

// appendWhole appends a headline that fits, with something else for its newlines.
func (h *Headline) appendWhole(dst, cause, newline []byte, newlines int) []byte {
	dst = append(dst, h.Form.begin()...)
	dst = append(dst, h.Boot[:]...)
	dst = append(dst, ": "...)
	for ; newlines > 0; newlines-- {
		i := bytes.IndexByte(cause, '\n')
		dst = append(append(dst, cause[:i]...), newline...)
		cause = cause[i+1:]
	}
	dst = append(append(dst, cause...), newline...)
	dst = h.appendDetails(dst)
	if h.Block != nil {
		dst = h.Block.appendTo(dst, newline)
	}
	h.Shown = h.registers()
	return dst
}

// decimals is how many decimal digits v has, or one more.
func decimals(v uint64) int { return bits.Len64(v)*1233>>12 + 1 }

var newline = []byte{'\n'}

// AppendHeadline appends the headline's text: the cause behind "gasp: crash <boot>: " (or what Form
// says), a line "gasp: at " with what is known as key=value, the exception first, and the registers,
// four a line. The text is at most size bytes and as a record also fits one datagram in either format.
// For that the cause is cut, to 48 bytes of its first line at worst; only then are registers left out,
// the last ones first. Beside a function name of 40 bytes 20 of them fit. dst needs size bytes of room,
// and size to be at least 512.
func AppendHeadline(dst []byte, h *Headline, size int) []byte {
	cause := trimNewlines(h.Cause)
	if newlines, escaped := escapes(cause); h.fits(cause, newlines, escaped, size) {
		return h.appendWhole(dst, cause, newline, newlines)
	}
	start := len(dst)
	dst = append(dst, h.Form.begin()...)
	dst = append(dst, h.Boot[:]...)
	dst = append(dst, ": "...)
	// What stands behind the cause comes first, because the cause gets what is left.
	var behind [MaxDatagram + longestRegister]byte
	details := h.appendDetails(append(behind[:0], '\n'))
	left := newRoom(size, h.Uptime)
	left.take(len(dst)-start+len(details), 1, 0)
	firstLine, _, _ := bytes.Cut(cause, []byte{'\n'})
	reserved := left.reserve(firstLine[:min(len(firstLine), leastCause)])
	h.Shown = 0
	for i := range h.registers() {
		before, newlines := len(details), 0
		if i%perLine == 0 {
			newlines = 1
		}
		details = h.appendRegister(details, i)
		if !left.take(len(details)-before, newlines, 0) {
			details = details[:before]
			break
		}
		h.Shown++
	}
	left.giveBack(reserved)
	dst = left.appendCut(dst, cause)
	return append(dst, details...)
}

// registers counts those to be written.
func (h *Headline) registers() int {
	if h.Block != nil {
		return h.Block.count
	}
	return len(h.Registers)
}

func (h *Headline) appendRegister(dst []byte, i int) []byte {
	if h.Block != nil {
		return h.Block.appendRegister(dst, i)
	}
	return appendRegister(append(dst, separator(i)), &h.Registers[i])
}

func trimNewlines(b []byte) []byte {
	for len(b) > 0 && b[0] == '\n' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] == '\n' {
		b = b[:len(b)-1]
	}
	return b
}

// ParseHeadline reads the text of a record that AppendHeadline made, or one cut short behind its
// first line. It copies what it returns.
func ParseHeadline(text []byte) (h Headline, ok bool) {
	form, rest, ok := cutForm(text, false)
	h.Form = form
	if ok {
		rest, ok = cutBoot(rest, &h.Boot)
	}
	if !ok {
		return h, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(": ")); !ok {
		return h, false
	}
	// A cause may itself hold a line that looks like the details: the last one counts.
	i := bytes.LastIndex(rest, []byte("\n"+detailsStart))
	if i < 0 {
		h.Cause = bytes.Clone(rest)
		return h, true
	}
	h.Cause = bytes.Clone(rest[:i])
	details, registers, _ := bytes.Cut(rest[i+1+len(detailsStart):], []byte("\n"))
	h.parseDetails(details)
	for _, field := range bytes.Fields(registers) {
		name, value, _ := bytes.Cut(field, []byte("="))
		if v, ok := parseHex(value); ok && len(name) > 0 {
			h.Registers = append(h.Registers, Register{string(name), v})
		}
	}
	h.Shown = len(h.Registers)
	return h, true
}

func (h *Headline) appendDetails(dst []byte) []byte {
	dst = append(dst, "gasp: at"...)
	if h.Exception != "" {
		dst = append(dst, " exception="...)
		dst = appendWord(dst, h.Exception, longestException)
	}
	if h.HasPC {
		dst = appendHex(append(dst, " pc=0x"...), h.PC)
	}
	if h.Func != "" {
		dst = appendWord(append(dst, " func="...), h.Func, longestWord)
	}
	if h.HasAddr {
		dst = appendHex(append(dst, " addr=0x"...), h.Addr)
	}
	if h.Build == "" && h.Block != nil && h.Block.builds > 0 {
		dst = append(dst, h.Block.build[:h.Block.builds]...)
	} else {
		dst = h.appendBuild(dst)
	}
	dst = appendDecimal(dst, h.Uptime/usecPerSecond)
	dst = append(appendFraction(dst, uint32(h.Uptime%usecPerSecond)), " last="...)
	if h.HasLast {
		dst = appendDecimal(dst, h.Last)
	} else {
		dst = append(dst, '-')
	}
	return appendDecimal(append(dst, " unsent="...), h.Unsent)
}

func (h *Headline) appendBuild(dst []byte) []byte {
	if h.Build != "" {
		dst = appendWord(append(dst, " build="...), h.Build, longestWord)
	}
	return append(dst, " uptime="...)
}

func (h *Headline) parseDetails(line []byte) {
	for _, field := range bytes.Fields(line) {
		key, value, _ := bytes.Cut(field, []byte("="))
		switch string(key) {
		case "exception":
			h.Exception = string(value)
		case "pc":
			h.PC, h.HasPC = parseHex(value)
		case "func":
			h.Func = string(value)
		case "addr":
			h.Addr, h.HasAddr = parseHex(value)
		case "build":
			h.Build = string(value)
		case "uptime":
			seconds, n := cutUint(value)
			if n > 0 && n < len(value) && seconds < ^uint64(0)/usecPerSecond {
				fraction, _ := parseUint(value[n+1:])
				h.Uptime = seconds*usecPerSecond + fraction%usecPerSecond
			}
		case "last":
			h.Last, h.HasLast = parseUint(value)
		case "unsent":
			h.Unsent, _ = parseUint(value)
		}
	}
}

func appendRegister(dst []byte, r *Register) []byte {
	return appendHex16(append(appendWord(dst, r.Name, longestWord), '='), r.Value)
}

// Bounds in bytes of what stands behind the cause: of a register with its separator, of a function
// name, a build id or a register's name, of an exception's name.
const (
	longestRegister  = 1 + longestWord + len("=0x0123456789abcdef")
	longestWord      = 96
	longestException = 8
	// mostDetails is all of appendDetails but its words and its decimal numbers, and what appendDigits
	// needs behind those.
	mostDetails = len("\ngasp: at exception=") + longestException + len(" pc=0x0123456789abcdef func= addr=0x0123456789abcdef build=") +
		len(" uptime=0000000. last= unsent=") + 7
)

// appendWord appends at most limit bytes of s as one word: what would split a line of key=value
// becomes a question mark. Eight plain bytes are appended at a time.
func appendWord(dst []byte, s string, limit int) []byte {
	word := unsafe.Slice(unsafe.StringData(s), min(len(s), limit))
	n := 0
	for ; n <= len(word)-8; n += 8 {
		w := binary.LittleEndian.Uint64(word[n : n+8])
		if suspects(w, '!')&highBits != 0 {
			break
		}
		dst = binary.LittleEndian.AppendUint64(dst, w)
	}
	if rest := len(word) - n; n > 0 && rest < 8 {
		// The last eight, of which some are there already.
		if w := binary.LittleEndian.Uint64(word[len(word)-8:]); suspects(w, '!')&highBits == 0 {
			return binary.LittleEndian.AppendUint64(dst[:len(dst)-8+rest], w)
		}
	}
	for _, c := range word[n:] {
		if !isPlain(c, '!') {
			c = '?'
		}
		dst = append(dst, c)
	}
	return dst
}

// cutBoot reads sixteen hexadecimal digits.
func cutBoot(text []byte, boot *[16]byte) (rest []byte, ok bool) {
	if len(text) < len(boot) {
		return nil, false
	}
	digits := text[:len(boot)]
	for _, c := range digits {
		if hexValue(c) < 0 {
			return nil, false
		}
	}
	copy(boot[:], digits)
	return text[len(boot):], true
}
