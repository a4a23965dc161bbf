package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"gasp/internal/command"
	"gasp/qemu"
)

// twoMachines is a list of machines that stays as long as others are added.
const twoMachines = "microvm virtio-net-device,microvm virtio-net-device -global virtio-mmio.force-legacy=false"

func mustParse(t *testing.T, args ...string) *options {
	t.Helper()
	o, err := parse(args, io.Discard)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return &o
}

func TestParse(t *testing.T) {
	all := mustParse(t)
	if len(all.classes) != len(qemu.Crashes) || len(all.machines) != len(qemu.Combinations) || all.load || all.step >= 0 || all.repeat != 1 {
		t.Errorf("without flags: %d classes, %d machines, %+v", len(all.classes), len(all.machines), *all)
	}
	for _, tt := range []struct {
		nics string
		want int
	}{{"microvm", 3}, {twoMachines, 2}, {"q35 e1000", 1}, {"e1000e", 4}, {"q35", 11}, {"q35 e1000,pc e1000", 2}, {"e1000e,q35 e1000e", 4}, {"disable-modern", 2}} {
		if o := mustParse(t, "-nics", tt.nics); len(o.machines) != tt.want {
			t.Errorf("-nics %q is %d machines, want %d: %v", tt.nics, len(o.machines), tt.want, o.machines)
		}
	}
	for _, c := range qemu.Combinations {
		if o := mustParse(t, "-nics", c.String()); len(o.machines) != 1 || !reflect.DeepEqual(o.machines[0], c) {
			t.Errorf("the name %q does not mean itself: %v", c, o.machines)
		}
	}
	if o := mustParse(t, "-repeat", "3"); !o.load {
		t.Error("repeated runs are without load")
	}
	if o := mustParse(t, "-repeat", "3", "-load=false"); o.load {
		t.Error("-load=false does not count")
	}
	for _, args := range [][]string{{"-classes", "sneeze"}, {"-nics", "token-ring"}, {"-nics", "q35,"}, {"-repeat", "-1"}, {"-jobs", "0"},
		{"-steps", "some"}, {"-repeat", "0"}, {"more"}} {
		if _, err := parse(args, io.Discard); !errors.Is(err, command.ErrUsage) {
			t.Errorf("%q: %v, want wrong usage", args, err)
		}
	}
	var help strings.Builder
	if _, err := parse([]string{"-h"}, &help); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h: %v", err)
	}
	for _, want := range []string{"-classes", "-nics", "-repeat", "-seed", "-json", "-jobs", "-load", "-steps", "-icount", "mapwrite", "q35 e1000e", "exit status"} {
		if !strings.Contains(help.String(), want) {
			t.Errorf("-h does not tell of %s", want)
		}
	}
}

// TestAgain: the command line of a failure is that very cell.
func TestAgain(t *testing.T) {
	for _, args := range [][]string{{"-repeat", "3", "-seed", "40"}, {"-load"}, {"-steps", "7", "-classes", "sender,nil,ss"}} {
		for _, j := range plan(mustParse(t, args...)) {
			line := strings.TrimPrefix(again(&j.cell), "go run ./qemu/crash ")
			before, machine, _ := strings.Cut(line, "-nics '")
			machine, after, _ := strings.Cut(machine, "'")
			words := append(strings.Fields(before), "-nics", machine)
			cells := plan(mustParse(t, append(words, strings.Fields(after)...)...))
			if len(cells) != 1 || cells[0].cell.Cmdline() != j.cell.Cmdline() || cells[0].cell.HostTime != j.cell.HostTime || cells[0].cell.Ignored != j.cell.Ignored {
				t.Fatalf("%s\nis not %+v", line, j.cell)
			}
		}
	}
}

func TestPlan(t *testing.T) {
	if n := len(plan(mustParse(t, "-classes", "nil,hang", "-nics", twoMachines, "-repeat", "3", "-icount"))); n != 2*2*3+1 {
		t.Errorf("%d jobs; hang is not counted", n)
	}
	o := mustParse(t, "-classes", "sender", "-nics", "q35 e1000", "-steps", "all")
	first := outcome{job: plan(o)[0], result: qemu.Result{Steps: 5}}
	if more := moreSteps(o, &first); len(more) != 4 || more[3].cell.Step != 4 {
		t.Errorf("after the first of five steps: %+v", more)
	}
	second := outcome{job: moreSteps(o, &first)[0], result: qemu.Result{Steps: 5}}
	if more := moreSteps(o, &second); len(more) != 0 {
		t.Errorf("after the second: %+v", more)
	}
}

// TestSummary: the table has a row a class, the file the same, and a failure everything that it takes to see it again.
func TestSummary(t *testing.T) {
	o := mustParse(t, "-classes", "nil,sender", "-nics", twoMachines, "-icount")
	s := newSummary(o)
	jobs := plan(o)
	for i, verdict := range []qemu.Verdict{qemu.Whole, qemu.Whole, qemu.Whole, qemu.Nothing} {
		result := qemu.Result{Judgement: qemu.Judgement{Verdict: verdict, Frames: 10 + i}}
		if verdict != qemu.Whole {
			result.Reason, result.Frames = "no headline among 7 datagrams", 0
		}
		s.add(outcome{job: jobs[i], result: result}, len(jobs))
	}
	s.add(outcome{job: jobs[4], counts: qemu.Count{First: 4321, Last: 1234567, PerFrame: 999}}, len(jobs))
	var out strings.Builder
	s.write(&out)
	for _, want := range []string{"nil     2/2    whole               10-11   4,321", "1,234,567  999\n", "sender  1/2    whole 1, nothing 1  12\n",
		"no headline among 7 datagrams", "-classes sender -nics 'microvm ", "-seed 1", "gasp.crash=sender", "3 of 4 cells are whole, 1 are not", "1 were not run"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the summary lacks %q:\n%s", want, out.String())
		}
	}
	file := filepath.Join(t.TempDir(), "new", "crash.json")
	if err := command.Save(file, s); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	var saved struct {
		Classes  []struct{ Arrived map[string]int }
		Failures []struct{ Arrived, Reason, Again string }
	}
	if err != nil || json.Unmarshal(text, &saved) != nil || len(saved.Classes) != 2 || len(saved.Failures) != 1 ||
		saved.Classes[0].Arrived["whole"] != 2 || saved.Failures[0].Arrived != "nothing" || saved.Failures[0].Again == "" {
		t.Errorf("%v: %s", err, text)
	}
	if text := progressText(s, time.Minute); text != "5 of 6, 1 not whole, about 12s left" {
		t.Errorf("the progress line is %q", text)
	}
}

// TestInterrupted: cells that were not run are not whole.
func TestInterrupted(t *testing.T) {
	image := filepath.Join(t.TempDir(), "image.elf")
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o := mustParse(t, "-classes", "nil", "-nics", twoMachines, "-json", filepath.Join(t.TempDir(), "crash.json"), "-image", image)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := newSummary(o)
	var progressed bytes.Buffer
	err := run(ctx, o, nil, func(done outcome, total int) { fmt.Fprint(&progressed, done.result.Verdict); s.add(done, total) })
	if err != command.ErrInterrupted || s.Done != 0 || progressed.Len() > 0 {
		t.Errorf("interrupted before the first cell: %v, %d done", err, s.Done)
	}
	var out strings.Builder
	if whole, err := matrix(ctx, o, &out); whole || err == nil || !strings.Contains(out.String(), "2 were not run") {
		t.Errorf("interrupted, everything is whole: %v, %v\n%s", whole, err, out.String())
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -100: "-100", -1000: "-1,000"} {
		if got := thousands(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
