package screen

import (
	"bytes"
	"strings"
	"testing"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

func reportOf(form wire.Form, cause string) *source.Crash {
	boot := [16]byte([]byte("0123456789abcdef"))
	return &source.Crash{From: from, Form: form, Began: at, Last: at, Received: 5, HasHeadline: true, HasEnd: true, Complete: true, Folder: "/d/x",
		Headline: wire.Headline{Form: form, Boot: boot, Cause: []byte(cause)}, End: wire.End{Form: form, Boot: boot, Records: 5}}
}

func TestReports(t *testing.T) {
	incomplete := reportOf(wire.Report, "NMI")
	incomplete.Complete, incomplete.MissingRecords = false, 1
	known := reportOf(wire.Kept, "oh")
	known.Known = true
	worse := reportOf(wire.Kept, "oh")
	worse.Worse = true
	better := reportOf(wire.Kept, "oh")
	better.Replaced = "/d/y"
	tests := []struct {
		name   string
		c      *source.Crash
		want   string
		colour string
		begins string // in quiet mode
	}{
		{"crash", reportOf(wire.Crash, "oh"), "crash report of 10.0.2.15 complete: 5 records, /d/x", green, "-- crash: oh"},
		{"on demand", reportOf(wire.Report, "NMI"), "report of 10.0.2.15 complete: 5 records, /d/x", green, "-- report: NMI"},
		{"on demand, incomplete", incomplete, "report of 10.0.2.15 INCOMPLETE: 1 of 5 records missing, /d/x", yellow, "-- report: NMI"},
		{"kept", reportOf(wire.Kept, "oh"), "kept crash report of 10.0.2.15 complete: 5 records, /d/x", green, "-- crash, kept over a reset: oh"},
		{"nothing kept", reportOf(wire.Kept, wire.ResetCause), "kept crash report of 10.0.2.15 says: the machine was reset without a report; complete: 5 records, /d/x", grave,
			"-- crash, kept over a reset: the machine was reset without a report"},
		{"known", known, "12:00:00.123 10.0.2.15 -- kept crash 0123456789abcdef came again and is stored already: /d/x", faint, ""},
		{"worse", worse, "kept crash report of 10.0.2.15 complete: 5 records, the one received before tells more and stays, /d/x", green, "-- crash, kept over a reset: oh"},
		{"better", better, "kept crash report of 10.0.2.15 complete: 5 records, replaces what was received before, /d/x", green, "-- crash, kept over a reset: oh"},
	}
	for _, test := range tests {
		var plain, coloured bytes.Buffer
		quiet := New(&plain, false, true)
		quiet.CrashBegin(test.c)
		quiet.Flush()
		if got := strings.TrimPrefix(plain.String(), "12:00:00.123 10.0.2.15 "); strings.TrimSpace(got) != test.begins {
			t.Errorf("%s: announced as %q, want %q", test.name, got, test.begins)
		}
		plain.Reset()
		quiet.CrashEnd(test.c)
		quiet.Flush()
		if got := plain.String(); got != test.want+"\n" {
			t.Errorf("%s: shown was\n%swant\n%s", test.name, got, test.want)
		}
		painted := New(&coloured, true, false)
		painted.CrashEnd(test.c)
		painted.Flush()
		if !strings.Contains(coloured.String(), "\x1b["+test.colour+"m") {
			t.Errorf("%s: %q is not of colour %s", test.name, coloured.String(), test.colour)
		}
	}
}

func TestReportOnDemandIsCalmerThanACrash(t *testing.T) {
	for form, want := range map[wire.Form]string{wire.Crash: grave, wire.Kept: grave, wire.Report: calm} {
		for _, extended := range []bool{true, false} {
			var out bytes.Buffer
			r := record(0, extended, "text")
			r.Report, r.Form = true, form
			s := New(&out, true, false)
			s.Record(r)
			s.Flush()
			if !strings.Contains(out.String(), "\x1b["+want+"mtext") {
				t.Errorf("form %d, extended %v: %q, want colour %s", form, extended, out.String(), want)
			}
		}
	}
}

func TestRepeatedHeadlineIsShownOnce(t *testing.T) {
	var out bytes.Buffer
	s := New(&out, false, false)
	c := reportOf(wire.Crash, "oh")
	for c.Repeats = 1; c.Repeats < 8; c.Repeats++ {
		s.Repeated(c, at)
	}
	s.Flush()
	if got := out.String(); got != "12:00:00.123 10.0.2.15 -- still there: headline repeated 1 time\n" {
		t.Errorf("shown was\n%s", got)
	}
}
