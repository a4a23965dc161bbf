package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gasp/internal/command"
	"gasp/internal/loghost"
	"gasp/internal/lossy"
	"gasp/netlog/wire"
	"gasp/qemu"
)

func TestParse(t *testing.T) {
	o, err := parse(nil, io.Discard)
	if err != nil || len(plan(&o)) != 2*4*50 {
		t.Errorf("%v: %d runs", err, len(plan(&o)))
	}
	for _, args := range [][]string{{"-rates", "100"}, {"-rates", "x"}, {"-rates", "-1"}, {"-formats", "basic"}, {"-n", "0"}, {"-nics", "token-ring"}, {"-lines", "0"}, {"more"}} {
		if _, err := parse(args, io.Discard); !errors.Is(err, command.ErrUsage) {
			t.Errorf("%q: %v, want wrong usage", args, err)
		}
	}
	var help strings.Builder
	if _, err := parse([]string{"-h"}, &help); !errors.Is(err, flag.ErrHelp) || !strings.Contains(help.String(), "exit status") {
		t.Errorf("-h: %v\n%s", err, help.String())
	}
}

// TestAgain: the command line of a failure is that very run.
func TestAgain(t *testing.T) {
	o, _ := parse([]string{"-n", "3", "-seed", "9", "-rates", "0.5,30"}, io.Discard)
	for _, r := range plan(&o) {
		line := strings.TrimPrefix(r.again(), "go run ./qemu/loss ")
		before, machine, _ := strings.Cut(line, "-nics '")
		machine, after, _ := strings.Cut(machine, "'")
		words := append(strings.Fields(before), "-nics", machine)
		again, err := parse(append(words, strings.Fields(after)...), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if all := plan(&again); len(all) != 1 || fmt.Sprint(*all[0]) != fmt.Sprint(*r) {
			t.Fatalf("%s\nis not %+v", line, r)
		}
	}
}

// A story is what a receiver wrote.
type story []string

func (s *story) record(format string, seq int, text string) {
	*s = append(*s, fmt.Sprintf(`{"type":"record","host":"tried","format":%q,"seq":%d,"text":%q}`, format, seq, text))
}

func (s *story) end(complete bool) {
	*s = append(*s, fmt.Sprintf(`{"type":"report-end","host":"tried","form":"crash","complete":%v,"verdict":"a verdict"}`, complete))
}

func judged(t *testing.T, format string, lines int, s story, sent *ledger) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "all.json")
	if err := os.WriteFile(file, []byte(strings.Join(s, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var r result
	r.judge(&run{format: format, lines: lines}, file, sent)
	return strings.Join(r.reasons, "; ")
}

func told(format string, leave, twice int, complete bool) (s story) {
	const lines = 5
	s.record(format, 0, "first")
	for n := 1; n <= lines; n++ {
		for range map[int]int{leave: 0, twice: 2}[n] + map[bool]int{true: 1}[n != leave && n != twice] {
			s.record(format, n, fmt.Sprintf("line %08d of %08d", n, lines))
		}
	}
	s.record(format, lines+1, "gasp: end")
	s.end(complete)
	return s
}

func TestJudgeSealed(t *testing.T) {
	for _, tt := range []struct {
		name string
		s    story
		want string
	}{
		{"all", told(sealed, 0, 0, true), ""},
		{"a line is not there", told(sealed, 3, 0, true), "1 of the numbers up to 6 are not there; 4 of 5 lines are there"},
		{"one came twice", told(sealed, 0, 2, true), "record 2 came 2 times; line 2 behind line 2; 6 of 5 lines are there"},
		{"incomplete", told(sealed, 0, 0, false), "1 crash reports: a verdict"},
		{"another format", told(extended, 0, 0, true), "in format extended"},
		{"called missing", append(told(sealed, 0, 0, true), `{"type":"missing","first":7,"last":8}`), "2 records are called missing"},
		{"nothing", story{`{"type":"reboot"}`}, "0 crash reports"},
	} {
		if got := judged(t, sealed, 5, tt.s, newLedger()); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestJudgeExtended: what is called missing has to be what was lost, number by number.
func TestJudgeExtended(t *testing.T) {
	sent := newLedger()
	pass := func(seq, copies int) {
		b := wire.AppendExtended(nil, &wire.Record{Seq: uint64(seq), Text: []byte("text")})
		sent.note(lossy.Fate{Payload: b, Copies: copies})
	}
	for seq, copies := range []int{1, 1, 2, 0, 0, 1, 1, 0} { // 3 and 4 are lost, and the tail
		pass(seq, copies)
	}
	pass(4, 1) // sent again
	s := told(extended, 3, 0, false)
	if got := judged(t, extended, 5, append(s, `{"type":"missing","first":3,"last":3}`), sent); got != "" {
		t.Errorf("as it is: %s", got)
	}
	if got := judged(t, extended, 5, s, sent); !strings.Contains(got, "record 3 was lost, and is not called missing") {
		t.Errorf("not said: %q", got)
	}
	if got := judged(t, extended, 5, append(s, `{"type":"missing","first":2,"last":3}`), sent); !strings.Contains(got, "record 2 is called missing, and was not lost") {
		t.Errorf("said too much: %q", got)
	}
}

// TestMachinesBehindABadNetwork makes a run of each format with 30 % of everything: a machine, the network, the receiver.
func TestMachinesBehindABadNetwork(t *testing.T) {
	if testing.Short() {
		t.Skip("boots machines")
	}
	dir := t.TempDir()
	o := options{runs: 1, formats: []string{sealed, extended}, rates: []float64{0.3}, lines: 2000, seed: 1,
		machines: qemu.Combinations[:1], image: filepath.Join(dir, "image.elf"), receiver: filepath.Join(dir, "receiver")}
	if err := qemu.BuildImage(t.Context(), o.image, "./cmd/image"); err != nil {
		t.Fatal(err)
	}
	if err := loghost.Build(t.Context(), o.receiver); err != nil {
		t.Fatal(err)
	}
	for _, r := range plan(&o) {
		result, err := r.make(t.Context(), &o)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.reasons) > 0 || result.forth.Lost == 0 || result.records == 0 {
			t.Errorf("%s: %s; %d datagrams were lost, %d records came\n%s", r.format, strings.Join(result.reasons, "; "), result.forth.Lost, result.records, r.again())
		}
	}
}
