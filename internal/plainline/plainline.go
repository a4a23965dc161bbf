// Package plainline makes of what the senders said what a log knows that takes lines with a severity:
// the systemd journal, syslog.
package plainline

import (
	"bytes"
	"time"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// Line is one of them. It is valid until the function that takes it returns.
type Line struct {
	// Type is what it is: "record", what source.Kind calls a note, or "report-begin",
	// "report-repeated", "report-end".
	Type string
	// At is when it was received.
	At time.Time
	// From is who said it, or whom it is about.
	From source.Origin
	// Severity and Facility are those of syslog. The basic format has none: there a record is of the
	// kernel, and informational, or critical if it is of a crash.
	Severity, Facility uint8
	// Text is a record's, as it came, or what is to be said.
	Text []byte
	// Record is the record, nil if it is none, and Report the report, nil if it is about none.
	Record *source.Record
	Report *source.Crash
}

// The severities of syslog that are used here (RFC 5424, section 6.2.1).
const (
	critical = 2
	fault    = 3
	warning  = 4
	notice   = 5
	info     = 6
)

// Sink is a source.Sink that hands lines to a function. It is for one goroutine.
type Sink struct {
	Take func(*Line)
	line Line
}

func (s *Sink) take(l Line) {
	s.line = l
	s.Take(&s.line)
}

// Record implements source.Sink.
func (s *Sink) Record(r *source.Record) {
	l := Line{Type: "record", At: r.At, From: r.From, Severity: r.Level, Facility: r.Facility, Text: r.Text, Record: r}
	switch {
	case r.Extended:
	case r.Report && r.Form != wire.Report:
		l.Severity = critical
	default:
		l.Severity = info
	}
	s.take(l)
}

// Note implements source.Sink.
func (s *Sink) Note(n *source.Note) {
	l := Line{Type: n.Kind.String(), At: n.At, From: n.From, Severity: warning, Text: []byte(n.Text())}
	switch n.Kind {
	case source.Reboot:
		l.Severity = notice
	case source.Overflow:
		l.Severity = fault
	}
	s.take(l)
}

// CrashBegin implements source.Sink.
func (s *Sink) CrashBegin(c *source.Crash) {
	text := "-- " + c.Kind() + " begins"
	if c.HasHeadline {
		cause, _, _ := bytes.Cut(c.Headline.Cause, []byte{'\n'})
		text += ": " + string(cause)
	}
	s.report("report-begin", c.Began, c, text)
}

// Repeated hands a line on for ever fewer of a crash's repeated headlines.
func (s *Sink) Repeated(c *source.Crash, at time.Time) {
	if c.Repeats&(c.Repeats-1) == 0 {
		s.report("report-repeated", at, c, source.RepeatedText(c.Repeats))
	}
}

// CrashEnd implements source.Sink.
func (s *Sink) CrashEnd(c *source.Crash) {
	text := source.KnownText(c)
	if !c.Known {
		text = source.ClosedText(c)
		if c.Folder != "" {
			text += ", " + c.Folder
		}
	}
	s.report("report-end", c.Last, c, "-- "+text)
}

func (s *Sink) report(kind string, at time.Time, c *source.Crash, text string) {
	l := Line{Type: kind, At: at, From: c.From, Severity: critical, Text: []byte(text), Report: c}
	if c.Form == wire.Report || c.Known || kind == "report-repeated" {
		l.Severity = notice
	}
	s.take(l)
}

// CrashRecord does nothing: Record has handed it on.
func (s *Sink) CrashRecord(*source.Crash, *source.Record) {}

// CrashDatagram does nothing.
func (s *Sink) CrashDatagram(*source.Crash, *source.Datagram) {}

// Forms is how a report's form is called.
var Forms = [...]string{wire.Crash: "crash", wire.Report: "report", wire.Kept: "kept"}
