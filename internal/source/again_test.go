package source

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// sent is a datagram and when it was sent, after the start.
type sent struct {
	at   time.Duration
	data string
}

// burst is datagrams sent a millisecond apart.
func burst(at time.Duration, datagrams ...string) (s []sent) {
	for i, d := range datagrams {
		s = append(s, sent{at + time.Duration(i)*time.Millisecond, d})
	}
	return s
}

// repeated is a datagram sent after the growing pauses of a machine that stays.
func repeated(at time.Duration, datagram string) (s []sent) {
	for pause := time.Second; pause <= 64*time.Second; pause *= 2 {
		at += pause
		s = append(s, sent{at, datagram})
	}
	return s
}

// play feeds what was sent when, and lets the time pass between.
func play(t *testing.T, table *Table, script ...[]sent) {
	t.Helper()
	all := slices.Concat(script...)
	slices.SortStableFunc(all, func(a, b sent) int { return int(a.at - b.at) })
	now := start
	for _, s := range all {
		for ; now.Before(start.Add(s.at)); now = now.Add(25 * time.Millisecond) {
			table.Tick(now)
		}
		now = start.Add(s.at)
		table.Datagram(&Datagram{At: now, From: sender, Data: []byte(s.data), Size: len(s.data)})
	}
	settle(t, table, now)
}

func playNew(t *testing.T, script ...[]sent) (*journal, *Table) {
	t.Helper()
	j := new(journal)
	table := NewTable(j, Options{})
	play(t, table, script...)
	return j, table
}

func verdicts(j *journal) (v []string) {
	for i := range j.crashes {
		v = append(v, j.crashes[i].Kind()+" "+j.crashes[i].Verdict())
	}
	return v
}

// noNoise fails if anything was called a reboot, missing after all, or a bad datagram.
func noNoise(t *testing.T, name string, j *journal) {
	t.Helper()
	for _, line := range j.lines {
		if line == "reboot" || strings.HasPrefix(line, "-- bad") {
			t.Errorf("%s: shown was\n\t%s", name, strings.Join(j.lines, "\n\t"))
			return
		}
	}
	if len(j.missing) > 0 {
		t.Errorf("%s: called missing to the end: %v", name, j.missing)
	}
}

type encoder func(level uint8, seq uint64, text string) string

var formats = map[string]encoder{"extended": extended, "basic": basicOf}

func TestRepeatedHeadlineIsNoCrash(t *testing.T) {
	for format, encode := range formats {
		d := report(bootA, encode, 5, 0)
		j, table := playNew(t, burst(0, d...), repeated(0, d[0]))
		expect(t, format+", behind a complete report", verdicts(j), "crash report complete: 7 records")
		noNoise(t, format, j)
		if s := table.Stats(); j.repeated != 7 || j.crashes[0].Repeats != 0 || s.Repeats != 7 || s.Records != 10 {
			t.Errorf("%s: counted %d repeats and %d records, want 7 and 10", format, s.Repeats, s.Records)
		}

		j, _ = playNew(t, repeated(0, d[0]))
		expect(t, format+", all that is heard", verdicts(j), "crash report INCOMPLETE: no end after 1 record")
		if j.repeated != 6 || len(j.lines) > 3 {
			t.Errorf("%s: %d repeats, shown was %q", format, j.repeated, j.lines)
		}

		j, _ = playNew(t, burst(0, d[:6]...), repeated(0, d[0]))
		expect(t, format+", behind one without end", verdicts(j), "crash report INCOMPLETE: no end after 3 records")
		noNoise(t, format, j)

		j, table = playNew(t, burst(0, d[0], d[0]), burst(2, d[1:]...))
		expect(t, format+", doubled by the network", verdicts(j), "crash report complete: 7 records")
		if s := table.Stats(); s.Repeats != 0 || s.Duplicates != 1 {
			t.Errorf("%s: a doubled headline counts as %d repeats, %d duplicates", format, s.Repeats, s.Duplicates)
		}
	}
}

func TestRepeatedHeadlineFillsTheReport(t *testing.T) {
	for format, encode := range formats {
		d := report(bootA, encode, 5, 0)
		for _, late := range []time.Duration{time.Second, 64 * time.Second} {
			j, _ := playNew(t, burst(0, d[1:]...), []sent{{late, d[0]}})
			name := fmt.Sprint(format, ", after ", late)
			if last := verdicts(j)[len(j.crashes)-1]; last != "crash report complete: 7 records" && (format == "extended" || late == time.Second) {
				t.Errorf("%s: %q", name, verdicts(j))
			}
			if slices.Contains(j.lines, "reboot") {
				t.Errorf("%s: taken for a reboot: %q", name, j.lines)
			}
		}
	}
}

// A machine whose link was down sends the whole report again.
func TestResentReport(t *testing.T) {
	const lines = 40
	for format, encode := range formats {
		d := report(bootA, encode, lines, 0)
		body := slices.Concat(d[:1], d[4:])
		for _, pause := range []time.Duration{2 * time.Second, 30 * time.Second} {
			for name, lost := range map[string][]int{"nothing": nil, "one line": {9}, "all but the headline": seqs(4, 45), "the end": {44}, "a half": seqs(20, 45), "headline": {0}, "all": seqs(0, 45)} {
				for _, again := range [][]string{d, body} {
					name := fmt.Sprintf("%s, %s lost, resent after %v with %d datagrams", format, name, pause, len(again))
					j, table := playNew(t, burst(0, without(d, lost...)...), burst(pause, again...), repeated(pause, d[0]))
					got := verdicts(j)
					if len(got) == 0 || got[len(got)-1] != "crash report complete: 42 records" {
						t.Errorf("%s: %q", name, got)
						continue
					}
					if slices.Contains(j.lines, "reboot") {
						t.Errorf("%s: taken for a reboot", name)
					}
					if format == "extended" && table.Stats().Missing != 0 && len(again) == len(d) {
						t.Errorf("%s: %d missing to the end", name, table.Stats().Missing)
					}
					if format == "extended" && (len(got) > 2 || len(got) == 2 && !j.crashes[1].Reopened) {
						t.Errorf("%s: closed as %q", name, got)
					}
				}
			}
		}
	}
}

func seqs(from, to int) (s []int) {
	for ; from < to; from++ {
		s = append(s, from)
	}
	return s
}

func TestLongResentReport(t *testing.T) {
	const lines = 3 * recentSize
	d := report(bootA, extended, lines, 0)
	j, _ := playNew(t, burst(0, without(d, append(seqs(50, 60), 5000)...)...), burst(30*time.Second, d...))
	got := verdicts(j)
	want := fmt.Sprintf("crash report complete: %d records", lines+2)
	if got[len(got)-1] != want || slices.Contains(j.lines, "reboot") {
		t.Errorf("verdicts are %q, want at last %q", got, want)
	}
}

func TestResentRecordMendsADamagedOne(t *testing.T) {
	d := report(bootA, extended, 2, 0)
	long := fragmentsOf(extended(0, 11, wire.ReportPrefix+strings.Repeat("x", 1500)))
	whole := slices.Concat(d[:4], long, d[5:])
	j, _ := playNew(t, burst(0, slices.Concat(d[:4], long[:1], d[5:])...), burst(30*time.Second, whole...))
	expect(t, "verdicts", verdicts(j), "crash report INCOMPLETE: 1 damaged", "crash report complete: 4 records")
	noNoise(t, "mended", j)
	// And the other way round: what is damaged the second time changes nothing.
	j, _ = playNew(t, burst(0, whole...), burst(30*time.Second, slices.Concat(d[:1], long[:1], d[5:])...))
	expect(t, "verdicts", verdicts(j), "crash report complete: 4 records")
	noNoise(t, "damaged later", j)
}

func TestRebootBehindRepeatsIsSeen(t *testing.T) {
	for format, encode := range formats {
		late := func(level uint8, seq uint64, text string) string { return encode(level, seq+5000, text) }
		d := report(bootA, late, 5, 0)
		d2 := report(bootB, encode, 5, 0)
		j, _ := playNew(t, burst(0, d...), repeated(0, d[0]), burst(200*time.Second, encode(6, 1, "hello")), burst(201*time.Second, d2...))
		expect(t, format, verdicts(j), "crash report complete: 7 records", "crash report complete: 7 records")
		if !slices.Contains(j.lines, "reboot") {
			t.Errorf("%s: the reboot was not seen: %q", format, j.lines)
		}
	}
}

// What had not been sent may be long before the crash; a machine that boots anew is older still.
func TestOldBacklogInBasicFormat(t *testing.T) {
	h := wire.Headline{Boot: bootA, Cause: []byte("x"), HasPC: true, Unsent: 2}
	end := wire.End{Boot: bootA, Records: 3}
	crash := []string{basic(60_000, string(wire.AppendHeadline(nil, &h, wire.HeadlineMax))), basic(20_000, "old"), basic(30_000, "less old"),
		basic(60_001, "gasp| line"), basic(60_002, string(wire.AppendEnd(nil, &end)))}
	for name, before := range map[string][]string{"heard before": {basic(15_000, "sent")}, "not heard before": nil} {
		j, _ := playNew(t, burst(0, before...), burst(1, crash...), burst(3*time.Second, crash[0]), burst(30*time.Second, crash[0], basic(0, "hello")))
		expect(t, name, verdicts(j), "crash report complete: 3 records")
		if text := strings.Join(j.lines, ";"); strings.Count(text, "reboot") != 1 || !strings.HasSuffix(text, ";reboot;hello") {
			t.Errorf("%s: shown was %s", name, text)
		}
	}
}

// The machine's last level sends one frame that was made before.
func TestBareHeadline(t *testing.T) {
	const details = "\ngasp: at pc=0x0000000000001234 build=ab uptime=0.000014 last=00000000000000000009 unsent=00000000000000000000"
	for format, encode := range formats {
		d := report(bootA, encode, 5, 0)
		for _, seq := range []uint64{0, 10, 11, 14, 111} {
			text := "gasp: crash 0123456789abcdef: " + wire.FailedCause
			if seq == 111 { // 11 again, with what could be told
				seq, text = 11, text+details
			}
			bare := encode(0, seq, text)
			name := fmt.Sprintf("%s, numbered %d, %d bytes", format, seq, len(text))
			j, _ := playNew(t, burst(0, bare), repeated(0, bare))
			expect(t, name+", alone", verdicts(j), "crash report INCOMPLETE: the sender's report failed, no end after 0 records")

			j, _ = playNew(t, burst(0, encode(6, 9, "nine"), bare), burst(2*time.Second, d[0]), repeated(2*time.Second, d[0]))
			if got := j.crashes[len(j.crashes)-1]; got.Headline.Func != "main.f" || got.Bare || !got.Failed || slices.Contains(j.lines, "reboot") {
				t.Errorf("%s: before the whole headline: %+v\n%q", name, got.Headline, j.lines)
			}

			j, _ = playNew(t, burst(0, encode(6, 9, "nine"), d[0], d[4], bare), repeated(2*time.Second, bare))
			got := j.crashes[len(j.crashes)-1]
			if got.Headline.Func != "main.f" || got.Bare || !got.Failed || len(j.crashes) != 1 || slices.Contains(j.lines, "reboot") {
				t.Errorf("%s: after the whole headline: %q %+v\n%q", name, verdicts(j), got.Headline, j.lines)
			}
			if n := strings.Count(strings.Join(j.lines, "\n"), "the report of it failed"); n != 1 {
				t.Errorf("%s: shown %d times, want once", name, n)
			}
		}
	}
}

func TestFloodOfHeadlinesIsBounded(t *testing.T) {
	for _, form := range []wire.Form{wire.Crash, wire.Kept, wire.Report} {
		j := new(journal)
		table := NewTable(j, Options{})
		for n := range uint64(20000) {
			h := wire.Headline{Form: form, Boot: [16]byte([]byte(fmt.Sprintf("%016x", n))), Cause: []byte("x")}
			d := extended(0, n, string(wire.AppendHeadline(nil, &h, wire.HeadlineMax)))
			table.Datagram(&Datagram{At: start.Add(time.Duration(n)), From: sender, Data: []byte(d), Size: len(d)})
			if m := table.sources.machines[sender]; len(m.order.held) > maxHeld {
				t.Fatalf("%d records wait", len(m.order.held))
			}
		}
		if open := len(j.crashes); open != 19999 {
			t.Errorf("form %d: %d reports were closed by the next one, want all but the last", form, open)
		}
		settle(t, table, start)
	}
}

func TestSenderWithARepeatedHeadlineStays(t *testing.T) {
	j := new(journal)
	table := NewTable(j, Options{})
	d := report(bootA, extended, 1, 0)
	for _, b := range d {
		table.Datagram(&Datagram{At: start, From: sender, Data: []byte(b), Size: len(b)})
	}
	for n := range MaxSources {
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(n >> 8), byte(n)}), 6665)
		at := start.Add(time.Duration(n+1) * time.Second)
		if n == MaxSources/2 {
			table.Datagram(&Datagram{At: at, From: sender, Data: []byte(d[0]), Size: len(d[0])})
		}
		table.Datagram(&Datagram{At: at, From: from, Data: []byte("x\n"), Size: 2})
	}
	if table.sources.machines[sender] == nil {
		t.Error("the sender was forgotten although it is present")
	}
	if j.repeated != 1 || len(j.crashes) != 1 {
		t.Errorf("%d repeats, %d reports, want 1 and 1", j.repeated, len(j.crashes))
	}
}
