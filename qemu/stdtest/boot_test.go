package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"gasp/internal/command"
	"gasp/netlog/wire"
	"gasp/qemu"
)

// sent makes what the log host gets of records with these numbers.
func sent(records ...wire.Record) *qemu.Log {
	var datagrams []qemu.Datagram
	for i := range records {
		records[i].Level = 6
		datagrams = append(datagrams, qemu.Datagram{Payload: wire.AppendExtended(make([]byte, 0, 4096), &records[i])})
	}
	return qemu.ReadLog(datagrams)
}

func text(seq uint64, format string, args ...any) wire.Record {
	return wire.Record{Seq: seq, Text: fmt.Appendf(nil, format, args...)}
}

// ending is the report of a program that ends; its headline has number seq.
func ending(seq uint64, cause string) []wire.Record {
	return []wire.Record{
		text(seq, "gasp: crash 0123456789abcdef: %s\ngasp: at pc=0x1 uptime=1.000000", cause),
		text(seq+1, "gasp: end of crash 0123456789abcdef: 2 records, 0 lost"),
	}
}

func TestReadOutcome(t *testing.T) {
	for _, c := range []struct {
		name     string
		sent     []wire.Record
		died     string
		status   int
		lost     string
		timedOut bool
	}{
		{name: "exit status 0", sent: append([]wire.Record{text(1, "a"), text(2, "b")}, ending(3, "exit status 0")...)},
		{name: "exit status 1", sent: append([]wire.Record{text(1, "a")}, ending(2, "exit status 1")...), status: 1},
		{name: "a gap", sent: append([]wire.Record{text(1, "a"), text(4, "b")}, ending(5, "exit status 0")...), lost: "2 records before number 4"},
		{name: "a panic", sent: append([]wire.Record{text(1, "a")}, ending(2, "panic: no")...), died: "panic: no", status: -1},
		{name: "a timeout", sent: ending(2, "panic: test timed out after 1s"), died: "panic: test timed out", status: -1, timedOut: true},
		{name: "no report", sent: []wire.Record{text(1, "a")}, died: "without a report", status: -1},
		{name: "a test calls os.Exit", sent: append([]wire.Record{text(1, "\x16=== RUN   TestA")}, ending(2, "exit status 0")...),
			died: "in the middle"},
		{name: "half a report", sent: ending(2, "exit status 0")[:1], lost: "no end record"},
	} {
		o := read(sent(c.sent...))
		if (o.died == "") != (c.died == "") || !strings.Contains(o.died, c.died) || o.status != c.status || o.timedOut != c.timedOut {
			t.Errorf("%s: died of %q, status %d, timed out %v", c.name, o.died, o.status, o.timedOut)
		}
		if (o.lost == "") != (c.lost == "") || !strings.Contains(o.lost, c.lost) {
			t.Errorf("%s: lost is %q, want %q", c.name, o.lost, c.lost)
		}
	}
}

func TestContinuedLinesAreJoined(t *testing.T) {
	more := text(2, " TestA")
	more.Cont = true
	o := read(sent(text(1, "\x16=== RUN  "), more))
	if len(o.events.tests) != 1 || o.events.tests[0].Name != "TestA" {
		t.Errorf("of a line in two records these tests were read: %v", o.events.tests)
	}
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		args []string
		want error
	}{
		{args: []string{}}, {args: []string{"-short=false", "-jobs", "1", "strings"}},
		{args: []string{"-jobs", "0"}, want: command.ErrUsage}, {args: []string{"-cpus", "0"}, want: command.ErrUsage}, {args: []string{"-timeout", "1s"}, want: command.ErrUsage},
		{args: []string{"-arch", "arm64", "-cpus", "4"}}, {args: []string{"-arch", "arm"}},
		{args: []string{"-arch", "arm", "-cpus", "2"}, want: command.ErrUsage}, {args: []string{"-arch", "riscv64"}, want: command.ErrUsage},
	} {
		o, err := parse(c.args, io.Discard)
		if !errors.Is(err, c.want) || c.want == nil && (err != nil || len(o.patterns) != 1) {
			t.Errorf("%q: %v %v, want %v", c.args, o.patterns, err, c.want)
		}
	}
}
