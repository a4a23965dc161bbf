package source

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// side is the records of a report that is not the sender's own crash, their numbers two apart with
// ordinary ones between.
func side(form wire.Form, boot [16]byte, encode encoder, first uint64, lines int) (d []string) {
	level := uint8(0)
	if form == wire.Report {
		level = 1
	}
	add := func(text string) {
		d = append(d, encode(level, first, text), encode(6, first+1, fmt.Sprint("ordinary ", first+1)))
		first += 2
	}
	h := wire.Headline{Form: form, Boot: boot, Cause: []byte("why"), Uptime: first, HasPC: true, PC: 5, HasLast: true, Last: 4000, Unsent: 3000}
	add(string(wire.AppendHeadline(nil, &h, wire.HeadlineMax)))
	for i := range lines {
		add(fmt.Sprint(wire.ReportPrefix, "line ", i))
	}
	add(string(wire.AppendEnd(nil, &wire.End{Form: form, Boot: boot, Records: uint64(lines) + 2})))
	return d
}

func ordinaries(j *journal) (n int) {
	for _, line := range j.lines {
		n += b2i(strings.Contains(line, "ordinary "))
	}
	return n
}

var sideForms = map[string]wire.Form{"kept crash report": wire.Kept, "report": wire.Report}

func TestSideReports(t *testing.T) {
	for format, encode := range formats {
		for kind, form := range sideForms {
			d := side(form, bootA, encode, 100, 5)
			tests := []struct {
				name      string
				datagrams []string
				want      []string
			}{
				{"whole", d, []string{"complete: 7 records"}},
				{"two, one after the other", slices.Concat(d, side(form, bootB, encode, 200, 3)), []string{"complete: 7 records", "complete: 5 records"}},
				{"a line lost", without(d, 4), []string{"INCOMPLETE: 1 of 7 records missing"}},
				{"the headline lost", d[1:], []string{"INCOMPLETE: no headline, 1 of 7 records missing"}},
				{"the end lost", d[:11], []string{"INCOMPLETE: no end after 6 records"}},
				{"only the end", d[12:], []string{"INCOMPLETE: no headline, 6 of 7 records missing"}},
				{"only the headline", d[:1], []string{"INCOMPLETE: no end after 1 record"}},
				{"another cuts in", slices.Concat(d[:6], side(form, bootB, encode, 200, 3)), []string{"INCOMPLETE: no end after 3 records", "complete: 5 records"}},
				{"the end of another boot", slices.Concat(d[:11], side(form, bootB, encode, 200, 3)[8:]), []string{"INCOMPLETE: no end after 6 records"}},
				{"headline doubled", slices.Concat(d[:1], d), []string{"complete: 7 records"}},
			}
			for _, test := range tests {
				j := feed(t, test.datagrams...)
				var want []string
				for _, w := range test.want {
					want = append(want, kind+" "+w)
				}
				name := format + ", " + kind + ", " + test.name
				expect(t, name, verdicts(j), want...)
				sent := 0
				for _, b := range test.datagrams {
					sent += b2i(strings.Contains(b, "ordinary "))
				}
				if test.name == "headline doubled" {
					continue
				}
				if got := ordinaries(j); got != sent {
					t.Errorf("%s: %d of %d ordinary records are shown", name, got, sent)
				}
				if strings.Contains(strings.Join(j.report, "\n"), "ordinary") {
					t.Errorf("%s: the report holds ordinary records: %q", name, j.report)
				}
			}
		}
	}
}

func TestSeveralReportsOfABoot(t *testing.T) {
	for format, encode := range formats {
		j := feed(t, slices.Concat(side(wire.Report, bootA, encode, 100, 2), side(wire.Report, bootA, encode, 200, 3), report(bootA, shifted(encode, 1000), 5, 0))...)
		got := verdicts(j)
		expect(t, format, got, "report complete: 4 records", "report complete: 5 records", "crash report complete: 7 records")
	}
}

func shifted(encode encoder, by uint64) encoder {
	return func(level uint8, seq uint64, text string) string { return encode(level, seq+by, text) }
}

// A machine dies while it offers what was kept, or while it reports on demand: what it had not
// sent of that comes behind the headline of the crash.
func TestCrashCutsIntoASideReport(t *testing.T) {
	for format, encode := range formats {
		for kind, form := range sideForms {
			before := side(form, bootB, encode, 100, 5)
			crash := report(bootA, shifted(encode, 200), 5, 0)
			j := feed(t, slices.Concat(before[:6], crash[:1], before[6:], crash[1:])...)
			got := verdicts(j)
			slices.Sort(got)
			expect(t, format+", "+kind, got, sorted("crash report complete: 7 records", kind+" complete: 7 records")...)
		}
	}
}

func sorted(s ...string) []string {
	slices.Sort(s)
	return s
}

func TestReportOnDemandNeverClosesACrash(t *testing.T) {
	for format, encode := range formats {
		crash := report(bootA, encode, 5, 0)
		asked := side(wire.Report, bootA, encode, 100, 2)
		j := feed(t, slices.Concat(crash[:6], asked[:1], crash[6:])...)
		got := verdicts(j)
		expect(t, format, got, "crash report complete: 7 records", "report INCOMPLETE: no end after 1 record")
	}
}

// After a reset the machine offers its crash again, which also shows that it began anew.
func TestKeptCrashOfAKnownBoot(t *testing.T) {
	for format, encode := range formats {
		crash := report(bootA, shifted(encode, 5000), 5, 0)
		kept := side(wire.Kept, bootA, encode, 1, 5)
		for name, hello := range map[string][]string{"": nil, ", after other records": {encode(6, 0, "hello")}} {
			j, _ := playNew(t, burst(0, crash[:6]...), burst(2*time.Second, hello...), burst(2*time.Second+1, kept...))
			expect(t, format+name, verdicts(j), "crash report INCOMPLETE: no end after 3 records", "kept crash report complete: 7 records")
			if n := strings.Count(strings.Join(j.lines, "\n"), "reboot"); n != 1 {
				t.Errorf("%s%s: said %d times that it rebooted, want once: %q", format, name, n, j.lines)
			}
			if ordinaries(j) != 7 {
				t.Errorf("%s%s: ordinary records are missing: %q", format, name, j.lines)
			}
		}
	}
}

func TestKnownReportIsNotShown(t *testing.T) {
	for format, encode := range formats {
		j := &journal{know: func(c *Crash) bool { return c.Form == wire.Kept && c.Boot() == string(bootA[:]) }}
		table := NewTable(j, Options{})
		play(t, table, burst(0, side(wire.Kept, bootA, encode, 100, 5)...), burst(time.Second, side(wire.Kept, bootB, encode, 200, 1)...))
		if text := strings.Join(j.lines, "\n"); strings.Count(text, "line ") != 1 || ordinaries(j) != 7+3 {
			t.Errorf("%s: shown was\n%s", format, text)
		}
		expect(t, format, verdicts(j), "kept crash report complete: 7 records", "kept crash report complete: 3 records")
	}
}

func TestResetWithoutAReport(t *testing.T) {
	for format, encode := range formats {
		for _, details := range []string{"", "\ngasp: at uptime=1.000000 last=- unsent=0"} {
			d := []string{encode(0, 1, "gasp: kept crash 0123456789abcdef: "+wire.ResetCause+details), encode(6, 2, "ordinary"),
				encode(0, 3, "gasp: end of kept crash 0123456789abcdef: 2 records, 0 lost")}
			j := feed(t, d...)
			expect(t, format, verdicts(j), "kept crash report complete: 2 records")
			if !j.crashes[0].Reset() || j.crashes[0].Outcome() != "says: the machine was reset without a report; complete: 2 records" {
				t.Errorf("%s: it says %q", format, j.crashes[0].Outcome())
			}
		}
	}
}

func TestHeadlinesOfTheWrongLevelAreOrdinary(t *testing.T) {
	j := feed(t, extended(1, 1, "gasp: crash 0123456789abcdef: x"), extended(1, 2, "gasp: kept crash 0123456789abcdef: x"),
		extended(2, 3, "gasp: report 0123456789abcdef: x"), extended(6, 4, "gasp| x"), extended(2, 5, "gasp: end of report 0123456789abcdef: 2 records, 0 lost"))
	if len(j.crashes) != 0 || len(j.lines) != 5 {
		t.Errorf("shown was %q", j.lines)
	}
}
