package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// side is a report of another form, with ordinary records between its own.
func side(form wire.Form, first uint64, lines int) (d []string) {
	boot := [16]byte([]byte("0123456789abcdef"))
	level := uint8(0)
	if form == wire.Report {
		level = 1
	}
	add := func(text []byte) {
		d = append(d, record(level, first, string(text)), record(6, first+1, fmt.Sprint("ordinary ", first+1)))
		first += 2
	}
	add(wire.AppendHeadline(nil, &wire.Headline{Form: form, Boot: boot, Cause: []byte("panic: oh"), Build: "abcd"}, wire.HeadlineMax))
	for i := range lines {
		add(fmt.Append(nil, wire.ReportPrefix, "line ", i))
	}
	add(wire.AppendEnd(nil, &wire.End{Form: form, Boot: boot, Records: uint64(lines) + 2}))
	return d
}

func (r *running) interrupt() string {
	r.t.Helper()
	r.cmd.Process.Signal(os.Interrupt)
	code, output := r.end()
	if code != 0 {
		r.t.Errorf("exit code %d, said\n%s", code, output)
	}
	return output
}

func TestReportOnDemandIsNoCrash(t *testing.T) {
	r := run(t, "-exit-after-crash")
	r.send(side(wire.Report, 0, 3)...)
	r.await(`^report of 127\.0\.0\.1 complete: 5 records, .*/report-`)
	r.send(side(wire.Kept, 100, 3)...)
	code, output := r.end()
	if code != 0 || !strings.Contains(output, "kept crash report of 127.0.0.1 complete: 5 records") || !strings.Contains(output, "1 crash report, 0 incomplete") ||
		!strings.Contains(output, "-- 1 report of machines that went on, 0 repeated headlines") {
		t.Errorf("exit code %d, said\n%s", code, output)
	}
}

func TestCrashIsCompletedWhenItComesAgain(t *testing.T) {
	r := run(t, "-crash-timeout", "300ms")
	d := crash(20)
	r.send(d[:10]...)
	r.await("INCOMPLETE: no end after 10 records")
	r.send(d...)
	r.await("crash report of .* complete: 22 records")
	r.send(record(6, 900, "last"))
	r.await("last")
	output := r.interrupt()
	if !strings.Contains(output, "; 1 crash report, 0 incomplete") || strings.Contains(output, "rebooted") {
		t.Errorf("said\n%s", output)
	}
	if report := r.file("127.0.0.1/crash-*/report.txt"); strings.Count(report, "\nline ") != 20 || strings.Contains(report, "INCOMPLETE") {
		t.Errorf("report.txt is\n%s", report)
	}
}

func TestKeptCrashIsKnownAcrossARestart(t *testing.T) {
	first := run(t)
	first.send(crash(5)...)
	first.await("complete: 7 records")
	first.interrupt()
	folders, _ := filepath.Glob(filepath.Join(first.dir, "127.0.0.1", "crash-*"))
	if len(folders) != 1 {
		t.Fatalf("the folders are %q", folders)
	}
	second := runIn(t, first.dir)
	second.send(side(wire.Kept, 0, 5)...)
	second.await("-- kept crash 0123456789abcdef came again and is stored already: " + folders[0] + "$")
	output := second.interrupt()
	if strings.Contains(output, "line 3") || strings.Count(output, "ordinary ") != 7 || !strings.Contains(output, "; 0 crash reports, 0 incomplete") {
		t.Errorf("said\n%s", output)
	}
	if again, _ := filepath.Glob(filepath.Join(first.dir, "127.0.0.1", "*-0123*")); len(again) != 1 {
		t.Errorf("the folders are %q", again)
	}
}
