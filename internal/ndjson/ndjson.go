// Package ndjson writes what the senders said for programs: one JSON object a line. The members are
// described in docs/receiver.md.
package ndjson

import (
	"bytes"
	"cmp"
	"time"

	"gasp/internal/linefile"
	"gasp/internal/source"
	"gasp/internal/stamp"
	"gasp/netlog/wire"
)

// bufferSize is how many bytes wait before they are written unasked.
const bufferSize = 64 << 10

// Writer is a source.Sink. It is for one goroutine, and waits for a slow file.
type Writer struct {
	object
	file  *linefile.File
	stamp *stamp.Stamp

	from   source.Origin // whose members are in origin
	origin []byte
}

// New returns a writer to a file; open makes that of the options it is given.
func New(say func(string), open func(linefile.Options) *linefile.File) *Writer {
	w := &Writer{stamp: stamp.UTC(9)}
	w.file = open(linefile.Options{
		// What the line before it holds is no JSON, unless only its newline was missing.
		Cut: "\n" + `{"type":"cut","text":"-- the receiver ended while it wrote the line before"}` + "\n",
		Lost: func(dst []byte, records uint64) []byte {
			o := Writer{object: object{dst}, stamp: stamp.UTC(9)}
			o.begin("lost", time.Now(), source.Origin{})
			o.number("count", records)
			o.text("text", "-- "+source.Count(records, "record")+" could not be written here")
			return append(o.buf, '}', '\n')
		},
		Say: say,
	})
	return w
}

// Flush writes what is buffered.
func (w *Writer) Flush() {
	if len(w.buf) > 0 {
		w.file.Write(w.buf)
		w.buf = w.buf[:0]
	}
}

// Reopen closes the file, so that one moved away begins anew.
func (w *Writer) Reopen() {
	w.Flush()
	w.file.Close()
}

// Close writes what is buffered and closes the file.
func (w *Writer) Close() {
	w.Flush()
	if w.file.Pending() {
		w.file.Write(nil)
	}
	w.file.Close()
}

// forms is how a report's form is called.
var forms = [...]string{wire.Crash: "crash", wire.Report: "report", wire.Kept: "kept"}

// Record implements source.Sink.
func (w *Writer) Record(r *source.Record) {
	w.begin("record", r.At, r.From)
	w.text("format", r.Format.String())
	if r.Extended {
		w.number("seq", r.Seq)
	}
	if r.HasLevel() {
		w.number("level", uint64(r.Level))
		w.number("facility", uint64(r.Facility))
	}
	if r.Extended || r.Time > 0 {
		w.number("uptime_us", r.Time)
	}
	if !r.Said.IsZero() {
		w.time("said", r.Said)
		w.number("said_error_us", uint64(r.SaidError.Microseconds()))
	}
	if len(r.Release) > 0 {
		w.bytes("release", "release_base64", []byte(r.Release))
	}
	w.mark("cont", r.Cont)
	w.mark("late", r.Late)
	w.mark("damaged", r.Damaged)
	if r.Report {
		w.text("report", forms[r.Form])
		w.mark("headline", r.Headline)
	}
	w.bytes("text", "text_base64", r.Text)
	if len(r.Dict) > 0 {
		w.dict(r.Dict)
	}
	w.end()
}

// dict writes KEY=VALUE lines as an object; one without a value has null.
func (w *Writer) dict(dict []byte) {
	w.key("dict")
	w.buf = append(w.buf, '{')
	exact := true
	for rest := dict; len(rest) > 0; {
		var entry []byte
		entry, rest, _ = bytes.Cut(rest, []byte{'\n'})
		key, value, found := bytes.Cut(entry, []byte{'='})
		if w.buf[len(w.buf)-1] != '{' {
			w.buf = append(w.buf, ',')
		}
		var ok bool
		w.buf, ok = appendString(w.buf, key)
		exact = exact && ok
		w.buf = append(w.buf, ':')
		if !found {
			w.buf = append(w.buf, "null"...)
			continue
		}
		w.buf, ok = appendString(w.buf, value)
		exact = exact && ok
	}
	w.buf = append(w.buf, '}')
	if !exact {
		w.base64("dict_base64", dict)
	}
}

// Note implements source.Sink.
func (w *Writer) Note(n *source.Note) {
	w.begin(n.Kind.String(), n.At, n.From)
	switch n.Kind {
	case source.Missing:
		w.number("first", n.First)
		w.number("last", n.Last)
		w.number("count", cmp.Or(n.Count, n.Last-n.First+1))
		w.mark("gone", n.Gone)
	case source.Rejected:
		w.number("count", n.Count)
		w.text("cause", n.Cause.String())
		if n.Claims != "" {
			w.text("claims", n.Claims)
		}
	case source.Silent:
		w.time("since", n.Since)
		w.bytes("line", "line_base64", []byte(n.Line))
	case source.Overflow:
		w.number("count", n.Count)
	case source.Bad:
		w.number("size", uint64(n.Size))
		if n.Err != nil {
			w.text("error", n.Err.Error())
		}
		w.base64("payload_base64", n.Payload)
	}
	w.text("text", n.Text())
	w.end()
}
