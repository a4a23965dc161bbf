package hostlog

import (
	"bytes"
	"strconv"
	"time"

	"gasp/internal/printable"
	"gasp/internal/source"
	"gasp/internal/stamp"
)

// Format writes records as lines of a log. It is for one goroutine.
type Format struct{ stamp *stamp.Stamp }

// NewFormat returns the format of the logs.
func NewFormat() *Format { return &Format{stamp.UTC(6)} }

// Record appends "<time> <seq> <level>[,late][,damaged] <text>[<tab># <KEY=VALUE>]...<newline>": one
// line, for a newline of the text comes as \x0a. A tab before a # begins an entry of the dictionary,
// or another mark of the log's; in the text such a tab comes as \x09.
func (f *Format) Record(dst []byte, r *source.Record) []byte {
	dst = f.stamp.Append(dst, r.At)
	if r.Extended {
		dst = append(dst, ' ')
		dst = strconv.AppendUint(dst, r.Seq, 10)
		dst = append(dst, ' ')
		dst = append(dst, source.LevelName(r.Level)...)
	} else {
		dst = append(dst, " - -"...)
	}
	if r.Late {
		dst = append(dst, ",late"...)
	}
	if r.Damaged {
		dst = append(dst, ",damaged"...)
	}
	dst = append(dst, ' ')
	dst = appendText(dst, r.Text)
	for dict := r.Dict; len(dict) > 0; {
		var entry []byte
		entry, dict, _ = bytes.Cut(dict, []byte{'\n'})
		dst = append(dst, "\t# "...)
		dst = appendText(dst, entry)
	}
	return append(dst, '\n')
}

// Note appends "<time> <text><newline>", where text is one line that begins with "--" and is safe to
// show.
func (f *Format) Note(dst []byte, at time.Time, text string) []byte {
	dst = f.stamp.Append(dst, at)
	dst = append(dst, ' ')
	dst = append(dst, text...)
	return append(dst, '\n')
}

// appendText appends text, safe to show and without what only the log itself writes.
func appendText(dst, text []byte) []byte {
	for {
		i := bytes.Index(text, []byte("\t#"))
		if i < 0 {
			return printable.Append(dst, text)
		}
		dst = printable.Append(dst, text[:i])
		dst = append(dst, `\x09`...)
		text = text[i+1:]
	}
}
