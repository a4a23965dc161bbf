package toolchain

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// linked builds a host program for linux/amd64 with a function of the given name.
func linked(t *testing.T, function string) []byte {
	t.Helper()
	return linkedFor(t, "amd64", function)
}

func linkedFor(t *testing.T, arch, function string, flags ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":           "module m\n",
		"main.go":          "package main\n\nfunc " + function + "()\n\nfunc main() { " + function + "() }\n",
		"f_" + arch + ".s": "TEXT " + function + "(SB),7,$0\n\tRET\nTEXT ·" + function + "(SB),7,$0\n\tCALL\t" + function + "(SB)\n\tRET\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", append(append([]string{"build", "-o", "out"}, flags...), ".")...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPVHNoteHoldsTheEntryPoint(t *testing.T) {
	in := linked(t, "cpuinit")
	out, err := AddPVHNote(in)
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	var want uint64
	for _, s := range symbols {
		if s.Name == "cpuinit" {
			want = s.Value
		}
	}
	found := false
	for _, p := range f.Progs {
		if p.Type == elf.PT_GNU_STACK {
			t.Error("PT_GNU_STACK is still there")
		}
		b := make([]byte, p.Filesz)
		if _, err := p.ReadAt(b, 0); p.Type != elf.PT_NOTE || err != nil || !bytes.Contains(b, []byte("Xen\x00")) {
			continue
		}
		found = true
		if p.Align != 4 || len(b) != 24 || binary.LittleEndian.Uint32(b[8:]) != 18 || binary.LittleEndian.Uint64(b[16:]) != want {
			t.Errorf("the note is % x, aligned to %d; want type 18, entry %#x, aligned to 4", b, p.Align, want)
		}
	}
	if !found {
		t.Error("no PVH note")
	}
	if !bytes.Equal(out[0x1000:len(in)], in[0x1000:]) {
		t.Error("code or data changed")
	}
}

func TestPVHNoteNeedsABoard(t *testing.T) {
	if _, err := AddPVHNote(linked(t, "other")); !errors.Is(err, ErrNotImage) {
		t.Errorf("a program without a board gives %v, want ErrNotImage", err)
	}
	for _, b := range [][]byte{nil, []byte("#!/bin/sh\n"), linked(t, "cpuinit")[:100]} {
		if _, err := AddPVHNote(b); err == nil {
			t.Errorf("%d bytes that are no ELF file give no error", len(b))
		}
	}
}
