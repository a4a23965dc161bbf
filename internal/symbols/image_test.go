package symbols

import (
	"bufio"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// build builds the program of testdata, once a kind.
func build(t testing.TB, dir, name, ldflags string) string {
	t.Helper()
	return buildFor(t, dir, name, ldflags, runtime.GOARCH)
}

func buildFor(t testing.TB, dir, name, ldflags, arch string) string {
	t.Helper()
	out := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", ldflags, "-o", out, "./testdata/program")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOARCH="+arch)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, text)
	}
	return out
}

// place is what the runtime says of a pc.
type place struct {
	pc     uint64
	frames []Frame
}

// places runs a program that was built.
func places(t *testing.T, program string) (list []place) {
	t.Helper()
	text, err := exec.Command(program).Output()
	if err != nil {
		t.Fatal(err)
	}
	inlined := false
	for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
		fields := strings.Fields(s.Text())
		if len(fields) != 6 {
			continue
		}
		pc, err := strconv.ParseUint(fields[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		line, _ := strconv.Atoi(fields[3])
		if !inlined {
			list = append(list, place{pc: pc})
		}
		last := &list[len(list)-1]
		inlined = fields[4] == "true"
		last.frames = append(last.frames, Frame{Function: fields[1], File: fields[2], Line: line})
	}
	return list
}

func short(frames []Frame) string {
	var b strings.Builder
	for _, f := range frames {
		fmt.Fprintf(&b, "%s %s:%d\n", Printed(f.Function), f.File, f.Line)
	}
	return b.String()
}

// The running program knows best.
func TestFramesAreThoseOfTheRuntime(t *testing.T) {
	dir := t.TempDir()
	for name, ldflags := range map[string]string{"dwarf": "-B gobuildid", "table": "-B gobuildid -w", "stripped": "-B gobuildid -s -w"} {
		program := build(t, dir, name, ldflags)
		image, err := Open(program)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer image.Close()
		if (image.Lacks == "") != (name == "dwarf") || (image.debug != nil) != (name == "dwarf") {
			t.Errorf("%s lacks %q", name, image.Lacks)
		}
		inlined, compared := 0, 0
		for _, p := range places(t, program) {
			got := image.Frames(p.pc)
			if name == "stripped" && len(p.frames) > 1 { // the tree of inlined calls is found by a symbol
				if len(got) != 1 || got[0].Function == "" || !strings.Contains(image.Lacks, "mkimage -debug") {
					t.Errorf("stripped, %#x: %+v", p.pc, got)
				}
				continue
			}
			compared++
			if short(got) != short(p.frames) {
				t.Errorf("%s, %#x is\n%swant\n%s", name, p.pc, short(got), short(p.frames))
				continue
			}
			if len(got) > 2 {
				inlined++
			}
			outer := got[len(got)-1]
			entries := image.Entries(Printed(outer.Function))
			found := false
			for _, e := range entries {
				found = found || e+outer.Offset == p.pc
			}
			if !found || outer.Inlined || len(got) > 1 && !got[0].Inlined {
				t.Errorf("%s, %#x: %+v, the function is at %#x", name, p.pc, got, entries)
			}
		}
		if compared < 6 || inlined == 0 && name != "stripped" {
			t.Errorf("%s: %d places compared, %d with two inlined functions", name, compared, inlined)
		}
		if entries := image.Entries("main.generic[...]"); len(entries) != 2 {
			t.Errorf("%s: main.generic[...] is at %#x, want two", name, entries)
		}
	}
}

// Programs for other processors: what their function table says of every instruction is what their DWARF says.
func TestOtherProcessors(t *testing.T) {
	dir := t.TempDir()
	for arch, instruction := range map[string]uint64{"amd64": 1, "arm64": 4, "arm": 4} {
		image, err := Open(buildFor(t, dir, arch, "-B gobuildid", arch))
		if err != nil {
			t.Fatalf("%s: %v", arch, err)
		}
		defer image.Close()
		if image.table == nil || image.debug == nil || image.Build == "" || image.Lacks != "" {
			t.Fatalf("%s: build %q, lacks %q", arch, image.Build, image.Lacks)
		}
		var chains []string // of functions inlined into each other
		compared := 0
		for _, name := range []string{"main.main", "main.outer", "main.where", "main.generic[...]"} {
			entries := image.Entries(name)
			if len(entries) == 0 {
				t.Fatalf("%s: %s is nowhere", arch, name)
			}
			for _, entry := range entries {
				f, ok := image.table.find(entry)
				if !ok {
					t.Fatalf("%s: %s is not at %#x", arch, name, entry)
				}
				for pc := entry; pc < f.end; pc += instruction {
					table, debug := image.table.frames(pc), image.debug.frames(pc)
					if len(table) == 0 || table[0].Line == 0 {
						continue // what fills the space between functions
					}
					if compared++; short(table) != short(debug) {
						t.Errorf("%s, %#x is by the table\n%sby DWARF\n%s", arch, pc, short(table), short(debug))
					}
					var chain string
					for _, f := range table {
						chain += Printed(f.Function) + " "
					}
					if !slices.Contains(chains, chain) {
						chains = append(chains, chain)
					}
				}
			}
		}
		if compared < 100 || !slices.Contains(chains, "main.deeper main.inlined main.generic[...] ") {
			t.Errorf("%s: %d instructions compared, of %q", arch, compared, chains)
		}
	}
}

func TestData(t *testing.T) {
	program := build(t, t.TempDir(), "program", "-B gobuildid -w")
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	list, _ := file.Symbols()
	image, err := Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer image.Close()
	found := false
	for _, s := range list {
		if s.Name == "main.constant" {
			found = true
			for _, offset := range []uint64{0, 5, 15} {
				if name, at := image.Data(s.Value + offset); name != s.Name || at != offset {
					t.Errorf("%#x is %s+%#x, want %s+%#x", s.Value+offset, name, at, s.Name, offset)
				}
			}
		}
	}
	if name, _ := image.Data(1); name != "" || !found || image.Frames(1) != nil || image.Frames(1<<63) != nil {
		t.Errorf("address 1 is %q, %v", name, image.Frames(1))
	}
}

func TestNotAnImage(t *testing.T) {
	dir := t.TempDir()
	program, err := os.ReadFile(build(t, dir, "program", "-w -B none"))
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Clone(program)
	other[18] = 3 // e_machine, EM_386
	mixed := bytes.Clone(program)
	mixed[18] = 40 // EM_ARM, which has 32 bits
	for name, test := range map[string]struct {
		text []byte
		want error
	}{
		"empty": {nil, ErrFormat}, "text": {[]byte("#!/bin/sh\n"), ErrFormat}, "another machine's": {other, ErrFormat}, "of the wrong size": {mixed, ErrFormat}, "without build id": {program, ErrNoBuildID},
	} {
		path := filepath.Join(dir, "x")
		if err := os.WriteFile(path, test.text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); !errors.Is(err, test.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestPrinted(t *testing.T) {
	for name, want := range map[string]string{
		"main.f": "main.f", "main.f[go.shape.int]": "main.f[...]", "main.f[a[b]].func1": "main.f[...].func1", "runtime.gopanic": "panic", "a]b[": "a]b[", "": "",
	} {
		if got := Printed(name); got != want {
			t.Errorf("%q is printed as %q, want %q", name, got, want)
		}
	}
}

// Whatever the image is, reading it ends without a panic.
func FuzzImage(f *testing.F) {
	small, err := os.ReadFile("testdata/small.elf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small, uint64(0x1000))
	f.Fuzz(func(t *testing.T, file []byte, pc uint64) {
		image, err := Read(bytes.NewReader(file))
		if err != nil {
			return
		}
		for _, pc := range []uint64{pc, pc + 1, 0x1010} {
			if frames := image.Frames(pc); len(frames) > maxInlined+1 {
				t.Fatalf("%d frames", len(frames))
			}
			image.Data(pc)
		}
		for _, entry := range image.Entries("main.f") {
			image.Frames(entry)
		}
	})
}

// tinyTable is a table of two functions, main.f with main.g inlined at 0x1004 to 0x1008, and main.h.
func tinyTable() (data, inlines []byte) {
	le := binary.LittleEndian
	names := []byte("\x00main.f\x00main.g\x00main.h\x00")
	units := le.AppendUint32(nil, 0)
	files := []byte("f.go\x00")
	// value -1 + 1 = 0 for 16 bytes; line 9, then 20, then 10; index -1, then 0, then -1.
	values := []byte{0, 2, 16, 0, 20, 4, 22, 4, 19, 8, 0, 0, 4, 2, 4, 1, 8, 0}
	function := func(entry, name uint32, inlined bool) []byte {
		b := make([]byte, funcSize)
		le.PutUint32(b, entry)
		le.PutUint32(b[4:], name)
		le.PutUint32(b[20:], 1)
		le.PutUint32(b[24:], 4)
		if inlined {
			le.PutUint32(b[28:], pcdataInlTree+1)
			b[43] = funcdataInlTree + 1
			for _, v := range []uint32{0, 0, 11, ^uint32(0), ^uint32(0), ^uint32(0), 0} {
				b = le.AppendUint32(b, v)
			}
		}
		return b
	}
	f, h := function(0, 1, true), function(16, 15, false)
	const index = 5 * 4
	lines := le.AppendUint32(nil, 0)
	for _, v := range []uint32{index, 16, index + uint32(len(f)), 32} {
		lines = le.AppendUint32(lines, v)
	}
	lines = append(append(lines, f...), h...)
	data = []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}
	offset := uint64(8 + 8*headerWords)
	for _, v := range []uint64{2, 1, 0} {
		data = le.AppendUint64(data, v)
	}
	parts := [][]byte{names, units, files, values, lines}
	for _, part := range parts {
		data = le.AppendUint64(data, offset)
		offset += uint64(len(part))
	}
	data = append(data, bytes.Join(parts, nil)...)
	call := make([]byte, inlinedCallSize)
	le.PutUint32(call[4:], 8)
	le.PutUint32(call[8:], 2)
	return data, call
}

func TestTinyTable(t *testing.T) {
	data, inlines := tinyTable()
	table, err := newTable(data, 0x1000)
	if err != nil {
		t.Fatal(err)
	}
	table.inlines = inlines
	for pc, want := range map[uint64]string{
		0x1000: "main.f f.go:9\n", 0x1003: "main.f f.go:9\n", 0x1004: "main.g f.go:20\nmain.f f.go:9\n", 0x1008: "main.f f.go:10\n",
		0x1010: "main.h f.go:9\n", 0x1020: "", 0xfff: "",
	} {
		if got := short(table.frames(pc)); got != want {
			t.Errorf("%#x is %q, want %q", pc, got, want)
		}
	}
	for n := range data {
		newTable(data[:n], 0) // must not panic
	}
}

func TestFunctionsThatDWARFAloneKnows(t *testing.T) {
	image, err := Open("testdata/small.elf")
	if err != nil {
		t.Fatal(err)
	}
	defer image.Close()
	entries := image.Entries("f")
	if len(entries) != 1 || !strings.Contains(image.Lacks, "no Go function table") {
		t.Fatalf("f is at %#x; it lacks %q", entries, image.Lacks)
	}
	// The load in inner, which is inlined.
	found := false
	for pc := entries[0]; pc < entries[0]+16 && !found; pc++ {
		frames := image.Frames(pc)
		found = len(frames) == 2 && frames[0].Function == "inner" && frames[0].Inlined && frames[0].Line == 2 &&
			frames[1].Function == "f" && frames[1].Line == 4 && frames[1].Entry == entries[0] && strings.HasSuffix(frames[0].File, "/small.c")
	}
	if !found {
		t.Errorf("inner is not found in f; its start is %+v", image.Frames(entries[0]))
	}
	if name, _ := image.Data(0); name != "" {
		t.Errorf("address 0 is %s", name)
	}
}

func FuzzTable(f *testing.F) {
	data, inlines := tinyTable()
	f.Add(data, inlines)
	f.Fuzz(func(t *testing.T, data, inlines []byte) {
		table, err := newTable(data, 0x1000)
		if err != nil {
			return
		}
		table.inlines = inlines
		for n := range min(table.count, 100) {
			if function, err := table.function(n); err == nil {
				for _, pc := range []uint64{function.entry, function.entry + 4, function.end - 1} {
					if frames := table.frames(pc); len(frames) > maxInlined {
						t.Fatalf("%d frames", len(frames))
					}
				}
			}
		}
	})
}
