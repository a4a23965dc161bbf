package source

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// report is the datagrams of a crash whose headline has the number 10: the headline, three unsent
// records from before it, then lines of the report and its end.
func report(boot [16]byte, encode func(level uint8, seq uint64, text string) string, lines int, lost uint64) (d []string) {
	h := wire.Headline{Boot: boot, Cause: []byte("panic: oh\ngoroutine 1"), HasPC: true, PC: 0x1234, Func: "main.f", Build: "ab", HasLast: true, Last: 9, Unsent: 3,
		Registers: []wire.Register{{Name: "rax", Value: 1}}}
	d = append(d, encode(0, 10, string(wire.AppendHeadline(nil, &h, wire.HeadlineMax))))
	for seq := uint64(7); seq < 10; seq++ {
		d = append(d, encode(6, seq, fmt.Sprint("before ", seq)))
	}
	seq := uint64(11)
	for i := range lines {
		d = append(d, encode(0, seq, fmt.Sprint(wire.ReportPrefix, "line ", i)))
		seq++
	}
	end := wire.End{Boot: boot, Records: uint64(lines) + 2, Lost: lost}
	return append(d, encode(0, seq, string(wire.AppendEnd(nil, &end))))
}

func basicOf(_ uint8, seq uint64, text string) string { return basic(seq, text) }

func without(d []string, i ...int) (left []string) {
	for n := range d {
		if !slices.Contains(i, n) {
			left = append(left, d[n])
		}
	}
	return left
}

func TestCrashVerdicts(t *testing.T) {
	const lines = 5 // so 7 records, numbers 10 to 16; datagram 0 is the headline, 4 to 8 the lines, 9 the end
	ext, bas := report(bootA, extended, lines, 0), report(bootA, basicOf, lines, 0)
	earlier := []string{extended(6, 5, "a"), extended(6, 6, "b")}
	reversed := slices.Clone(ext)
	slices.Reverse(reversed)
	tests := []struct {
		name      string
		datagrams []string
		want      []string
	}{
		{"extended", ext, []string{"complete: 7 records"}},
		{"extended, after other records", slices.Concat(earlier, ext), []string{"complete: 7 records"}},
		{"basic", bas, []string{"complete: 7 records"}},
		{"doubled", slices.Concat(earlier, slices.Repeat(ext, 2)), []string{"complete: 7 records"}},
		{"backwards", slices.Concat(earlier, reversed), []string{"complete: 7 records"}},
		{"backlog lost", slices.Concat(earlier, without(ext, 1, 2, 3)), []string{"complete: 7 records"}},
		{"one lost", without(ext, 5), []string{"INCOMPLETE: 1 of 7 records missing (seq 12)"}},
		{"two runs lost", without(ext, 4, 6, 7), []string{"INCOMPLETE: 3 of 7 records missing (seq 11, 13-14)"}},
		{"one lost, basic", without(bas, 5), []string{"INCOMPLETE: 1 of 7 records missing"}},
		{"one doubled, basic", slices.Insert(slices.Clone(bas), 5, bas[5]), []string{"INCOMPLETE: 8 records where the end says 7"}},
		{"headline lost", slices.Concat(earlier, ext[1:]), []string{"INCOMPLETE: no headline, 1 of 7 records missing (seq 10)"}},
		{"headline lost, basic", bas[1:], []string{"INCOMPLETE: no headline, 1 of 7 records missing"}},
		{"end lost", without(ext, 9), []string{"INCOMPLETE: no end after 6 records"}},
		{"end lost, basic", without(bas, 9), []string{"INCOMPLETE: no end after 6 records"}},
		{"end and another lost", without(ext, 6, 9), []string{"INCOMPLETE: no end after 5 records, 1 record missing (seq 13)"}},
		{"all but the end lost", ext[9:], []string{"INCOMPLETE: no headline, 6 of 7 records missing (seq 10-15)"}},
		{"all but the headline lost", ext[:1], []string{"INCOMPLETE: no end after 1 record"}},
		{"lost by the sender", report(bootA, extended, lines, 2), []string{"INCOMPLETE: 2 lost by the sender"}},
		{"another crash cuts in", slices.Concat(ext[:6], report(bootB, rebootedExtended, lines, 0)),
			[]string{"INCOMPLETE: no end after 3 records", "complete: 7 records"}},
		{"a crash each boot", slices.Concat(ext, report(bootB, rebootedExtended, lines, 0)), []string{"complete: 7 records", "complete: 7 records"}},
		{"a reboot cuts in", slices.Concat(bas[:6], []string{basic(0, "hello")[:0] + "[    0.000001] hello\n"}), []string{"INCOMPLETE: no end after 3 records"}},
		{"headline of a level that is not grave", []string{extended(6, 10, "gasp: crash 0123456789abcdef: a quotation")}, nil},
		{"an end with an impossible count", []string{extended(0, 3, "gasp: end of crash 0123456789abcdef: 18446744073709551615 records, 0 lost")},
			[]string{"INCOMPLETE: no headline, 18446744073709551614 of 18446744073709551615 records missing"}},
		{"an end with too small a count", slices.Concat(ext[:9], []string{extended(0, 16, "gasp: end of crash 0123456789abcdef: 3 records, 0 lost")}),
			[]string{"INCOMPLETE: 7 records where the end says 3"}},
		{"an end of another boot", slices.Concat(ext[:9], []string{extended(0, 16, "gasp: end of crash fedcba9876543210: 7 records, 0 lost")}),
			[]string{"INCOMPLETE: no end after 7 records"}},
	}
	for _, test := range tests {
		j := feed(t, test.datagrams...)
		var got []string
		for _, c := range j.crashes {
			got = append(got, c.Verdict())
		}
		expect(t, test.name, got, test.want...)
	}
}

// rebootedExtended encodes for a sender that lives in a later boot.
func rebootedExtended(level uint8, seq uint64, text string) string {
	return string(wire.AppendExtended(nil, &wire.Record{Level: level, Seq: seq, Time: 1000 + seq, Text: []byte(text)}))
}

func TestHeadlineIsShownAtOnce(t *testing.T) {
	d := report(bootA, extended, 2, 0)
	j := feed(t, slices.Concat([]string{extended(6, 6, "six")}, d)...)
	headline := "10 gasp: crash 0123456789abcdef: panic: oh\ngoroutine 1\ngasp: at pc=0x1234 func=main.f build=ab uptime=0.000000 last=9 unsent=3\nrax=0x0000000000000001"
	expect(t, "order", j.lines, "6 six", headline, "7 before 7", "8 before 8", "9 before 9", "11 line 0", "12 line 1",
		"13 gasp: end of crash 0123456789abcdef: 4 records, 0 lost", "crash report complete: 4 records")
	expect(t, "in the report", j.report, headline[3:], "before 7", "before 8", "before 9", "line 0", "line 1", "gasp: end of crash 0123456789abcdef: 4 records, 0 lost")
	c := j.crashes[0]
	if len(c.Before) != 1 || string(c.Before[0].Text) != "six" {
		t.Errorf("remembered from before the crash: %v", c.Before)
	}
	if c.Headline.Build != "ab" || c.Headline.PC != 0x1234 || c.Boot() != string(bootA[:]) {
		t.Errorf("headline is %+v", c.Headline)
	}
}

func TestLateRecordCompletesTheReport(t *testing.T) {
	j := new(journal)
	table := NewTable(j, Options{})
	d := report(bootA, extended, 5, 0)
	for i, b := range d {
		if i != 5 {
			table.Datagram(&Datagram{At: start, From: sender, Data: []byte(b), Size: len(b)})
		}
	}
	at := start.Add(DefaultCrashTimeout - time.Millisecond)
	table.Tick(at)
	if len(j.crashes) != 0 || !slices.Contains(j.lines, "-- 1 record missing (seq 12)") {
		t.Fatalf("before the timeout: %s", strings.Join(j.lines, "\n"))
	}
	table.Datagram(&Datagram{At: at, From: sender, Data: []byte(d[5]), Size: len(d[5])})
	if len(j.crashes) != 1 || !j.crashes[0].Complete {
		t.Errorf("after the late record: %s", strings.Join(j.lines, "\n"))
	}
}

func TestReportOverALossyNetworkIsNeverCalledCompleteWrongly(t *testing.T) {
	d := report(bootA, extended, 40, 0)
	complete := 0
	for lost := range d {
		j := feed(t, without(d, lost)...)
		backlog := lost >= 1 && lost <= 3
		if len(j.crashes) != 1 || j.crashes[0].Complete != backlog {
			t.Errorf("without datagram %d: %s", lost, strings.Join(j.lines, "\n"))
		}
		complete += b2i(backlog)
	}
	if complete != 3 {
		t.Errorf("%d of 3", complete)
	}
}

func TestDamagedRecordMakesTheReportIncomplete(t *testing.T) {
	d := report(bootA, extended, 2, 0)
	f := fragmentsOf(extended(0, 11, wire.ReportPrefix+strings.Repeat("x", 1500)))
	j := feed(t, slices.Concat(d[:4], f[:1], d[5:])...)
	if len(j.crashes) != 1 || j.crashes[0].Verdict() != "INCOMPLETE: 1 damaged" {
		t.Errorf("shown was\n%s", strings.Join(j.lines, "\n"))
	}
}

func TestSpans(t *testing.T) {
	s := spans{max: 3}
	for _, add := range []Span{{5, 6}, {10, 12}, {7, 7}, {1, 2}, {20, 30}, {3, 4}, {0, 0}, {^uint64(0), ^uint64(0)}, {9, 25}} {
		s.add(add)
	}
	// {20,30} came as a fourth run and was refused, so were those after it that would have been one.
	if got := fmt.Sprint(s.runs); got != "[0-7 9-25 18446744073709551615]" {
		t.Errorf("the set is %s", got)
	}
	if got := fmt.Sprint(s.holes(Span{3, 40})); got != "[8 26-40]" {
		t.Errorf("holes are %s", got)
	}
}

// TestDatagramsOfAReport: the sink gets the report's datagrams as they came, from the headline's to the end's.
func TestDatagramsOfAReport(t *testing.T) {
	for format, encode := range formats {
		d := report(bootA, encode, 5, 0)
		before, after := encode(6, 6, "before"), encode(6, 17, "after")
		j := feed(t, slices.Concat([]string{before}, d, []string{after})...)
		expect(t, format, j.raw, d...)
	}
}
