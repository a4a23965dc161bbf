package toolchain

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakeGo is a go command that keeps its arguments and its environment, and
// "links" the given file. It fails if there is none.
func fakeGo(t *testing.T, linked string) (path, dir string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "go")
	script := "#!/bin/sh\n" +
		"printf '%s\\n' \"$@\" > '" + dir + "/args'\n" +
		"env > '" + dir + "/env'\n" +
		"echo built by a fake >&2\n" +
		"while [ \"$1\" != -o ]; do shift; done\n" +
		"cp '" + linked + "' \"$2\"\n"
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path, dir
}

// lines reads a file that fakeGo wrote.
func lines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// executable is the least that can get a PVH note: PT_GNU_STACK and a symbol for
// the entry point.
func executable(symbol string, value uint64) []byte {
	const names, section = 3, 0x40
	text := "\x00" + symbol + "\x00"
	symbols := uint64(64 + 56 + names*section)
	file := []any{
		elf.Header64{
			Ident: [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
			Type:  uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT),
			Phoff: 64, Shoff: 64 + 56, Ehsize: 64, Phentsize: 56, Phnum: 1, Shentsize: section, Shnum: names,
		},
		elf.Prog64{Type: uint32(elf.PT_GNU_STACK)},
		elf.Section64{},
		elf.Section64{Type: uint32(elf.SHT_SYMTAB), Off: symbols, Size: 2 * elf.Sym64Size, Link: 2, Entsize: elf.Sym64Size},
		elf.Section64{Type: uint32(elf.SHT_STRTAB), Off: symbols + 2*elf.Sym64Size, Size: uint64(len(text))},
		elf.Sym64{},
		elf.Sym64{Name: 1, Value: value},
		[]byte(text),
	}
	var b bytes.Buffer
	for _, part := range file {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

func TestTamaGoBuildsTheSameSourcesWithoutOverlay(t *testing.T) {
	const start = 0x2345678
	linked := filepath.Join(t.TempDir(), "linked")
	if err := os.WriteFile(linked, executable("cpuinit", start), 0o644); err != nil {
		t.Fatal(err)
	}
	tamago, dir := fakeGo(t, linked)
	t.Setenv("GOOS", "plan9")
	t.Setenv("GOROOT", "/of/another/go")
	output := filepath.Join(t.TempDir(), "image")
	var said bytes.Buffer
	err := Build(context.Background(), Options{
		Package: "./main", Output: output, TamaGo: tamago, Stderr: &said,
		Cmdline: "loglevel=7 x", Tags: "extra",
	})
	if err != nil {
		t.Fatal(err)
	}

	args := lines(t, filepath.Join(dir, "args"))
	if i := slices.Index(args, "-o"); i >= 0 {
		args = slices.Delete(args, i, i+2)
	}
	want := []string{"build", "-trimpath", "-tags", "linkcpuinit,linkramstart,extra",
		"-ldflags", "-T 0x2010000 -R 0x1000 -E cpuinit -w -X 'gasp/board/x86.defaultCmdline=loglevel=7 x'", "./main"}
	if !slices.Equal(args, want) {
		t.Errorf("TamaGo's go was called with\n%q, want\n%q", args, want)
	}
	env := lines(t, filepath.Join(dir, "env"))
	for _, v := range []string{"GOOS=tamago", "GOARCH=amd64", "GOAMD64=v1", "GOOSPKG=github.com/usbarmory/tamago",
		"CGO_ENABLED=0", "GOTOOLCHAIN=local", "GOROOT="} {
		if !slices.Contains(env, v) {
			t.Errorf("TamaGo's go ran without %s in its environment", v)
		}
	}
	if said.String() != "built by a fake\n" {
		t.Errorf("of what TamaGo's go said, %q was passed on", &said)
	}

	f, err := elf.Open(output)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	note := make([]byte, 24)
	if _, err := f.Progs[0].ReadAt(note, 0); err != nil || f.Progs[0].Type != elf.PT_NOTE {
		t.Fatalf("the image has no PVH note: %v, %v", f.Progs[0], err)
	}
	if got := binary.LittleEndian.Uint64(note[16:]); got != start {
		t.Errorf("the PVH note says to start at %#x, cpuinit is at %#x", got, start)
	}
}

func TestFailureOfTamaGoLeavesNoImage(t *testing.T) {
	tamago, _ := fakeGo(t, "/no such file")
	output := filepath.Join(t.TempDir(), "image")
	var said bytes.Buffer
	err := Build(context.Background(), Options{Package: "./main", Output: output, TamaGo: tamago, Stderr: &said})
	if err == nil || !strings.Contains(err.Error(), tamago) {
		t.Errorf("the error does not name the command that failed: %v", err)
	}
	if _, err := os.Stat(output); !os.IsNotExist(err) {
		t.Errorf("there is an image, or not: %v", err)
	}
	if !strings.Contains(said.String(), "no such file") {
		t.Errorf("the cause was not passed on, but %q", &said)
	}
}

func TestTamaGoProgramWithoutABoardIsNoImage(t *testing.T) {
	linked := filepath.Join(t.TempDir(), "linked")
	if err := os.WriteFile(linked, executable("main.main", 0x2345678), 0o644); err != nil {
		t.Fatal(err)
	}
	tamago, _ := fakeGo(t, linked)
	output := filepath.Join(t.TempDir(), "image")
	err := Build(context.Background(), Options{Package: "./main", Output: output, TamaGo: tamago, Stderr: new(bytes.Buffer)})
	if err == nil || !strings.Contains(err.Error(), "no board") {
		t.Errorf("the error does not say that the board is missing: %v", err)
	}
	if _, err := os.Stat(output); !os.IsNotExist(err) {
		t.Errorf("there is an image, or not: %v", err)
	}
}
