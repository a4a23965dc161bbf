package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gasp/qemu"
)

// tool runs a command in the module's folder, and returns what it printed and its exit code.
func tool(t *testing.T, root, name string, args ...string) (out string, code int) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	text, err := cmd.Output()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// TestCrashIsSymbolized: a machine dies, its image is added afterwards, and the report tells more than the machine
// did. It panics in an interrupt handler, while a function that is inlined waits for that.
func TestCrashIsSymbolized(t *testing.T) {
	root, err := qemu.Root()
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	o := options{receiver: filepath.Join(tmp, "receiver"), image: filepath.Join(tmp, "image.elf"), dir: filepath.Join(tmp, "run"),
		machine: "q35", nic: "e1000", crash: "irq-panic"}
	plain := filepath.Join(tmp, "plain.elf")
	for _, args := range [][]string{
		{"build", "-o", o.receiver, "./cmd/receiver"},
		{"run", "./cmd/mkimage", "-debug", "-o", o.image, "./cmd/image"},
		{"run", "./cmd/mkimage", "-o", plain, "./cmd/image"},
	} {
		if out, code := tool(t, root, "go", args...); code != 0 {
			t.Fatalf("go %s: exit code %d\n%s", strings.Join(args, " "), code, out)
		}
	}
	if err := demo(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	folders, _ := filepath.Glob(filepath.Join(o.dir, "*", "crash-*"))
	if len(folders) != 1 {
		t.Fatalf("the folders are %q", folders)
	}
	show := func(args ...string) string {
		t.Helper()
		out, code := tool(t, root, o.receiver, append([]string{"show", "-dir", o.dir}, args...)...)
		if code != 0 {
			t.Fatalf("show: exit code %d\n%s", code, out)
		}
		return out
	}
	before := show(folders[0])
	if !strings.Contains(before, "its image was not added: receiver symbols add IMAGE") || strings.Contains(before, "[inlined]") {
		t.Errorf("before the image was added\n%s", before)
	}
	added, code := tool(t, root, o.receiver, "symbols", "add", "-dir", o.dir, "-source", root, o.image, plain)
	if code != 0 || strings.Count(added, "\n") != 3 || !strings.Contains(added, plain+": it was built without DWARF, ") {
		t.Fatalf("symbols add: exit code %d\n%s", code, added)
	}
	after := show(folders[0])
	for _, want := range []string{
		// Inlined, with its line of source, and what it is inlined into, with its address.
		`\nmain\.onTick\(\.\.\.\) \[inlined\]\n\tgasp/cmd/image/crash_interrupt\.go:\d+\n\t    alive\(30 \* time\.Second\)\n` +
			`main\.init\.func\d+\(\.\.\.\)\n\tgasp/cmd/image/crash_interrupt\.go:\d+ \+0x[0-9a-f]+ 0x[0-9a-f]+\n\t    \{"irq-panic", "panic in an interrupt handler", `,
		// The headline's pc, and the functions of the board.
		`\npc 0x[0-9a-f]+ main\.init\.func\d+\.1\+0x[0-9a-f]+ \(gasp/cmd/image/crash_interrupt\.go:\d+\)\n`,
		`\nruntime/goos\.Interrupt\(\.\.\.\)\n\tgasp/board/x86/timer\.go:\d+ \+0x[0-9a-f]+ 0x[0-9a-f]+\n\t    \S`,
		`\n-- symbols of image\.elf\n`,
	} {
		if !regexp.MustCompile(want).MatchString(after) {
			t.Errorf("the report lacks %s:\n%s", want, after)
		}
	}
	var data struct {
		Symbols string
		Report  struct {
			Stacks []struct {
				Frames []struct {
					Function, PC string
					Inlined      bool
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(show("-json", folders[0])), &data); err != nil || data.Symbols == "" {
		t.Fatalf("as JSON: %v", err)
	}
	inlined := false
	for _, s := range data.Report.Stacks {
		for _, f := range s.Frames {
			inlined = inlined || f.Function == "main.onTick" && f.Inlined && strings.HasPrefix(f.PC, "0x")
		}
	}
	if !inlined {
		t.Errorf("main.onTick is not told as inlined: %+v", data)
	}

	// A receiver that has the image before the crash symbolizes at once; here the datagrams come again.
	again := filepath.Join(tmp, "again")
	if out, code := tool(t, root, o.receiver, "symbols", "add", "-dir", again, "-source", root, o.image); code != 0 {
		t.Fatalf("symbols add: exit code %d\n%s", code, out)
	}
	if out, code := tool(t, root, o.receiver, "replay", "-dir", again, filepath.Join(folders[0], "datagrams.pcapng")); code != 0 {
		t.Fatalf("replay: exit code %d\n%s", code, out)
	}
	reports, _ := filepath.Glob(filepath.Join(again, "*", "crash-*", "report.txt"))
	if len(reports) != 1 {
		t.Fatalf("the reports are %q", reports)
	}
	text, err := os.ReadFile(reports[0])
	if err != nil {
		t.Fatal(err)
	}
	_, symbolized, found := strings.Cut(string(text), "\n-- with symbols of the image with build id "+data.Symbols+"\n")
	if !found || !strings.Contains(symbolized, "\nmain.onTick(...) [inlined]\n") || !strings.HasSuffix(symbolized, " records\n") {
		t.Errorf("report.txt is\n%s", text)
	}
}
