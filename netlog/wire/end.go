package wire

import (
	"bytes"
	"strconv"
)

// End is the last record of a crash report.
type End struct {
	// Boot is the boot's random number, as in the headline.
	Boot [16]byte
	// Records counts the report's records from the headline to this one, both included, without
	// the ordinary ones sent in between.
	Records uint64
	// Lost counts those of them that the sender overwrote or could not transmit.
	Lost uint64
	// Form is as in the headline.
	Form Form
}

// AppendEnd appends the end record's text:
// "gasp: end of crash <boot>: <records> records, <lost> lost". dst needs 100 bytes of room.
func AppendEnd(dst []byte, e *End) []byte {
	dst = append(append(append(dst, signature...), endWords...), e.Form.words()...)
	dst = append(dst, e.Boot[:]...)
	dst = append(dst, ": "...)
	dst = strconv.AppendUint(dst, e.Records, 10)
	dst = append(dst, " records, "...)
	dst = strconv.AppendUint(dst, e.Lost, 10)
	return append(dst, " lost"...)
}

// ParseEnd reads the text of a record that AppendEnd made.
func ParseEnd(text []byte) (e End, ok bool) {
	form, rest, ok := cutForm(text, true)
	e.Form = form
	if ok {
		rest, ok = cutBoot(rest, &e.Boot)
	}
	if !ok {
		return e, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(": ")); !ok {
		return e, false
	}
	records, n := cutUint(rest)
	if rest, ok = bytes.CutPrefix(rest[n:], []byte(" records, ")); !ok || n == 0 {
		return e, false
	}
	lost, n := cutUint(rest)
	if n == 0 || string(rest[n:]) != " lost" {
		return e, false
	}
	e.Records, e.Lost = records, lost
	return e, true
}
