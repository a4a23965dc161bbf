package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func load(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// show is a report in short.
func show(r *Report) string {
	var b strings.Builder
	for _, s := range r.Stacks {
		fmt.Fprintf(&b, "%s%d %s", s.Name, s.Goroutine, s.State)
		if s.Minutes > 0 {
			fmt.Fprintf(&b, " %dm", s.Minutes)
		}
		if s.Locked {
			b.WriteString(" locked")
		}
		for _, f := range s.Frames {
			fmt.Fprintf(&b, " | %s", frame(&f))
		}
		if s.Created != nil {
			fmt.Fprintf(&b, " | by %s in %d", frame(s.Created), s.Creator)
		}
		if s.More > 0 {
			fmt.Fprintf(&b, " | and %d: %v", s.More, s.MoreIDs)
		}
		if s.Stops != "" {
			fmt.Fprintf(&b, " | stops: %s at %s, %v", s.Stops, s.StopsAt, s.Words)
		}
		b.WriteByte('\n')
	}
	for _, c := range r.CPUs {
		fmt.Fprintf(&b, "cpu %d %s %d", c.Number, c.State, c.Goroutine)
		if c.At != nil {
			fmt.Fprintf(&b, " at %s", frame(c.At))
		}
		b.WriteByte('\n')
	}
	for _, l := range r.Lines {
		fmt.Fprintf(&b, "line %s\n", l)
	}
	if r.Dropped > 0 {
		fmt.Fprintf(&b, "dropped %d\n", r.Dropped)
	}
	return b.String()
}

func frame(f *Frame) string {
	switch {
	case f.Elided > 0:
		return fmt.Sprintf("elided %d", f.Elided)
	case f.Missing > 0:
		return fmt.Sprintf("missing %d", f.Missing)
	case f.NoCode:
		return "no code " + f.PC.String()
	}
	text := fmt.Sprintf("%s %s:%d", f.Function, f.File, f.Line)
	if f.Offset != nil {
		text += fmt.Sprintf("+%#x", *f.Offset)
	}
	return text
}

// What machines said, one of each kind of line.
func TestReportsOfMachines(t *testing.T) {
	tests := map[string][]string{
		"goroutines": {
			"1 running | main.amongGoroutines gasp/cmd/image/crash_logger.go:92+0x1e8 | main.crash gasp/cmd/image/crash.go:55+0x3c8 | main.main gasp/cmd/image/main.go:62+0xd7\n",
			"8 chan receive | main.amongGoroutines.func1 gasp/cmd/image/crash_logger.go:81+0x30 | by main.amongGoroutines gasp/cmd/image/crash_logger.go:86+0x190 in 1 | and 3333: [11 14 17 20 23 26 29 32]\n",
			" | internal/sync.(*Mutex).Lock internal/sync/mutex.go:70 | sync.(*Mutex).Lock sync/mutex.go:46 | main.amongGoroutines.func2 ",
			"line gasp: end of crash 42cb6ef34a14cb1a: 39 records, 0 lost\n",
		},
		"deadlock":  {"runtime stack0  | runtime.fatal runtime/panic.go:1243+0x29 | runtime.checkdead ", "\n1 chan receive | main.init.func5 "},
		"stack":     {"stops: the return address is not in the program at 0x877dd0, []"},
		"overflow":  {" | elided "},
		"jump-data": {"1 running | no code 0x24f22f0 | main.call gasp/cmd/image/crash_amd64.s:111+0xb"},
		"nil-smp":   {"cpu 0 idle 0\ncpu 2 idle 0\ncpu 3 idle 0\n"},
		"g":         {"unknown stack0  | runtime.morestack runtime/asm_amd64.s:642+0x26 | checksStack ", "line goroutines that are damaged: 1\n"},
		"stall":     {"1 running | main.stall gasp/cmd/image/crash_amd64.s:236 | main.crash "},
	}
	for name, wants := range tests {
		r := Parse(load(t, name))
		got := show(r)
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s is\n%s\nwithout\n%s", name, got, want)
			}
		}
		if len(r.Lines) > 2 || r.Dropped > 0 {
			t.Errorf("%s: not understood: %q", name, r.Lines)
		}
		text, err := json.Marshal(r)
		again := new(Report)
		if err != nil || json.Unmarshal(text, again) != nil || !reflect.DeepEqual(r, again) {
			t.Errorf("%s does not survive JSON: %s %v", name, text, err)
		}
	}
}

func TestLinesThatAreRare(t *testing.T) {
	text := "goroutine 7 [select, 12 minutes, locked to thread]:\n" +
		"main.F[...](...)\n-- 1 record missing (seq 17)\nmain.g(...)\n\tx.go:1 +0x2\n" +
		"traceback stops: the frame pointer leads out of the stack (0x5)\non the stack: 0x1 0x2\non the stack: 0x3\n" +
		"cpu 1: goroutine 7, at main.spin +0x4\ncpu 2: does not stop\ncpu 3: no goroutine, at main.f +0x0\ncpu 4: on fire\n" +
		"main.lost(...)\n\tlost.go:1\ntext\n\n"
	want := "7 select 12m locked | main.F[...] :0 | missing 1 | main.g x.go:1+0x2 | stops: the frame pointer leads out of the stack at 0x5, [0x1 0x2 0x3]\n" +
		"cpu 1 goroutine 7 at main.spin :0+0x4\ncpu 2 does not stop 0\ncpu 3 no goroutine 0 at main.f :0+0x0\n" +
		"line cpu 4: on fire\nline main.lost(...)\nline \tlost.go:1\nline text\n"
	if got := show(Parse(text)); got != want {
		t.Errorf("read as\n%s\nwant\n%s", got, want)
	}
}

func TestFloodIsBounded(t *testing.T) {
	const many = 100_000
	for name, text := range map[string]string{
		"stacks":    strings.Repeat("goroutine 1 [running]:\n", many),
		"frames":    "goroutine 1 [running]:\n" + strings.Repeat("main.f(...)\n\tx.go:1\n", many),
		"all":       strings.Repeat("goroutine 1 [running]:\n"+strings.Repeat("main.f(...)\n\tx.go:1\n", 200), many/200),
		"lines":     strings.Repeat("x\n", many),
		"cpus":      strings.Repeat("cpu 1: idle\n", many),
		"elided":    "goroutine 1 [running]:\n" + strings.Repeat("...1 frames elided...\n", many),
		"one line":  strings.Repeat("x", many),
		"addresses": "kernel stack:\n" + strings.Repeat("on the stack:"+strings.Repeat(" 0x1", 50)+"\n", many/50),
	} {
		r := Parse(text)
		frames, words := 0, 0
		for _, s := range r.Stacks {
			frames += len(s.Frames)
			words += len(s.Words)
		}
		if len(r.Stacks) > maxStacks || frames > maxTotal || words > maxFrames || len(r.Lines)+len(r.CPUs) > maxLines {
			t.Errorf("%s: %d stacks, %d frames, %d addresses, %d lines, %d processors", name, len(r.Stacks), frames, words, len(r.Lines), len(r.CPUs))
		}
		if name != "one line" && name != "addresses" && r.Dropped == 0 {
			t.Errorf("%s: nothing was counted as dropped", name)
		}
	}
}

func TestEqualCrashesAreOneGroup(t *testing.T) {
	nilDereference := load(t, "nil")
	cause := "panic: runtime error: invalid memory address or nil pointer dereference"
	group := func(cause, text string) Group { return NewGroup(cause, "", Parse(text)) }
	first := group(cause, nilDereference)
	if first.Class != cause || fmt.Sprint(first.Functions) != "[main.nilDereference main.init.func2 main.crash main.main]" {
		t.Errorf("the group is %+v", first)
	}
	moved := strings.NewReplacer(".go:5", ".go:9", "+0x", "+0x1", "goroutine 1 ", "goroutine 77 ", "init.func2", "init.func3.1").Replace(nilDereference)
	if other := group(cause, moved); other.ID != first.ID || moved == nilDereference {
		t.Errorf("another build: %+v, want %s", other, first.ID)
	}
	if other := group(cause, strings.Replace(nilDereference, "main.crash(", "main.other(", 1)); other.ID == first.ID {
		t.Error("another stack is the same group")
	}
	if other := group("#GP general protection", nilDereference); other.ID == first.ID {
		t.Error("another cause is the same group")
	}
	// The system stack that worked for a goroutine is not what the crash is about.
	if g := group("fatal error: x", load(t, "deadlock")); fmt.Sprint(g.Functions) != "[main.init.func5 main.crash main.main]" {
		t.Errorf("the deadlock's is %+v", g)
	}
	// What an interrupt handler interrupted is not either.
	if g := group("panic: in an interrupt handler", load(t, "irq-panic")); fmt.Sprint(g.Functions) != "[main.init.func9.1]" {
		t.Errorf("the interrupt handler's is %+v", g)
	}
	if g := NewGroup("NMI", "main.f+0x12", nil); fmt.Sprint(g.Functions) != "[main.f]" || g.ID == "" {
		t.Errorf("of the headline alone: %+v", g)
	}
}

func TestClass(t *testing.T) {
	for cause, want := range map[string]string{
		"panic: runtime error: index out of range [17] with length 2\nmore": "panic: runtime error: index out of range [N] with length N",
		"exit status 3":               "exit status N",
		"#PF page fault":              "#PF page fault",
		"panic: at 0xdeadbeef, int64": "panic: at N, int64",
		`panic: open "a\"1b": no`:     `panic: open "...": no`,
		`panic: open "a`:              `panic: open "..."`,
		`panic: "\`:                   `panic: "..."`,
		"":                            "",
	} {
		if got := Class(cause); got != want {
			t.Errorf("%q is of class %q, want %q", cause, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"nil", "goroutines", "deadlock", "stack", "jump-data", "nil-smp", "g", "stall"} {
		f.Add(load(f, name))
	}
	f.Add("goroutine 1 [a, 1 minutes]:\nf(...)\n\tx:1 +0xffffffffffffffffff\ncreated by g in goroutine 2\n\t:\nand 1 more like goroutine 1:\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := Parse(text)
		frames := 0
		for _, s := range r.Stacks {
			frames += len(s.Frames)
		}
		if frames > maxTotal || len(r.Stacks) > maxStacks {
			t.Fatalf("%d frames in %d stacks", frames, len(r.Stacks))
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
		if g := NewGroup(text, "", r); len(g.ID) != 8 || len(g.Functions) > groupFrames {
			t.Fatalf("group %+v", g)
		}
	})
}
