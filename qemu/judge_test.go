package qemu

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// sent is a crash as a machine sends it: what the log host gets is made from it.
type sent struct {
	extended bool
	boot     string
	cause    string
	function string
	before   []string // ordinary records
	unsent   int      // of these, sent behind the headline
	lines    []string
	lost     uint64 // as the end record says
	records  uint64 // the same; 0 is the right number
}

// aCrash is whole for madeUp.
func aCrash() sent {
	return sent{extended: true, boot: "0123456789abcdef", cause: "panic: all is lost", function: "main.lose+0x12",
		before: []string{"gasp demonstration image", "one", "about to die", "two"}, unsent: 2,
		lines: []string{"goroutine 1 [running]:", "main.lose(...)", "\tmain.go:7", "main.main()", "\tmain.go:12 +0x4"}}
}

var madeUp = Crash{Class: "made-up", Cause: "panic: all is lost", Function: "main.lose", Traceback: "main.main()", Exception: "#PF"}

func (s sent) datagrams() (all []Datagram) {
	number := 0
	add := func(text []byte) {
		r := wire.Record{Seq: uint64(number), Time: uint64(number), Text: text}
		payload := wire.AppendBasic(nil, &r)
		if s.extended {
			payload = wire.AppendExtended(nil, &r)
		}
		all = append(all, Datagram{Payload: payload})
		number++
	}
	h := wire.Headline{Boot: [16]byte([]byte(s.boot)), Cause: []byte(s.cause), Func: s.function, Exception: "#PF", Build: "abcd",
		HasLast: true, Last: uint64(len(s.before) - 1), Unsent: uint64(s.unsent)}
	for i := range leastRegisters["amd64"] {
		h.Registers = append(h.Registers, wire.Register{Name: fmt.Sprint("r", i), Value: uint64(i)})
	}
	for _, text := range s.before {
		add([]byte(text))
	}
	add(wire.AppendHeadline(nil, &h, wire.HeadlineMax))
	for _, line := range s.lines {
		add([]byte(wire.ReportPrefix + line))
	}
	end := wire.End{Boot: h.Boot, Records: or(s.records, uint64(len(s.lines)+2)), Lost: s.lost}
	add(wire.AppendEnd(nil, &end))
	late := len(s.before) - s.unsent // what was not sent comes behind the headline
	backlog := slices.Clone(all[late:len(s.before)])
	all = slices.Delete(all, late, len(s.before))
	return slices.Insert(all, late+1, backlog...)
}

// without takes away the datagrams with a text in them.
func without(all []Datagram, text string) []Datagram {
	return slices.DeleteFunc(all, func(d Datagram) bool { return bytes.Contains(d.Payload, []byte(text)) })
}

func changed(change func(*sent)) []Datagram {
	s := aCrash()
	change(&s)
	return s.datagrams()
}

func TestJudge(t *testing.T) {
	whole, basic := aCrash().datagrams(), changed(func(s *sent) { s.extended = false })
	headline := func(all []Datagram) Datagram {
		return all[slices.IndexFunc(all, func(d Datagram) bool { return bytes.Contains(d.Payload, []byte("gasp: crash")) })]
	}
	other := changed(func(s *sent) { s.boot = "fedcba9876543210" })
	for _, tt := range []struct {
		name      string
		datagrams []Datagram
		want      Verdict
		why       string
	}{
		{"all of it", whole, Whole, ""},
		{"all of it, basic", basic, Whole, ""},
		{"nothing", nil, Nothing, "no headline among 0 datagrams"},
		{"only what was logged", whole[:2], Nothing, "no headline among 2 datagrams"},
		{"the end alone", whole[len(whole)-1:], Nothing, "no headline"},
		{"the headline alone", []Datagram{headline(whole)}, HeadlineAlone, "no end record after 1 records"},
		{"no middle record", without(aCrash().datagrams(), "main.lose("), HeadlineAlone, "6 records of the report arrived, the end record says 7"},
		{"no middle record, basic", without(changed(func(s *sent) { s.extended = false }), "main.lose("), HeadlineAlone, "6 records of the report arrived, the end record says 7"},
		{"a middle record missing in the count too", without(changed(func(s *sent) { s.records = 6 }), "main.lose("), HeadlineAlone, "the report's record number 6 is missing"},
		{"no end", whole[:len(whole)-1], HeadlineAlone, "no end record after 6 records"},
		{"an end that counts wrong", changed(func(s *sent) { s.records = 8 }), HeadlineAlone, "7 records of the report arrived, the end record says 8"},
		{"an end that says something is lost", changed(func(s *sent) { s.lost = 1 }), HeadlineAlone, "1 of 7 records are lost"},
		{"the wrong cause", changed(func(s *sent) { s.cause = "panic: all is well" }), HeadlineAlone, `cause is "panic: all is well"`},
		{"the wrong function", changed(func(s *sent) { s.function = "main.win+0x1" }), HeadlineAlone, `function is "main.win+0x1"`},
		{"no boot id", changed(func(s *sent) { s.boot = "0000000000000000" }), HeadlineAlone, "boot id is 0000000000000000"},
		{"no traceback", changed(func(s *sent) { s.lines = nil }), HeadlineAlone, "the traceback lacks"},
		{"a traceback without positions", changed(func(s *sent) { s.lines = []string{"main.main()", "main.main()"} }), HeadlineAlone, "the traceback lacks"},
		{"two boots", slices.Concat(whole, other), HeadlineAlone, "headlines of two boots"},
		{"two crashes of one boot", slices.Concat(whole, changed(func(s *sent) { s.cause = "another" })), HeadlineAlone, `another headline arrived: "another"`},
		{"the headline again", slices.Concat(whole, []Datagram{headline(whole)}), Whole, ""},
		{"the headline again, basic", slices.Concat(basic, []Datagram{headline(basic)}), Whole, ""},
		{"the whole report again", slices.Concat(whole, whole[2:]), Whole, ""},
		{"the whole report again, basic", slices.Concat(basic, basic[2:]), Whole, ""},
		{"a line before the headline", slices.Insert(slices.Clone(basic), 1, basic[6]), HeadlineAlone, "it came without a headline before it"},
		{"no last words", without(aCrash().datagrams(), lastWords), HeadlineAlone, `the line "about to die" is missing`},
		{"a hole in what was logged", without(aCrash().datagrams(), ";one"), HeadlineAlone, "1 records of before are missing, the first is number 1"},
		{"the headline behind what it counts as unsent", slices.Insert(without(aCrash().datagrams(), "gasp: crash"), 4, headline(whole)), HeadlineAlone, "the headline came behind 2 records"},
		{"the headline behind the record at which the sender stopped", slices.Insert(without(aCrash().datagrams(), "gasp: crash"), 3, headline(whole)), Whole, ""},
		{"no record", slices.Concat(whole, []Datagram{{}}), HeadlineAlone, "is no record"},
	} {
		t.Run(tt.name, func(t *testing.T) { check(t, madeUp.Judge(tt.datagrams, false), tt.want, tt.why) })
	}
}

func check(t *testing.T, j Judgement, want Verdict, why string) {
	t.Helper()
	if j.Verdict != want || !strings.Contains(j.Reason, why) || (want == Whole) != (j.Reason == "") {
		t.Errorf("the verdict is %v because of %q, want %v because of %q", j.Verdict, j.Reason, want, why)
	}
}

// TestJudgeWhatIsLost: records of before may only be missing if the report says so.
func TestJudgeWhatIsLost(t *testing.T) {
	load := func(n int) string { return fmt.Sprintf("load %08d ....", n) }
	crash := func(extended bool, said string, lost ...int) []Datagram {
		s := aCrash()
		s.extended = extended
		s.before = []string{"gasp demonstration image", "about to die"}
		for n := range 8 {
			s.before = append(s.before, load(n+1))
		}
		s.unsent = 2 // lines 7 and 8
		if said != "" {
			s.lines = append([]string{said}, s.lines...)
		}
		all := s.datagrams()
		for _, n := range lost {
			all = without(all, load(n))
		}
		return all
	}
	const device, ring = "network device: reset, 2 frames given to it before may be lost", "3 records from before the crash are lost"
	for _, extended := range []bool{false, true} {
		for _, tt := range []struct {
			name string
			said string
			lost []int
			want Verdict
			why  string
		}{
			{"nothing", "", nil, Whole, ""},
			{"one, and nobody says so", "", []int{4}, HeadlineAlone, "missing"},
			{"those that the device had", device, []int{5, 6}, Whole, ""},
			{"more than the device had", device, []int{4, 5, 6}, HeadlineAlone, "missing"},
			{"those that the ring had", ring, []int{2, 3, 7}, Whole, ""},
			{"more than the ring had", ring, []int{2, 3, 6, 7}, HeadlineAlone, "missing"},
		} {
			t.Run(fmt.Sprintf("%s, extended %v", tt.name, extended), func(t *testing.T) {
				check(t, madeUp.Judge(crash(extended, tt.said, tt.lost...), true), tt.want, tt.why)
			})
		}
	}
	t.Run("not those that the device had", func(t *testing.T) {
		check(t, madeUp.Judge(crash(true, device, 2, 3), true), HeadlineAlone, "2 records of before are missing")
	})
	t.Run("the last words, in the device", func(t *testing.T) {
		all := without(crash(false, "network device: reset, 9 frames given to it before may be lost"), lastWords)
		check(t, madeUp.Judge(all, true), Whole, "")
	})
	t.Run("into a dead link", func(t *testing.T) {
		linked := madeUp
		linked.DeadLink = true
		check(t, linked.Judge(crash(true, "", 3, 4), true), Whole, "")
		check(t, linked.Judge(crash(true, "", 3, 5), true), HeadlineAlone, "missing")
	})
	t.Run("no load", func(t *testing.T) {
		check(t, madeUp.Judge(aCrash().datagrams(), true), HeadlineAlone, "no line of the load")
	})
}

// TestHeldBackIsNotMissing: a record that loglevel= holds back leaves a gap, and the one behind it says so.
func TestHeldBackIsNotMissing(t *testing.T) {
	for _, tt := range []struct {
		skip string
		want Verdict
	}{{"", HeadlineAlone}, {",skip=1", Whole}, {",skip=2", Whole}} {
		all := without(aCrash().datagrams(), ";one")
		for i := range all {
			all[i].Payload = bytes.Replace(all[i].Payload, []byte(",-;about"), []byte(",-"+tt.skip+";about"), 1)
		}
		check(t, madeUp.Judge(all, false), tt.want, "")
	}
}

// TestReadLogPutsFragmentsTogether: a record of two datagrams is one.
func TestReadLogPutsFragmentsTogether(t *testing.T) {
	text := bytes.Repeat([]byte("long\\ "), 250)
	message := wire.AppendExtended(nil, &wire.Record{Seq: 3, Text: text})
	var datagrams []Datagram
	for pos := 0; ; {
		b, ok := wire.NextExtended(nil, message, &pos)
		if !ok {
			break
		}
		datagrams = append(datagrams, Datagram{Payload: b})
	}
	if len(datagrams) < 2 {
		t.Fatalf("%d datagrams", len(datagrams))
	}
	for cut, want := range []int{1, 0} {
		log := ReadLog(datagrams[cut:])
		if len(log.Ordinary) != want || want == 1 && !bytes.Equal(log.Ordinary[0].Text, text) {
			t.Errorf("without the first %d of %d fragments: %d records", cut, len(datagrams), len(log.Ordinary))
		}
	}
}

// TestCrashBesideAReportOnDemand: what a machine that died had not sent of a report on demand comes behind the crash's headline, and
// what follows is the crash's.
func TestCrashBesideAReportOnDemand(t *testing.T) {
	for _, extended := range []bool{false, true} {
		boot := [16]byte([]byte("0123456789abcdef"))
		at := func(number uint64, text []byte) Datagram {
			r := wire.Record{Seq: number, Time: number, Text: text}
			if extended {
				return Datagram{Payload: wire.AppendExtended(nil, &r)}
			}
			return Datagram{Payload: wire.AppendBasic(nil, &r)}
		}
		headline := func(form wire.Form) []byte {
			return wire.AppendHeadline(nil, &wire.Headline{Form: form, Boot: boot, Cause: []byte("why")}, wire.HeadlineMax)
		}
		line := func(text string) []byte { return []byte(wire.ReportPrefix + text) }
		log := ReadLog([]Datagram{at(9, headline(wire.Crash)), at(7, headline(wire.Report)), at(8, line("of the report")),
			at(10, line("of the crash")), at(11, wire.AppendEnd(nil, &wire.End{Boot: boot, Records: 3}))})
		if len(log.Reports) != 2 || len(log.Stray) != 0 {
			t.Fatalf("extended %v: %d reports, %q belongs to none", extended, len(log.Reports), log.Stray)
		}
		crash, report := log.Reports[0], log.Reports[1]
		if missing := crash.Complete(); missing != "" || !slices.Equal(crash.Lines, []string{"of the crash"}) {
			t.Errorf("extended %v: the crash: %s: %q", extended, missing, crash.Lines)
		}
		if report.Ended || !slices.Equal(report.Lines, []string{"of the report"}) {
			t.Errorf("extended %v: the report: %q, ended %v", extended, report.Lines, report.Ended)
		}
	}
}
