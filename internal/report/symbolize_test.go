package report

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gasp/internal/symbols"
)

// told is a stack of a program as a machine tells it, made of what the Go runtime says on this one; pcs are
// the addresses behind the calls.
func told(t *testing.T, program string) (text string, pcs []uint64) {
	t.Helper()
	said, err := exec.Command(program).Output()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("goroutine 1 [running]:\n")
	physical := uint64(0)
	for s := bufio.NewScanner(bytes.NewReader(said)); s.Scan(); {
		fields := strings.Fields(s.Text())
		if len(fields) != 6 || strings.HasPrefix(fields[1], "runtime.") {
			continue
		}
		pc, _ := strconv.ParseUint(fields[0], 10, 64)
		entry, _ := strconv.ParseUint(fields[5], 10, 64)
		if physical == 0 {
			physical = pc
		}
		fmt.Fprintf(&b, "%s(...)\n\t%s:%s", symbols.Printed(fields[1]), fields[2], fields[3])
		if fields[4] == "false" {
			fmt.Fprintf(&b, " +%#x", physical+1-entry)
			pcs = append(pcs, physical+1)
			physical = 0
		}
		b.WriteByte('\n')
		if fields[1] == "main.main" {
			break // the second stack begins
		}
	}
	return b.String(), pcs
}

// imagePath builds the program of package symbols' tests.
func imagePath(t *testing.T, ldflags string) (string, *symbols.Image) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", ldflags, "-o", path, "../symbols/testdata/program")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, text)
	}
	image, err := symbols.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { image.Close() })
	return path, image
}

const module = "../.."

func TestSymbolize(t *testing.T) {
	for name, ldflags := range map[string]string{"with DWARF": "-B gobuildid", "without": "-B gobuildid -w"} {
		path, image := imagePath(t, ldflags)
		text, pcs := told(t, path)
		sources := symbols.NewSources([]string{module})
		defer sources.Close()
		y := NewSymbolizer(image, sources)
		r := Parse(text)
		y.Report(r)
		once := show(r)
		y.Report(r)
		if again := show(r); again != once || !strings.HasPrefix(once, show(Parse(text))) {
			t.Errorf("%s: what the report said is now\n%s, was\n%s", name, once, show(Parse(text)))
		}
		inlined := 0
		for _, f := range r.Stacks[0].Frames {
			if f.PC == 0 || f.Added || f.Inlined != (f.Offset == nil) {
				t.Errorf("%s: %+v", name, f)
			}
			if f.Inlined {
				inlined++
			} else if len(pcs) > 0 {
				if uint64(f.PC) != pcs[0] {
					t.Errorf("%s: %s is at %s, want %#x", name, f.Function, f.PC, pcs[0])
				}
				pcs = pcs[1:]
			}
			if f.Function == "main.deeper" && f.Source != "outer()" {
				t.Errorf("%s: the line of source is %q", name, f.Source)
			}
		}
		if inlined < 2 || len(pcs) > 0 {
			t.Errorf("%s: %d inlined functions, %d addresses not found in\n%s", name, inlined, len(pcs), once)
		}
	}
}

// Records with inlined functions are missing: symbols know them.
func TestSymbolsFillGaps(t *testing.T) {
	path, image := imagePath(t, "-B gobuildid")
	text, _ := told(t, path)
	whole := Parse(text)
	for _, drop := range []string{"main.deeper", "main.inlined"} {
		var b strings.Builder
		skip := false
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "\t") {
				skip = strings.HasPrefix(line, drop+"(")
			}
			if !skip {
				b.WriteString(line)
			}
		}
		r := Parse(b.String())
		NewSymbolizer(image, nil).Report(r)
		if show(r) != show(whole) || b.Len() == len(text) {
			t.Errorf("without %s it is\n%s, want\n%s", drop, show(r), show(whole))
		}
		added := 0
		for _, f := range r.Stacks[0].Frames {
			if f.Added {
				added++
				if f.Function != drop {
					t.Errorf("%s was added", f.Function)
				}
			}
		}
		if added != 1 {
			t.Errorf("%d frames added", added)
		}
	}
}

func TestWrongFramesStayAsTheyAre(t *testing.T) {
	_, image := imagePath(t, "-B gobuildid")
	text := "goroutine 1 [running]:\nmain.main(...)\n\tother.go:1 +0x5\nmain.none(...)\n\tx.go:1 +0x1\nmain.outer(...)\n\tx.go:2 +0xffffffffffffffff\n-- 1 record missing (seq 7)\nmain.f(...)\n"
	r := Parse(text)
	NewSymbolizer(image, symbols.NewSources(nil)).Report(r)
	if got, want := show(r), show(Parse(text)); got != want {
		t.Errorf("became\n%s, want\n%s", got, want)
	}
	for _, f := range r.Stacks[0].Frames {
		if f.PC != 0 || f.Added {
			t.Errorf("%+v", f)
		}
	}
}

func TestPlaces(t *testing.T) {
	_, image := imagePath(t, "-B gobuildid -w")
	y := NewSymbolizer(image, nil)
	entry := image.Entries("main.main")[0]
	w := Writer{Symbols: y}
	w.Address("pc", Address(entry+1))
	w.Address("none", 1)
	if got := w.String(); !strings.HasPrefix(got, fmt.Sprintf("pc %#x main.main+0x1 (gasp/internal/symbols/testdata/program/main.go:", entry+1)) || !strings.HasSuffix(got, "none 0x1 not in the image\n") {
		t.Errorf("written is %q", got)
	}
	r := Parse("kernel stack:\non the stack: " + Address(entry+1).String() + " 0x2\n" + Address(entry+2).String() + ": not code of this program\ncpu 1: goroutine 7, at main.main +0x1\n")
	y.Report(r)
	w = Writer{Symbols: y}
	w.Report(r)
	for _, want := range []string{"on the stack: " + Address(entry+1).String() + " main.main+0x1 (gasp", "on the stack: 0x2 not in the image\n", " not code of this program main.main+0x2 (gasp", "cpu 1: goroutine 7, at main.main +0x1\n\tgasp/internal/symbols/testdata/program/main.go:"} {
		if !strings.Contains(w.String(), want) {
			t.Errorf("written is\n%s, without %q", w.String(), want)
		}
	}
}

func TestWriterDrivesNoTerminal(t *testing.T) {
	evil := "\x1b[2J\x07\u202e\x9b"
	n := uint64(1)
	f := Frame{Function: evil, File: evil, Line: 1, Offset: &n, Source: evil}
	r := &Report{
		Stacks: []Stack{{Name: evil, State: evil, Frames: []Frame{f}, Created: &f, Stops: evil}, {Goroutine: 1, State: evil}},
		CPUs:   []CPU{{State: evil, At: &f}}, Lines: []string{evil},
	}
	w := Writer{}
	w.Report(r)
	w.Title(evil)
	if strings.ContainsAny(w.String(), "\x1b\x07\u202e\u009b") || strings.Contains(w.String(), "\x9b") {
		t.Errorf("written is %q", w.String())
	}
	if Safe(Safe(evil)) != Safe(evil) || Safe(`a\x1b\\`) != `a\x1b\\` {
		t.Errorf("what is safe is changed: %q", Safe(Safe(evil)))
	}
	w = Writer{Colour: true}
	w.Title("x")
	if w.String() != "\x1b[1mx\x1b[0m\n" {
		t.Errorf("coloured is %q", w.String())
	}
}
