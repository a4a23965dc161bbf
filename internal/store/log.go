package store

import (
	"bytes"
	"errors"
	"path/filepath"
	"strconv"
	"time"

	"gasp/internal/printable"
	"gasp/internal/source"
)

var errHosts = errors.New("too many hosts, more are not stored")

// Record appends "<time> <seq> <level> <text>" to the host's log; further lines of the text begin
// with a tab, those of the dictionary with "\t# ".
func (s *Store) Record(r *source.Record) {
	s.line = appendRecord(s.line[:0], r)
	s.log(r.From, s.line, 1)
}

// Note appends what is to be said about a sender.
func (s *Store) Note(n *source.Note) { s.note(n.From, n.At, n.Text()) }

func (s *Store) note(from source.Origin, at time.Time, text string) {
	s.line = append(s.line[:0], stamp(at)...)
	s.line = append(s.line, ' ')
	s.line = append(s.line, text...)
	s.line = append(s.line, '\n')
	s.log(from, s.line, 1)
}

func (s *Store) log(from source.Origin, text []byte, lines uint64) {
	dir, err := s.hostDir(from)
	if err != nil {
		if !s.refused {
			s.refused = true
			s.say(s.dir + ": no folder for " + from.Host() + ": " + reason(err).Error())
		}
		return
	}
	s.append(filepath.Join(dir, "log"), text, lines)
}

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
