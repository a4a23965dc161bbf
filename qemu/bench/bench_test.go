package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/internal/command"
	"gasp/internal/listen"
)

func TestParse(t *testing.T) {
	o, err := parse(nil, io.Discard)
	if err != nil || len(o.parts) != len(parts) || o.lines != 1_000_000 || o.peers != "" {
		t.Errorf("without flags: %v, %+v", err, o)
	}
	if o, err = parse([]string{"-only", "rate,line"}, io.Discard); err != nil || len(o.parts) != 2 || o.parts[0].name != "line" {
		t.Errorf("-only: %v, %+v", err, o.parts)
	}
	for _, args := range [][]string{{"-only", "lines"}, {"-only", "line,"}, {"-repeat", "0"}, {"-lines", "10"}, {"-peers", t.TempDir()}, {"more"}} {
		if _, err := parse(args, io.Discard); !errors.Is(err, command.ErrUsage) {
			t.Errorf("%q: %v, want wrong usage", args, err)
		}
	}
	var help strings.Builder
	if _, err := parse([]string{"-h"}, &help); !errors.Is(err, flag.ErrHelp) || !strings.Contains(help.String(), "idle") {
		t.Errorf("-h: %v\n%s", err, help.String())
	}
}

// TestNumber: figures of any size are readable.
func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0.00", 0.213: "0.21", 12.34: "12.3", 943.4: "943", 1000: "1,000", 34842000: "34,842,000", -1500: "-1,500"} {
		if got := number(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	if got := (samples{3, 1, 2, 400}).String(); got != "2.50 [1.00..400]" {
		t.Errorf("four values are written %s", got)
	}
	if got := (samples{2, 2}).String(); got != "2.00" {
		t.Errorf("equal values are written %s", got)
	}
}

// TestWanted: what is as wanted, for figures of which less or more is better, and with nothing to compare with.
func TestWanted(t *testing.T) {
	yes, no := true, false
	for i, c := range []struct {
		figure Figure
		met    *bool
	}{
		{Figure{Gasp: samples{1000}, Wanted: &wanted{Most: 1000}}, &yes},
		{Figure{Gasp: samples{1001}, Wanted: &wanted{Most: 1000}}, &no},
		{Figure{Gasp: samples{0.2}, Linux: samples{8}, Wanted: &wanted{Times: 10}}, &yes},
		{Figure{Gasp: samples{0.9}, Linux: samples{8}, Wanted: &wanted{Times: 10}}, &no},
		{Figure{Gasp: samples{60}, Linux: samples{10}, Wanted: &wanted{Times: 5, More: true}}, &yes},
		{Figure{Gasp: samples{40}, Linux: samples{10}, Wanted: &wanted{Times: 5, More: true}}, &no},
		{Figure{Gasp: samples{0, 0}, Wanted: &wanted{None: true}}, &yes},
		{Figure{Gasp: samples{0, 0, 1}, Wanted: &wanted{None: true}}, &no},
		{Figure{Gasp: samples{0.2}, Wanted: &wanted{Times: 10}}, nil},
		{Figure{Gasp: samples{5}, Linux: samples{10}, Wanted: &wanted{More: true}}, nil},
		{Figure{Gasp: samples{5}}, nil},
		{Figure{Wanted: &wanted{Most: 1}}, nil},
	} {
		c.figure.settle()
		if got := c.figure.Met; (got == nil) != (c.met == nil) || got != nil && *got != *c.met {
			t.Errorf("case %d: %+v", i, c.figure)
		}
	}
}

const limitsText = `# what a line costs

line/a     1000  a line
line/b     2000  another
`

func writeLimits(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "limits.txt")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestLimits: a figure may be 5 % above its limit and not more, and what is not counted has none.
func TestLimits(t *testing.T) {
	l, err := readLimits(writeLimits(t, limitsText))
	if err != nil {
		t.Fatal(err)
	}
	figures := []Figure{{Name: "line/a", Gasp: samples{1050}, counted: true}, {Name: "line/b", Gasp: samples{2101}, counted: true},
		{Name: "line/b", Gasp: samples{3000}, counted: true, grain: 1000}, {Name: "idle", Gasp: samples{99}}}
	broken := l.judge(figures)
	if len(broken) != 1 || broken[0] != &figures[1] || figures[0].Limit != 1000 || figures[3].Limit != 0 {
		t.Errorf("broken: %+v; all: %+v", broken, figures)
	}
	var said strings.Builder
	l.write(&said, broken, "limits.txt")
	for _, want := range []string{"line/b", "2,101", "2,000", "+5.0 %", "limits.txt", "-update"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is not in %q", want, said.String())
		}
	}
}

// TestLimitsUpdate: better values and new figures are written, worse ones are not, and the rest of the file stays.
func TestLimitsUpdate(t *testing.T) {
	file := writeLimits(t, limitsText)
	l, err := readLimits(file)
	if err != nil {
		t.Fatal(err)
	}
	err = l.update(file, []Figure{{Name: "line/a", About: "a line", Gasp: samples{900}, counted: true}, {Name: "line/b", Gasp: samples{2050}, counted: true},
		{Name: "line/c", About: "a third", Gasp: samples{3000}, counted: true}, {Name: "idle", Gasp: samples{1}}, {Name: "line/d", counted: true}})
	if err != nil {
		t.Fatal(err)
	}
	if l, err = readLimits(file); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"line/a": 900, "line/b": 2000, "line/c": 3000} {
		if got := l.of(name); got == nil || got.value != want {
			t.Errorf("%s: %+v, want %v", name, got, want)
		}
	}
	if l.of("idle") != nil || l.of("line/d") != nil || l.lines[0].text != "# what a line costs" {
		t.Errorf("the file became %+v", l.lines)
	}
}

func TestWrongLimits(t *testing.T) {
	for _, text := range []string{"name", "name x", "name 0", "name -1", "name NaN", "name Inf", "a 1\na 2"} {
		if _, err := readLimits(writeLimits(t, text)); !errors.Is(err, errLimits) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// script puts a script of the kit into a folder.
func script(t *testing.T, text string) peers {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "flood.py"), []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return peers{dir}
}

// TestPeers: rows without the field are of failed runs; a script that fails, or has none, is an error.
func TestPeers(t *testing.T) {
	p := script(t, `echo '{"nic":"'$2'","rate":12.5}'; echo '{"ok":false}'; echo progress >&2; echo '{"rate":13}'`)
	got, err := p.measure(t.Context(), "rate", "flood.py", "--nics", "e1000")
	if err != nil || !slices.Equal(got, samples{12.5, 13}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{`echo '{"ok":false}'`, `echo no json`, `echo it is broken >&2; exit 3`, ``} {
		if got, err := script(t, text).measure(t.Context(), "rate", "flood.py"); !errors.Is(err, errScript) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := script(t, `exec sleep 60`).rows(ctx, "flood.py"); err == nil {
		t.Error("a script was waited for that should have been ended")
	}
}

// TestFlooded: each line counts once, and what is none does not.
func TestFlooded(t *testing.T) {
	f := &flooded{seen: make([]bool, 4)}
	at := time.Now()
	for i, text := range []string{"[ 0.1] line 00000001 of 00000003 ...", "[ 0.1] line 00000001 of 00000003 ...", "eth0", "line 00000009 of", "line x", "line 0000",
		"[ 0.2] line 00000003 of 00000003 ..."} {
		f.take([]listen.Datagram{{At: at.Add(time.Duration(i) * time.Second), Data: []byte(text)}})
	}
	if f.different != 2 || math.Abs(f.perSecond()-1.0/6) > 1e-9 {
		t.Errorf("%d lines, %v a second", f.different, f.perSecond())
	}
}

// TestResults: the table has both sides, the JSON every value; without Linux it says so.
func TestResults(t *testing.T) {
	r := results{Figures: []Figure{{Name: "rate", About: "lines a second", Gasp: samples{50_000, 60_000}, Linux: samples{10_000}, Wanted: &wanted{Times: 5, More: true}}},
		Failures: []string{"tcp: no"}}
	var out strings.Builder
	r.write(&out)
	for _, want := range []string{"lines a second", "55,000 [50,000..60,000]", "10,000", "5.50x", "5x", "yes", "could not be measured: tcp: no", "PEERS="} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	text, err := json.Marshal(&r)
	if err != nil || !strings.Contains(string(text), "[50000,60000]") || !strings.Contains(string(text), `"met":true`) {
		t.Errorf("%s, %v", text, err)
	}
}

// TestInstructions counts what can be counted in a few seconds, so that nobody needs make bench to notice that it got worse.
// Instructions do not depend on the host.
func TestInstructions(t *testing.T) {
	o, err := parse([]string{"-dir", t.TempDir(), "-limits", "limits.txt"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	l, err := readLimits(o.limits)
	if err != nil {
		t.Fatal(err)
	}
	r := newRun(&o)
	for _, count := range []error{r.countLine(t.Context(), e1000, 0), r.countFirst(t.Context(), e1000, false), r.countFirst(t.Context(), microvm, false), r.countCrash(t.Context(), countedCrash{class: "nil"})} {
		if count != nil {
			t.Fatal(count)
		}
	}
	for _, f := range r.results.Figures {
		if l.of(f.Name) == nil {
			t.Errorf("%s has no limit in %s", f.Name, o.limits)
		}
	}
	broken := l.judge(r.results.Figures)
	if len(broken) > 0 {
		var said strings.Builder
		l.write(&said, broken, o.limits)
		t.Error(said.String())
	}
}
