package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gasp/internal/command"
	"gasp/internal/loghost"
	"gasp/netlog/wire"
	"gasp/qemu"
)

func mustParse(t *testing.T, args ...string) *options {
	t.Helper()
	o, err := parse(args, io.Discard)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return &o
}

func TestParse(t *testing.T) {
	o := mustParse(t)
	if all := plan(o); len(all) != 8 || len(o.classes) != len(crashes) || len(crashes) != len(classNames)+2 {
		t.Errorf("%d runs, %d of %d classes, %d names", len(all), len(o.classes), len(crashes), len(classNames))
	}
	for _, args := range [][]string{{"-n", "0"}, {"-nics", "token-ring"}, {"-classes", "sneeze"}, {"-formats", "basic"}, {"-clients", "-1"},
		{"-rate", "-1"}, {"-least", "2", "-most", "1"}, {"more"}} {
		if _, err := parse(args, io.Discard); !errors.Is(err, command.ErrUsage) {
			t.Errorf("%q: %v, want wrong usage", args, err)
		}
	}
	var help strings.Builder
	if _, err := parse([]string{"-h"}, &help); !errors.Is(err, flag.ErrHelp) || !strings.Contains(help.String(), "exit status") {
		t.Errorf("-h: %v\n%s", err, help.String())
	}
}

// TestPlan: each driver has its runs, and all of its machines, formats and many classes come among them.
func TestPlan(t *testing.T) {
	seen, classes := make(map[string]int), make(map[string]int)
	for _, r := range plan(mustParse(t, "-n", "100")) {
		seen[driver(&r.machine)]++
		seen[r.format]++
		seen[r.machine.String()]++
		classes[r.class.Class]++
	}
	for name, want := range map[string]int{"e1000": 100, "virtio-net": 100, "q35 e1000": 50, "microvm virtio-net-device": 33} {
		if seen[name] != want {
			t.Errorf("%d runs of %s, want %d", seen[name], name, want)
		}
	}
	if seen[extended] < 90 || seen[sealed] < 90 || len(classes) < len(crashes)-2 {
		t.Errorf("runs: %v; classes: %v", seen, classes)
	}
}

// TestAgain: the command line of a failure is that very run.
func TestAgain(t *testing.T) {
	for _, r := range plan(mustParse(t, "-n", "20", "-seed", "9", "-most", "7000", "-rate", "5")) {
		line := strings.TrimPrefix(r.again(), "go run ./qemu/web ")
		before, machine, _ := strings.Cut(line, "-nics '")
		machine, after, _ := strings.Cut(machine, "'")
		words := append(strings.Fields(before), "-nics", machine)
		if all := plan(mustParse(t, append(words, strings.Fields(after)...)...)); len(all) != 1 || fmt.Sprint(*all[0]) != fmt.Sprint(*r) {
			t.Fatalf("%s\nis not %+v", line, r)
		}
	}
}

// TestLoadAndJudge lets the clients at a program of this host, and the judge at what the receiver shows of it: when it does all
// right nothing is found, and when it does something wrong that is found.
func TestLoadAndJudge(t *testing.T) {
	program := filepath.Join(t.TempDir(), "receiver")
	if err := loghost.Build(t.Context(), program); err != nil {
		t.Fatal(err)
	}
	once := func(what string, do func(*wire.Record)) func(*standin, *wire.Record) {
		done := false
		return func(_ *standin, r *wire.Record) {
			if !done && strings.HasPrefix(string(r.Text), what) {
				done = true
				do(r)
			}
		}
	}
	leaveOut := func(r *wire.Record) { r.Level = 255 }
	var greetings atomic.Int32
	for _, c := range []struct {
		name    string
		mistake func(*standin, *wire.Record)
		odd     func(*http.Request) bool
		found   string // "" for nothing
	}{
		{name: "all right"},
		{name: "a numbered line is lost", mistake: once("load 00000100", leaveOut), found: "1 records are missing"},
		{name: "a numbered line is logged twice", mistake: once("load 00000100", func(r *wire.Record) { copy(r.Text, "load 00000099") }), found: "behind numbered line 99 came"},
		{name: "a client's record is lost", mistake: once(asked, leaveOut), found: "1 records are missing"},
		{name: "a client's record is another one", mistake: once(asked, func(r *wire.Record) { r.Text[len(r.Text)-1] = 'x' }), found: "a record that a client had logged is not there"},
		{name: "a record is damaged on its way", mistake: once(asked, func(r *wire.Record) { r.Text = []byte(asked + "?") }), found: "no client had this logged"},
		{name: "the report lacks a line", mistake: once(wire.ReportPrefix, leaveOut), found: "INCOMPLETE"},
		{name: "the report is of something else", mistake: once(wire.ReportPrefix+"main.panicError", func(r *wire.Record) { r.Text[len(r.Text)-7] = 'x' }), found: `the traceback lacks "main.panicError("`},
		{name: "an answer has a wrong byte", odd: func(r *http.Request) bool { return r.URL.Path == "/" && greetings.Add(1) == 3 },
			found: "byte 17 of 21 is 0x61, not 0x65"},
		{name: "an answer breaks off", odd: func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/bytes") }, found: "GET /bytes: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := newRun(mustParse(t, "-classes", "panic"), mustParse(t).machines[0], extended, 1)
			s := newStory(extended)
			receiver, err := loghost.Start(t.Context(), loghost.Options{Program: program, Read: s.read, Args: []string{"-json", "-", "-quiet", "-dir", t.TempDir()}})
			if err != nil {
				t.Fatal(err)
			}
			m := newStandin(t, receiver.Address)
			m.mistake, m.odd = c.mistake, c.odd
			m.begin()
			var result result
			result.attack(t.Context(), run, m, func() <-chan time.Time { return m.enough }, nil, s)
			select {
			case <-s.over:
			case <-time.After(settle):
			}
			receiver.Stop()
			result.tell(run, s)
			got := strings.Join(result.reasons, "; ")
			if (got == "") != (c.found == "") || !strings.Contains(got, c.found) {
				t.Errorf("found %q, want %q", got, c.found)
			}
			if c.found == "" && (result.requests < 100 || result.lines < 150 || result.rate == 0 || result.bytes == 0 || result.state.Lines == 0) {
				t.Errorf("there was hardly a load: %+v", result)
			}
		})
	}
}

// TestMachinesUnderLoad lets machines with either driver crash under load: by a panic, inside the stack's link, and by an NMI.
func TestMachinesUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("boots machines")
	}
	dir := t.TempDir()
	image, receiver := filepath.Join(dir, "web.elf"), filepath.Join(dir, "receiver")
	if err := qemu.BuildImage(t.Context(), image, "./cmd/image", "-tags", "web"); err != nil {
		t.Fatal(err)
	}
	if err := loghost.Build(t.Context(), receiver); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ machine, format, class string }{
		{"q35 e1000", extended, "web-stack"},
		{"microvm virtio-net-device", sealed, "panic"},
		{"q35 virtio-net-pci", extended, "nmi"},
	} {
		o := mustParse(t, "-n", "1", "-nics", c.machine, "-formats", c.format, "-classes", c.class, "-most", "2000", "-clients", "4", "-image", image, "-receiver", receiver)
		r := plan(o)[0]
		result, err := r.make(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.reasons) > 0 || result.requests == 0 || result.lines == 0 {
			t.Errorf("%v, %s: %s; %d requests, %d numbered lines\n%s", r.machine, r.format, strings.Join(result.reasons, "; "), result.requests, result.lines, r.again())
		}
	}
}

// TestStoryOfABrokenDevice: what other processors log while one breaks the device may be missing, and nothing of before.
func TestStoryOfABrokenDevice(t *testing.T) {
	lines := func(missing string) string {
		return `{"type":"record","format":"sealed","seq":1,"text":"load 00000001 ."}
{"type":"missing","first":2,"last":` + missing + `}
{"type":"record","format":"sealed","seq":4,"text":"msg=\"about to die\" class=garbage"}
{"type":"missing","first":5,"last":6}
{"type":"record","format":"sealed","seq":7,"text":"load 00000005 ."}
{"type":"report-end","form":"crash","complete":true}
`
	}
	s := newStory(sealed)
	s.read(strings.NewReader(strings.Replace(lines("3"), `{"type":"missing","first":2,"last":3}`+"\n", "", 1)))
	if s.after != 2 || s.missing != 2 {
		t.Fatalf("%d missing, %d of them behind the last words", s.missing, s.after)
	}
	if problems := s.judge(nil, 3); len(problems) > 0 {
		t.Errorf("three may be lost: %q", problems)
	}
	s = newStory(sealed)
	s.read(strings.NewReader(lines("3")))
	if s.after != 2 || s.missing != 4 {
		t.Fatalf("%d missing, %d of them behind the last words", s.missing, s.after)
	}
	if problems := strings.Join(s.judge(nil, s.after), "; "); !strings.Contains(problems, "4 records are missing") || !strings.Contains(problems, "3 of 5 numbered lines") {
		t.Errorf("two are missing from before: %q", problems)
	}
}
