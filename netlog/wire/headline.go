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

const (
	headlineStart = "gasp: crash "
	detailsStart  = "gasp: at "
	perLine       = 4
	leastCause    = 48
)

// AppendHeadline appends the headline's text: the cause behind "gasp: crash <boot>: ", a line
// "gasp: at " with what is known as key=value, and the registers, four a line. The text is at most
// size bytes and as a record also fits one datagram in either format. For that the cause is cut, to
// 48 bytes of its first line at worst; only then are registers left out, the last ones first, which
// 24 of them never need. dst needs size bytes of room, and size to be at least 512.
func AppendHeadline(dst []byte, h *Headline, size int) []byte {
	start := len(dst)
	dst = append(dst, headlineStart...)
	dst = append(dst, h.Boot[:]...)
	dst = append(dst, ": "...)
	head := len(dst)
	dst = append(dst, '\n')
	dst = h.appendDetails(dst)
	left := newRoom(size, h.Uptime)
	left.take(len(dst)-start, 1)
	cause := bytes.Trim(h.Cause, "\n")
	firstLine, _, _ := bytes.Cut(cause, []byte{'\n'})
	reserved := left.reserve(firstLine[:min(len(firstLine), leastCause)])
	for i := range h.Registers {
		before, newline := len(dst), 0
		if i%perLine == 0 {
			newline = 1
		}
		dst = appendRegister(dst, &h.Registers[i], newline == 1)
		if !left.take(len(dst)-before, newline) {
			dst = dst[:before]
			break
		}
	}
	// The cause comes last because it gets what is left, then the rest makes way for it.
	tail := len(dst)
	left.giveBack(reserved)
	dst = left.appendCut(dst, cause)
	return moveToFront(dst, head, tail)
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
	if h.HasPC {
		dst = append(dst, "pc="...)
		dst = append(appendHex(dst, h.PC, 1), ' ')
	}
	if h.Func != "" {
		dst = append(dst, "func="...)
		dst = append(appendWord(dst, h.Func), ' ')
	}
	if h.HasAddr {
		dst = append(dst, "addr="...)
		dst = append(appendHex(dst, h.Addr, 1), ' ')
	}
	if h.Build != "" {
		dst = append(dst, "build="...)
		dst = append(appendWord(dst, h.Build), ' ')
	}
	dst = append(dst, "uptime="...)
	dst = strconv.AppendUint(dst, h.Uptime/usecPerSecond, 10)
	dst = append(dst, '.')
	dst = appendFraction(dst, h.Uptime%usecPerSecond)
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

func appendRegister(dst []byte, r *Register, newline bool) []byte {
	if newline {
		dst = append(dst, '\n')
	} else {
		dst = append(dst, ' ')
	}
	dst = appendWord(dst, r.Name)
	dst = append(dst, '=')
	return appendHex(dst, r.Value, 16)
}

// longestWord bounds a function name or a build id within the details, in bytes.
const longestWord = 96

// appendWord appends s as one word: what would split a line of key=value becomes a question mark.
func appendWord(dst []byte, s string) []byte {
	for i := 0; i < len(s) && i < longestWord; i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '\\' {
			dst = append(dst, '?')
		} else {
			dst = append(dst, c)
		}
	}
	return dst
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
