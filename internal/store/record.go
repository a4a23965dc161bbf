package store

import (
	"bytes"
	"strconv"
	"time"

	"gasp/internal/printable"
	"gasp/internal/source"
)

// appendRecord appends "<time> <seq> <level> <text>" as it stands in a report; further lines of the
// text begin with a tab, those of the dictionary with "\t# ".
func appendRecord(dst []byte, r *source.Record) []byte {
	dst = append(dst, stamp(r.At)...)
	if r.Extended {
		dst = append(dst, ' ')
		dst = strconv.AppendUint(dst, r.Seq, 10)
		dst = append(dst, ' ')
		dst = append(dst, source.LevelName(r.Level)...)
		dst = append(dst, ' ')
	} else {
		dst = append(dst, " - - "...)
	}
	dst = appendText(dst, r.Text, "\t")
	if r.Late {
		dst = append(dst, " (late)"...)
	}
	if r.Damaged {
		dst = append(dst, " (damaged)"...)
	}
	dst = append(dst, '\n')
	for entry := range bytes.Lines(r.Dict) {
		dst = append(dst, "\t# "...)
		dst = printable.Append(dst, bytes.TrimSuffix(entry, []byte{'\n'}))
		dst = append(dst, '\n')
	}
	return dst
}

// appendText appends text, safe to show, its further lines behind indent.
func appendText(dst, text []byte, indent string) []byte {
	for {
		line, rest, more := bytes.Cut(text, []byte{'\n'})
		dst = printable.Append(dst, line)
		if !more {
			return dst
		}
		dst = append(dst, '\n')
		dst = append(dst, indent...)
		text = rest
	}
}

// stamp is a time in a file: UTC, microseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
