package netlog

import (
	"fmt"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// onDemand reads the report on demand among what was sent, by the receiver's
// rule: what has the prefix between headline and end belongs to it.
func onDemand(t *testing.T, d *fakeDevice) (h wire.Headline, e wire.End, lines, others []string) {
	t.Helper()
	open := false
	for _, r := range d.records(t) {
		text := string(r.Text)
		if got, ok := wire.ParseHeadline(r.Text); ok && got.Form == wire.Report {
			h, open = got, true
		} else if got, ok := wire.ParseEnd(r.Text); ok && got.Form == wire.Report {
			e, open = got, false
		} else if line, ok := strings.CutPrefix(text, wire.ReportPrefix); ok && open {
			if r.Level != uint8(reportLevel) {
				t.Errorf("line %q has level %d", line, r.Level)
			}
			lines = append(lines, line)
		} else {
			others = append(others, text)
		}
	}
	return h, e, lines, others
}

func demandReport(l *Logger, lines int) {
	c := fault()
	c.Kind = "NMI"
	l.Report(c)
	for i := range lines {
		l.ReportConsole([]byte(fmt.Sprint("line ", i)))
		l.ReportConsole([]byte("\n"))
	}
	l.EndReport()
}

func TestReportOnDemand(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	d.frames = nil
	l.Console([]byte("begun, "))
	demandReport(l, 3)
	l.Console([]byte("ended\n"))
	demandReport(l, 3)
	l.Log(Info, "alive")
	h, e, lines, others := onDemand(t, d)
	if string(h.Cause) != "NMI" || h.Exception != "NMI" || h.PC != 0x401234 || len(h.Registers) != 20 || string(h.Boot[:]) != bootID {
		t.Errorf("headline is %+v", h)
	}
	if e.Records != 5 || e.Lost != 0 || len(lines) != 6 || lines[0] != "line 0" {
		t.Errorf("end is %+v, lines %q", e, lines)
	}
	if len(others) != 2 || others[0] != "begun, ended" || others[1] != "alive" || l.Crashed() || d.takenOver != 0 {
		t.Errorf("other records are %q, crashed %v, taken over %d times", others, l.Crashed(), d.takenOver)
	}
}

// Other processors go on while one reports: what they print is theirs, line by line.
func TestPrintingBesideAReportOnDemand(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	d.frames = nil
	l.Console([]byte("begun, "))
	l.Report(fault())
	l.ReportConsole([]byte("of the "))
	l.Console([]byte("ended\nhalf, "))
	l.ReportConsole([]byte("report\n"))
	l.EndReport()
	l.Console([]byte("whole\n"))
	_, e, lines, others := onDemand(t, d)
	if e.Records != 3 || e.Lost != 0 || len(lines) != 1 || lines[0] != "of the report" {
		t.Errorf("end is %+v, lines %q", e, lines)
	}
	if len(others) != 2 || others[0] != "begun, ended" || others[1] != "half, whole" {
		t.Errorf("other records are %q", others)
	}
}

// An NMI may come in the middle of anything, which then goes on.
func TestReportOnDemandInterruptsTheSender(t *testing.T) {
	for at := 1; at <= 6; at++ {
		l, d, _ := readyToDie(t, nil)
		d.frames = nil
		n := 0
		d.onTransmit = func([]byte) {
			if n++; n == at {
				demandReport(l, 20)
			}
		}
		for i := range 5 {
			l.Log(Info, fmt.Sprint(i, strings.Repeat("\x03", 300))) // two fragments each
		}
		_, e, lines, others := onDemand(t, d)
		if e.Records != 22 || e.Lost != 0 || len(lines) != 20 || len(others) != 5 {
			t.Errorf("transmit %d: end %+v, %d lines, others %q", at, e, len(lines), others)
		}
		for i, text := range others {
			if text != fmt.Sprint(i, strings.Repeat("\x03", 300)) {
				t.Errorf("transmit %d: torn record %q", at, text)
			}
		}
	}
}

func TestReportOnDemandInterruptsAWriter(t *testing.T) {
	l, d, c := readyToDie(t, nil)
	d.frames = nil
	struck := false
	l.SetClock(func() int64 { // between the number and the text of a record
		if !struck {
			struck = true
			demandReport(l, 5)
		}
		return c.now()
	})
	l.Console([]byte("an ordinary line\nand another\n"))
	_, e, lines, others := onDemand(t, d)
	if e.Records != 7 || e.Lost != 0 || len(lines) != 5 || len(others) != 2 || others[0] != "an ordinary line" {
		t.Errorf("end %+v, lines %q, others %q", e, lines, others)
	}
}

// What the ring could not hold while its sender was interrupted is counted.
func TestReportOnDemandThatOutgrowsTheRing(t *testing.T) {
	l, d, _ := machineUp(t, 16, nil)
	copy(l.crash.boot[:], bootID)
	struck := false
	d.onTransmit = func([]byte) {
		if !struck {
			struck = true
			demandReport(l, 40)
		}
	}
	l.Log(Info, "interrupted")
	var lines int
	var end wire.End
	for _, r := range d.records(t) {
		if strings.HasPrefix(string(r.Text), wire.ReportPrefix) {
			lines++
		}
		if e, ok := wire.ParseEnd(r.Text); ok {
			end = e
		}
	}
	if end.Records != 42 || end.Lost != 42-uint64(lines)-1 {
		t.Errorf("end says %d records, %d lost; %d lines and the end arrived", end.Records, end.Lost, lines)
	}
}

func TestCrashInsideAReportOnDemand(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	d.frames = nil
	l.Report(fault())
	l.ReportConsole([]byte("on demand\nhalf"))
	l.Crash(fault())
	l.Console([]byte("of the crash\n"))
	l.EndReport()
	l.End()
	m, ok := merge(t, &fakeDevice{frames: d.frames[2:]})
	if !ok || m.headline.Form != wire.Crash || len(m.missing) > 0 || len(m.lines) != 1 || m.lines[0] != "of the crash" {
		t.Errorf("crash report is %q, form %v", m.lines, m.headline.Form)
	}
}

func TestReportOnDemandAllocatesNothing(t *testing.T) {
	l, _ := silent(t, true)
	l.SetRegisterNames(registerNames)
	c := fault()
	if n := testing.AllocsPerRun(50, func() {
		l.Report(c)
		l.ReportConsole([]byte("a line\nand another\nhalf"))
		l.EndReport()
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// faultyReport makes a report of three lines, of which a step that faults is over, and the next one follows.
func faultyReport(l *Logger) (faults int) {
	step := func(f func()) {
		defer func() {
			if r := recover(); r == (faultPanic{}) {
				faults++
			} else if r != nil {
				panic(r)
			}
		}()
		f()
	}
	step(func() { l.Report(fault()) })
	for i := range 3 {
		step(func() { l.ReportConsole([]byte(fmt.Sprintln("line", i))) })
	}
	for l.demand.open.Load() != 0 && faults < 10 { // the kernel comes back for the end
		step(l.EndReport)
	}
	return faults
}

// struck faults once, at the so manyth call while a report is open.
func struck(l *Logger, at int) (strike func()) {
	n := 0
	return func() {
		if l.demand.open.Load() == 0 {
			return
		}
		if n++; n == at {
			panic(faultPanic{})
		}
	}
}

// A fault in the logger or its device while it reports on demand is no end: the kernel goes on behind it, the report arrives, and so does what
// is logged later.
func TestReportOnDemandThatFaultsInTheLogger(t *testing.T) {
	for at := 1; at <= 5; at++ {
		for name, targets := range map[string][]Target{"basic": {{}}, "extended": {target()}, "several": fourTargets()} {
			for _, call := range []string{"commit", "console", "clock"} {
				if name == "basic" {
					targets[0] = target()
					targets[0].Extended = false
				}
				l, d, c := severalUp(t, targets)
				strike := struck(l, at)
				switch call {
				case "commit":
					d.onCommit = func() error { strike(); return nil }
				case "console":
					l.SetConsole(func([]byte) { strike() })
				case "clock":
					l.SetClock(func() int64 { strike(); return c.now() })
				}
				if faults := faultyReport(l); faults > 1 || faults == 0 && call != "clock" {
					t.Fatalf("%s, %s %d: %d faults", name, call, at, faults)
				}
				l.Log(Info, "alive")
				want := []string{": 5 records, 0 lost", "gasp: report ", "| line 0", "| line 1", "| line 2", "alive"}
				if call == "clock" { // what was to be told then is not
					want = []string{"gasp: end of report ", "alive"}
				}
				for i, to := range targets {
					text := strings.Join(d.only(t, to).payloads(t), "")
					for _, w := range want {
						if !strings.Contains(text, w) {
							t.Errorf("%s, %s %d: target %d does not get %q: %q", name, call, at, i, w, text)
						}
					}
				}
			}
		}
	}
}

func TestSealedReportOnDemandThatFaultsInTheLogger(t *testing.T) {
	for at := 1; at <= 5; at++ {
		for _, call := range []string{"transmit", "seal", "sealed"} {
			l, d, c := sealedUp(t, 0, 1, nil)
			run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
			strike := struck(l, at)
			if call == "transmit" {
				d.onTransmit = func([]byte) { strike() }
			} else {
				spoil(l, "records", strike, call == "sealed")
			}
			faultyReport(l)
			l.Log(Info, "line 0")
			run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
			allThere(t, d.host, l, 1)
		}
	}
}
