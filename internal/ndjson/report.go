package ndjson

import (
	"strconv"
	"time"

	"gasp/internal/source"
)

// CrashBegin implements source.Sink.
func (w *Writer) CrashBegin(c *source.Crash) {
	w.report("report-begin", c.Began, c)
	w.end()
}

// Repeated implements source.Sink.
func (w *Writer) Repeated(c *source.Crash, at time.Time) {
	w.report("report-repeated", at, c)
	w.number("repeats", c.Repeats)
	w.end()
}

// CrashEnd implements source.Sink.
func (w *Writer) CrashEnd(c *source.Crash) {
	w.report("report-end", c.Last, c)
	w.truth("complete", c.Complete)
	w.text("verdict", c.Verdict())
	w.time("began", c.Began)
	w.number("received", c.Received)
	if c.HasEnd {
		w.number("expected", c.End.Records)
		w.number("lost_by_sender", c.End.Lost)
	}
	w.number("missing", c.MissingRecords)
	if len(c.Missing) > 0 {
		w.missing(c.Missing)
	}
	w.number("damaged", c.Damaged)
	w.number("repeats", c.Repeats)
	w.mark("failed", c.Failed)
	w.mark("known", c.Known)
	w.mark("reopened", c.Reopened)
	if c.Folder != "" {
		w.text("folder", c.Folder)
	}
	w.end()
}

// CrashRecord does nothing: Record has written it.
func (w *Writer) CrashRecord(*source.Crash, *source.Record) {}

// CrashDatagram does nothing.
func (w *Writer) CrashDatagram(*source.Crash, *source.Datagram) {}

// report begins an object about a report with what is known of it from its headline.
func (w *Writer) report(kind string, at time.Time, c *source.Crash) {
	w.begin(kind, at, c.From)
	w.number("id", c.ID)
	w.text("form", forms[c.Form])
	if boot := c.Boot(); boot != "" {
		w.text("boot", boot)
	}
	if !c.HasHeadline {
		return
	}
	h := &c.Headline
	w.bytes("cause", "cause_base64", h.Cause)
	w.number("uptime_us", h.Uptime)
	if h.Build != "" {
		w.text("build", h.Build)
	}
	if h.Exception != "" {
		w.text("exception", h.Exception)
	}
	if h.HasPC {
		w.address("pc", h.PC)
	}
	if h.Func != "" {
		w.text("function", h.Func)
	}
	if h.HasAddr {
		w.address("address_accessed", h.Addr)
	}
}

// maxGaps is how many gaps of a report are named.
const maxGaps = 256

// missing writes the numbers that are missing as an array of [first, last].
func (w *Writer) missing(gaps []source.Span) {
	w.key("missing_numbers")
	w.buf = append(w.buf, '[')
	for i, gap := range gaps[:min(len(gaps), maxGaps)] {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = append(w.buf, '[')
		w.buf = strconv.AppendUint(w.buf, gap.First, 10)
		w.buf = append(w.buf, ',')
		w.buf = strconv.AppendUint(w.buf, gap.Last, 10)
		w.buf = append(w.buf, ']')
	}
	w.buf = append(w.buf, ']')
}
