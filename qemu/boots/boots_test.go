package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gasp/internal/command"
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
	if o.boots != 200 || len(o.machines) < 3 || len(o.machines) >= len(qemu.Combinations) {
		t.Errorf("without flags: %d boots on %d machines", o.boots, len(o.machines))
	}
	for _, args := range [][]string{{"-n", "0"}, {"-nics", "token-ring"}, {"-jobs", "0"}, {"-limit", "0s"}, {"-seed", "18446744073709551615"}, {"more"}} {
		if _, err := parse(args, io.Discard); !errors.Is(err, command.ErrUsage) {
			t.Errorf("%q: %v, want wrong usage", args, err)
		}
	}
	var help strings.Builder
	if _, err := parse([]string{"-h"}, &help); !errors.Is(err, flag.ErrHelp) || !strings.Contains(help.String(), "* microvm") {
		t.Errorf("-h: %v\n%s", err, help.String())
	}
}

// TestAgain: the command line of a failure is that very boot.
func TestAgain(t *testing.T) {
	for _, b := range plan(mustParse(t, "-n", "30", "-seed", "7", "-checks", "clock,sleep")) {
		line := strings.TrimPrefix(again(&b.Selftest), "go run ./qemu/boots ")
		before, machine, _ := strings.Cut(line, "-nics '")
		machine, after, _ := strings.Cut(machine, "'")
		words := append(strings.Fields(before), "-nics", machine)
		same := plan(mustParse(t, append(words, strings.Fields(after)...)...))
		if len(same) != 1 || same[0].Cmdline() != b.Cmdline() || same[0].Machine.String() != b.Machine.String() {
			t.Fatalf("%s\nis not %+v", line, b.Selftest)
		}
	}
}

// TestSummary: a failure has what it takes to see it again, and one boot of many that failed is enough to fail.
func TestSummary(t *testing.T) {
	o := mustParse(t, "-n", "4", "-nics", "microvm virtio-net-device,microvm virtio-net-device -global virtio-mmio.force-legacy=false")
	s := newSummary(o)
	for i, b := range plan(o) {
		b.result = qemu.SelftestResult{Passed: 54, Time: time.Duration(i+1) * time.Second}
		if i == 3 {
			b.result = qemu.SelftestResult{Passed: 7, Hung: true, Failed: []string{"it did not end"}, Report: []string{"hang at pc=0x1"}}
		}
		if s.passed() {
			t.Errorf("passed after %d of 4 boots", i)
		}
		s.add(b)
	}
	if s.passed() {
		t.Error("three of four boots passed, and all is well")
	}
	var out strings.Builder
	s.write(&out)
	for _, want := range []string{"it did not end", "hang at pc=0x1", "-seed 4", "3 of 4 boots passed, 1 failed, 1 of them hung; 169 checks", "1/2", "1.0-3.0"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the summary lacks %q:\n%s", want, out.String())
		}
	}
	file := filepath.Join(t.TempDir(), "new", "boots.json")
	if err := command.Save(file, s); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	var saved struct{ Failures []failure }
	if err != nil || json.Unmarshal(text, &saved) != nil || len(saved.Failures) != 1 || saved.Failures[0].Again == "" || !saved.Failures[0].Hung {
		t.Errorf("%v: %s", err, text)
	}
}

// TestInterrupted: boots that were not made have not passed.
func TestInterrupted(t *testing.T) {
	image := filepath.Join(t.TempDir(), "selftest.elf")
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o := mustParse(t, "-n", "3", "-nics", "microvm", "-json", filepath.Join(t.TempDir(), "boots.json"), "-image", image)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out strings.Builder
	if passed, err := boots(ctx, o, &out); passed || err == nil || !strings.Contains(out.String(), "3 were not made") {
		t.Errorf("interrupted, everything passed: %v, %v\n%s", passed, err, out.String())
	}
}
