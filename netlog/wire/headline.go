package wire

import (
	"bytes"
	"strconv"
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
	// Boot is the boot's random number as 16 hexadecimal digits.
	Boot [16]byte
	// Cause is what the runtime or the exception handler said; it may hold newlines.
	Cause []byte
	// PC is the faulting instruction's address, if HasPC.
	PC    uint64
	HasPC bool
	// Exception is the exception's short name, such as #PF or NMI, empty if it was none. Eight bytes
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
}

// CauseOffset is where a headline's cause begins, in bytes.
const CauseOffset = len(headlineStart) + len(Headline{}.Boot) + len(": ")

const (
	headlineStart = "gasp: crash "
	detailsStart  = "gasp: at "
	perLine       = 4
	leastCause    = 48
)

// AppendHeadline appends the headline's text: the cause behind "gasp: crash <boot>: ", a line
// "gasp: at " with what is known as key=value, the exception first, and the registers, four a line. The text is at most
// size bytes and as a record also fits one datagram in either format. For that the cause is cut, to
// 48 bytes of its first line at worst; only then are registers left out, the last ones first. Beside
// a function name of 40 bytes 20 of them fit. dst needs size bytes of room, and size to be at least
// 512.
func AppendHeadline(dst []byte, h *Headline, size int) []byte {
	start := len(dst)
	dst = append(dst, headlineStart...)
	dst = append(dst, h.Boot[:]...)
	dst = append(dst, ": "...)
	// What stands behind the cause comes first, because the cause gets what is left.
	var behind [MaxDatagram + longestRegister]byte
	tail := h.appendDetails(append(behind[:0], '\n'))
	left := newRoom(size, h.Uptime)
	left.take(len(dst)-start+len(tail), 1, 0)
	cause := bytes.Trim(h.Cause, "\n")
	firstLine, _, _ := bytes.Cut(cause, []byte{'\n'})
	reserved := left.reserve(firstLine[:min(len(firstLine), leastCause)])
	for i := range h.Registers {
		before, separator, newlines := len(tail), byte(' '), 0
		if i%perLine == 0 {
			separator, newlines = '\n', 1
		}
		tail = appendRegister(append(tail, separator), &h.Registers[i])
		if !left.take(len(tail)-before, newlines, 0) {
			tail = tail[:before]
			break
		}
	}
	left.giveBack(reserved)
	dst = left.appendCut(dst, cause)
	return append(dst, tail...)
}

// ParseHeadline reads the text of a record that AppendHeadline made, or one cut short behind its
// first line. It copies what it returns.
func ParseHeadline(text []byte) (h Headline, ok bool) {
	rest, ok := cutBoot(text, headlineStart, &h.Boot)
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
	return h, true
}

func (h *Headline) appendDetails(dst []byte) []byte {
	dst = append(dst, detailsStart...)
	if h.Exception != "" {
		dst = append(dst, "exception="...)
		dst = append(appendWord(dst, h.Exception, longestException), ' ')
	}
	if h.HasPC {
		dst = append(dst, "pc="...)
		dst = append(appendHex(dst, h.PC), ' ')
	}
	if h.Func != "" {
		dst = append(dst, "func="...)
		dst = append(appendWord(dst, h.Func, longestWord), ' ')
	}
	if h.HasAddr {
		dst = append(dst, "addr="...)
		dst = append(appendHex(dst, h.Addr), ' ')
	}
	if h.Build != "" {
		dst = append(dst, "build="...)
		dst = append(appendWord(dst, h.Build, longestWord), ' ')
	}
	dst = append(dst, "uptime="...)
	dst = strconv.AppendUint(dst, h.Uptime/usecPerSecond, 10)
	dst = appendFraction(dst, uint32(h.Uptime%usecPerSecond))
	dst = append(dst, " last="...)
	if h.HasLast {
		dst = strconv.AppendUint(dst, h.Last, 10)
	} else {
		dst = append(dst, '-')
	}
	dst = append(dst, " unsent="...)
	return strconv.AppendUint(dst, h.Unsent, 10)
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
	// Names are short: calls would cost more than their bytes.
	for i := range min(len(r.Name), longestWord) {
		c := r.Name[i]
		if !isPlain(c, '!') {
			c = '?'
		}
		dst = append(dst, c)
	}
	dst = append(dst, '=')
	return appendHex16(dst, r.Value)
}

// Bounds in bytes of what stands behind the cause: of a register with its separator, of a function
// name, a build id or a register's name, of an exception's name.
const (
	longestRegister  = 1 + longestWord + len("=0x0123456789abcdef")
	longestWord      = 96
	longestException = 8
)

// appendWord appends at most limit bytes of s as one word: what would split a line of key=value
// becomes a question mark.
func appendWord(dst []byte, s string, limit int) []byte {
	start := len(dst)
	dst = append(dst, s[:min(len(s), limit)]...)
	for word := dst[start:]; ; {
		n := plainPrefix(word, '!')
		if n == len(word) {
			return dst
		}
		word[n] = '?'
		word = word[n+1:]
	}
}

// cutBoot reads start and sixteen hexadecimal digits behind it.
func cutBoot(text []byte, start string, boot *[16]byte) (rest []byte, ok bool) {
	if len(text) < len(start)+len(boot) || string(text[:len(start)]) != start {
		return nil, false
	}
	digits := text[len(start) : len(start)+len(boot)]
	for _, c := range digits {
		if hexValue(c) < 0 {
			return nil, false
		}
	}
	copy(boot[:], digits)
	return text[len(start)+len(boot):], true
}
