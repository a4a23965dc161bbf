package wire

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// AppendBasic appends r as the basic format carries it with printk.time=1: every line of the text
// behind "[%5lu.%06lu] " and ended by a newline, bytes as they are (Linux kernel/printk/printk.c,
// record_print_text). Level, number and dictionary do not travel. For every line, dst needs its
// length plus MaxHeader of room.
func AppendBasic(dst []byte, r *Record) []byte {
	start := len(dst)
	dst = appendTime(dst, r.Time)
	width := len(dst) - start
	text := r.Text
	for {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			dst = append(dst, text...)
			return append(dst, '\n')
		}
		dst = append(dst, text[:i+1]...)
		dst = append(dst, dst[start:start+width]...)
		text = text[i+1:]
	}
}

// NextBasic appends to dst the next datagram of an encoded basic message: plain pieces of at most
// MaxDatagram bytes (Linux netconsole.c, write_msg). Begin with *pos 0 and go on until ok is false.
func NextBasic(dst, msg []byte, pos *int) (datagram []byte, ok bool) {
	if *pos < 0 || *pos >= len(msg) {
		return dst, false
	}
	end := min(*pos+MaxDatagram, len(msg))
	dst = append(dst, msg[*pos:end]...)
	*pos = end
	return dst, true
}

// ParseBasic reads a whole basic message: Text is msg without the time prefix of its lines, the
// final newline and trailing NULs, Time that of the first line. A message without a time prefix is
// text as it is. Text is a view over msg, or is written to buf[:0] when lines had to be joined,
// which fits if buf's capacity is at least len(msg).
func ParseBasic(msg, buf []byte) (r Record) {
	msg = trimEnd(msg)
	r.Text = msg
	usec, n := cutTime(msg)
	if n == 0 {
		return r
	}
	r.Time = usec
	prefix := msg[:n]
	r.Text = msg[n:]
	i := bytes.IndexByte(r.Text, '\n')
	if i < 0 {
		return r
	}
	rest := r.Text
	out := append(buf[:0], rest[:i]...)
	for rest = rest[i+1:]; ; rest = rest[i+1:] {
		rest = bytes.TrimPrefix(rest, prefix)
		out = append(out, '\n')
		if i = bytes.IndexByte(rest, '\n'); i < 0 {
			break
		}
		out = append(out, rest[:i]...)
	}
	r.Text = append(out, rest...)
	return r
}

// HasTime says whether b begins with the time prefix that begins a line with printk.time=1.
func HasTime(b []byte) bool {
	_, n := cutTime(b)
	return n > 0
}

// trimEnd cuts NULs and then one newline off the end.
func trimEnd(msg []byte) []byte {
	for len(msg) > 0 && msg[len(msg)-1] == 0 {
		msg = msg[:len(msg)-1]
	}
	if n := len(msg); n > 0 && msg[n-1] == '\n' {
		msg = msg[:n-1]
	}
	return msg
}

const (
	usecPerSecond = 1_000_000
	fiveDigits    = 100_000
)

// appendTime appends "[%5lu.%06lu] " (printk.c, print_time).
func appendTime(dst []byte, usec uint64) []byte {
	seconds, fraction := usec/usecPerSecond, uint32(usec%usecPerSecond)
	if seconds >= fiveDigits {
		dst = strconv.AppendUint(append(dst, '['), seconds, 10)
		return append(appendFraction(dst, fraction), ']', ' ')
	}
	first := decimalWord(uint32(seconds))
	first ^= ('0' ^ ' ') * everyByte & (1<<(8*leadingZeros(first)&63) - 1)
	second := decimalWord(fraction)
	// Two words, of which the last byte is one too many.
	dst = binary.LittleEndian.AppendUint64(dst, first>>24<<8|'['|'.'<<48|second>>16<<56)
	dst = binary.LittleEndian.AppendUint64(dst, second>>24|']'<<40|' '<<48)
	return dst[:len(dst)-1]
}

// cutTime reads the prefix that appendTime writes, and Linux's with a caller behind it
// ("[    1.000000][    T1] "), and returns its length, 0 for none.
func cutTime(b []byte) (usec uint64, n int) {
	if len(b) == 0 || b[0] != '[' {
		return 0, 0
	}
	i := 1
	for i < len(b) && b[i] == ' ' {
		i++
	}
	seconds, width := cutUint(b[i:])
	i += width
	if width == 0 || seconds > ^uint64(0)/usecPerSecond-1 || i >= len(b) || b[i] != '.' {
		return 0, 0
	}
	i++
	fraction, width := cutUint(b[i:])
	i += width
	if width != 6 || i >= len(b) || b[i] != ']' {
		return 0, 0
	}
	i++
	if i < len(b) && b[i] == '[' {
		const longestCaller = 16
		for j := i + 1; j < len(b) && j <= i+longestCaller; j++ {
			if b[j] == ']' {
				i = j + 1
				break
			}
		}
	}
	if i >= len(b) {
		return seconds*usecPerSecond + fraction, i
	}
	if b[i] != ' ' {
		return 0, 0
	}
	return seconds*usecPerSecond + fraction, i + 1
}
