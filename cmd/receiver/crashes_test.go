package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"gasp/internal/capture"
	"gasp/internal/store"
)

// call runs the program to its end.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		if _, exited := errors.AsType[*exec.ExitError](err); !exited {
			t.Fatal(err)
		}
	}
	return cmd.ProcessState.ExitCode(), out.String(), said.String()
}

// captures are those of real machines, in testdata: what QEMU's filter-dump wrote of cmd/image.
var captures = []string{"testdata/goroutines.pcap", "testdata/irq-panic.pcap", "testdata/nil-again.pcap", "testdata/nil.pcap"}

// replayed is a folder with the crashes of the captures.
func replayed(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	code, out, said := call(t, append([]string{"replay", "-dir", dir, "-quiet"}, captures...)...)
	if code != 0 || strings.Count(out, "crash report of 10.0.2.15 complete: ") != len(captures) || !strings.Contains(out, "; 4 crash reports, 0 incomplete") {
		t.Fatalf("exit code %d, printed\n%s%s", code, out, said)
	}
	return dir
}

func TestReplayShowsWhatWasShownThen(t *testing.T) {
	dir := t.TempDir()
	code, out, said := call(t, "replay", "testdata/nil.pcap")
	if code != 0 || said != "" || !regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d\.\d{3} 10\.0\.2\.15 emerg  gasp: crash fd9865788c79329a: panic: runtime error: invalid memory`).MatchString(out) ||
		!strings.Contains(out, "crash report of 10.0.2.15 complete: 11 records\n") {
		t.Errorf("exit code %d, printed\n%s%s", code, out, said)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("it stored %v", entries)
	}
}

// What a receiver stored as datagrams is the same crash again.
func TestReplayOfStoredDatagrams(t *testing.T) {
	dir := replayed(t)
	files, _ := filepath.Glob(filepath.Join(dir, "10.0.2.15", "crash-*", "datagrams.pcapng"))
	again := t.TempDir()
	code, out, said := call(t, append([]string{"replay", "-quiet", "-dir", again}, files...)...)
	if code != 0 || len(files) != len(captures) || strings.Count(out, "complete: ") != len(captures) {
		t.Fatalf("exit code %d, printed\n%s%s", code, out, said)
	}
	for _, path := range files {
		folder := filepath.Dir(path)
		other := filepath.Join(again, "10.0.2.15", filepath.Base(folder))
		for _, name := range []string{"report.txt", "report.json"} {
			a, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(filepath.Join(other, name))
			if err != nil {
				t.Fatal(err)
			}
			// The records from before the headline are not of the report.
			_, a, _ = bytes.Cut(a, []byte("-- the report\n"))
			_, b, _ = bytes.Cut(b, []byte("-- the report\n"))
			if !bytes.Equal(a, b) {
				t.Errorf("%s of the replay is\n%s, was\n%s", name, b, a)
			}
		}
	}
}

func TestReplayOfWhatIsNoCapture(t *testing.T) {
	dir := t.TempDir()
	whole, err := os.ReadFile("testdata/nil.pcap")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	text, half := write("text", []byte("no capture")), write("half", whole[:len(whole)-20])
	tests := []struct {
		name, want string
		code       int
		args       []string
	}{
		{"no capture", text + ": neither a pcapng nor a pcap file", 1, []string{text}},
		{"none", "no such file", 1, []string{filepath.Join(dir, "none")}},
		{"cut off", half + ": the capture is damaged or cut off: packet ", 1, []string{half}},
		{"another port", "the datagrams went to other ports than 7: 6666 (say -port)", 4, []string{"-port", "7", "testdata/nil.pcap"}},
		{"any port", "", 0, []string{"-port", "0", "testdata/nil.pcap"}},
		{"nothing", "an argument is missing", 2, nil},
		{"no port", "-port 66666 is not between", 2, []string{"-port", "66666", text}},
		{"colour", `-color "pink" is none of`, 2, []string{"-color", "pink", text}},
		{"help", "exit codes:", 0, []string{"-h"}},
		{"below a file", "cannot store in " + text + "/x", 1, []string{"-dir", text + "/x", "testdata/nil.pcap"}},
	}
	for _, test := range tests {
		if code, _, said := call(t, append([]string{"replay"}, test.args...)...); code != test.code || !strings.Contains(said, test.want) {
			t.Errorf("%s: exit code %d, want %d; said %q, want %q", test.name, code, test.code, said, test.want)
		}
	}
}

func TestEqualCrashesAreListedTogether(t *testing.T) {
	dir := replayed(t)
	code, out, said := call(t, "crashes", "-dir", dir)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || said != "" || len(lines) != 4 || !strings.HasPrefix(lines[0], "GROUP ") {
		t.Fatalf("exit code %d, printed\n%s%s", code, out, said)
	}
	// The nil dereferences are of two builds.
	if !regexp.MustCompile(`(?m)^[0-9a-f]{8}  2  .*  10\.0\.2\.15  main\.nilDereference  +panic: runtime error: invalid memory address`).MatchString(out) ||
		!regexp.MustCompile(`(?m)^[0-9a-f]{8}  1  .*  main\.amongGoroutines  +panic: among many goroutines`).MatchString(out) {
		t.Errorf("printed\n%s", out)
	}
	code, out, _ = call(t, "crashes", "-dir", dir, "-by", "host", "-v")
	if code != 0 || !regexp.MustCompile(`(?m)^10\.0\.2\.15  4  `).MatchString(out) || strings.Count(out, "\n  ") != 4 {
		t.Errorf("by host, exit code %d:\n%s", code, out)
	}
	code, out, _ = call(t, "crashes", "-dir", dir, "-json")
	var groups []crashGroup
	if err := json.Unmarshal([]byte(out), &groups); err != nil || code != 0 || len(groups) != 3 {
		t.Fatalf("%v, exit code %d:\n%s", err, code, out)
	}
	for _, g := range groups {
		if g.Count != len(g.Crashes) || g.Hosts[0] != "10.0.2.15" || g.First.After(g.Last) || g.Crashes[0].Folder == "" || g.Crashes[0].Report != nil {
			t.Errorf("%+v", g)
		}
		code, out, _ := call(t, "crashes", "-dir", dir, "-group", g.ID[:5], "-v")
		if code != 0 || strings.Count(out, "  build ") != g.Count || g.Count == 2 && !strings.Contains(out, "  in main.nilDereference, main.init.func2, main.crash, main.main\n") {
			t.Errorf("group %s:\n%s", g.ID, out)
		}
	}
}

func TestNoCrashes(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "file")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, want string
		code       int
		args       []string
	}{
		{"nothing stored", "no such crash is stored in " + dir, 4, []string{"crashes", "-dir", dir}},
		{"no folder yet", "no such crash is stored", 4, []string{"crashes", "-dir", dir + "/none"}},
		{"a file", "not a directory", 1, []string{"crashes", "-dir", plain}},
		{"flag", `-by "x" is none of`, 2, []string{"crashes", "-by", "x"}},
		{"argument", `unexpected argument "x"`, 2, []string{"crashes", "x"}},
		{"show nothing", "an argument is missing", 2, []string{"show"}},
		{"show two", `unexpected argument "b"`, 2, []string{"show", "a", "b"}},
		{"show none", `"abc": no report has an ID`, 4, []string{"show", "-dir", dir, "abc"}},
		{"show a folder", "no report has an ID", 4, []string{"show", "-dir", dir, dir + "/none"}},
		{"show both", "exclude each other", 2, []string{"show", "-json", "-raw", "x"}},
		{"symbols", "an argument is missing", 2, []string{"symbols"}},
		{"symbols what", `"x" is none of add, list, remove`, 2, []string{"symbols", "x"}},
		{"symbols add nothing", "an argument is missing", 2, []string{"symbols", "add"}},
		{"symbols add none", "no such file", 1, []string{"symbols", "add", "-dir", dir, dir + "/none"}},
		{"symbols add text", plain + ": not an ELF file", 1, []string{"symbols", "add", "-dir", dir, plain}},
		{"symbols source", "-source " + plain + ": not a folder", 1, []string{"symbols", "add", "-dir", dir, "-source", plain, plain}},
		{"symbols list", "no image was added to " + dir, 4, []string{"symbols", "list", "-dir", dir}},
		{"symbols remove", `"ab": no image with this build id`, 4, []string{"symbols", "remove", "-dir", dir, "ab"}},
		{"tail", `has no host "10.0.0.1"`, 4, []string{"tail", "-dir", dir, "10.0.0.1"}},
		{"tail lines", "-n -1 is not between", 2, []string{"tail", "-n", "-1"}},
		{"tail once", "nothing is logged", 4, []string{"tail", "-once", "-dir", dir}},
	}
	for _, name := range []string{"crashes", "show", "symbols", "tail"} {
		tests = append(tests, struct {
			name, want string
			code       int
			args       []string
		}{name + " -h", "exit codes:", 0, []string{name, "-h"}})
	}
	for _, test := range tests {
		if code, _, said := call(t, test.args...); code != test.code || !strings.Contains(said, test.want) {
			t.Errorf("%s: exit code %d, want %d; said %q, want %q", test.name, code, test.code, said, test.want)
		}
	}
}

func TestShow(t *testing.T) {
	dir := replayed(t)
	list, _, err := store.List(dir)
	if err != nil || len(list) != len(captures) {
		t.Fatalf("%d are stored, %v", len(list), err)
	}
	for _, c := range list {
		// By the ID, its beginning, the boot and the folder.
		for _, name := range []string{c.ID, c.ID[:store.ShortIDs(list)], c.Boot, c.Boot[:6], c.Folder} {
			code, out, said := call(t, "show", "-dir", dir, name)
			if code != 0 || said != "" || !strings.HasPrefix(out, "crash "+c.ID+" of 10.0.2.15, received ") || !strings.Contains(out, "\nboot "+c.Boot+", ") && !strings.Contains(out, ", boot "+c.Boot+", ") ||
				!strings.Contains(out, "\nmain.crash(...)\n\tgasp/cmd/image/crash.go:55 +0x3c8\n") || !strings.Contains(out, "\n-- complete: ") ||
				!strings.Contains(out, "\n-- symbols: its image was not added: receiver symbols add IMAGE, the one with build id "+c.Build+"\n") {
				t.Errorf("%s: exit code %d, printed\n%s%s", name, code, out, said)
			}
		}
		code, out, _ := call(t, "show", "-dir", dir, "-raw", c.ID)
		if text, _ := os.ReadFile(filepath.Join(c.Folder, "report.txt")); code != 0 || out != string(text) {
			t.Errorf("raw is\n%s", out)
		}
		code, out, _ = call(t, "show", "-dir", dir, "-json", c.ID)
		var s shown
		if err := json.Unmarshal([]byte(out), &s); err != nil || code != 0 || s.ID != c.ID || len(s.Report.Stacks) == 0 || s.NoSymbols == "" {
			t.Errorf("%v, exit code %d: JSON is\n%s", err, code, out)
		}
	}
	if code, out, _ := call(t, "show", "-dir", dir, "-color", "always", list[0].ID); code != 0 || !strings.Contains(out, "\x1b[31m") {
		t.Errorf("no colours in\n%q", out)
	}
	if code, _, said := call(t, "show", "-dir", dir, ""); code != 4 {
		t.Errorf("no name: exit code %d, said %s", code, said)
	}
}

func TestAmbiguousID(t *testing.T) {
	dir := t.TempDir()
	// Enough of them that two begin alike.
	for n := range 40 {
		folder := filepath.Join(dir, "10.0.2.15", fmt.Sprintf("crash-20261123T1200%02dZ-%08x", n, n))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "meta.json"), []byte(`{"kind": "crash", "state": "complete", "complete": true}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, damaged, err := store.List(dir)
	if err != nil || damaged > 0 || len(list) != 40 {
		t.Fatal(err)
	}
	alike := map[byte]int{}
	for _, c := range list {
		alike[c.ID[0]]++
	}
	for first, n := range alike {
		code, _, said := call(t, "show", "-dir", dir, string(first))
		if n > 1 && (code != 1 || !strings.Contains(said, fmt.Sprintf("several reports begin so, %d in all:\n  %c", n, first))) {
			t.Errorf("%c: exit code %d, said\n%s", first, code, said)
		}
	}
}

// A folder as an earlier receiver left it.
func TestFolderOfAnEarlierReceiver(t *testing.T) {
	dir := replayed(t)
	list, _, _ := store.List(dir)
	for _, c := range list {
		text, err := os.ReadFile(filepath.Join(c.Folder, "report.json"))
		if err != nil {
			t.Fatal(err)
		}
		var old map[string]any
		if err := json.Unmarshal(text, &old); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"id", "group", "report", "datagrams", "exception"} {
			delete(old, name)
		}
		text, _ = json.Marshal(old)
		if err := os.WriteFile(filepath.Join(c.Folder, "meta.json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		os.Remove(filepath.Join(c.Folder, "report.json"))
	}
	again, damaged, err := store.List(dir)
	if err != nil || damaged > 0 || len(again) != len(list) {
		t.Fatalf("%d are found, %v", len(again), err)
	}
	for i := range list {
		if a, b := again[i], list[i]; a.ID != b.ID || a.Group.ID != b.Group.ID || a.Cause != b.Cause || a.State != b.State {
			t.Errorf("%+v, was %+v", a.Summary, b.Summary)
		}
	}
	if code, out, _ := call(t, "show", "-dir", dir, list[0].ID); code != 0 || !strings.Contains(out, "\nmain.crash(...)\n") {
		t.Errorf("exit code %d, printed\n%s", code, out)
	}
}

// evil sends a crash that wants to drive the terminal, incomplete.
func TestShowOfAnIncompleteCrashThatIsEvil(t *testing.T) {
	r := run(t, "-crash-timeout", "300ms", "-exit-after-crash")
	d := crash(3)
	r.send(strings.Replace(d[0], "panic: oh", `panic: \x1b[2J\xff`, 1), record(0, 1, "gasp| goroutine 1 [\x1b]0;x\x07]:"), record(0, 2, "gasp| main.\x1bf(...)"))
	if code, output := r.end(); code != 3 {
		t.Fatalf("exit code %d, said\n%s", code, output)
	}
	code, out, said := call(t, "show", "-dir", r.dir, "0123456789abcdef")
	if code != 3 || strings.ContainsAny(out, "\x1b\x07") || !strings.Contains(out, `main.\x1bf(...)`) || !strings.Contains(out, "-- INCOMPLETE: no end after 3 records") {
		t.Errorf("exit code %d, printed\n%q%s", code, out, said)
	}
	code, out, _ = call(t, "crashes", "-v", "-dir", r.dir)
	if code != 0 || strings.ContainsAny(out, "\x1b\x07") {
		t.Errorf("exit code %d, listed\n%q", code, out)
	}
}

func TestTail(t *testing.T) {
	r := run(t)
	for seq := range uint64(20) {
		r.send(record(6, seq, fmt.Sprint("record ", seq)))
	}
	r.await("record 19")
	log := filepath.Join(r.dir, "127.0.0.1", "log")
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if b, _ := os.ReadFile(log); strings.Contains(string(b), "record 19\n") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the log lacks the last record")
		}
	}
	code, out, said := call(t, "tail", "-once", "-n", "3", "-dir", r.dir, "127.0.0.1")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); code != 0 || len(lines) != 3 || !strings.HasSuffix(lines[0], "Z 17 info record 17") || !strings.HasSuffix(lines[2], "Z 19 info record 19") {
		t.Errorf("exit code %d, printed\n%s%s", code, out, said)
	}
	if code, out, _ := call(t, "tail", "-once", "-n", "1", "-dir", r.dir); code != 0 || !strings.HasPrefix(out, "127.0.0.1 20") {
		t.Errorf("of all hosts, exit code %d, printed\n%s", code, out)
	}
	// It follows, across a rotation.
	follow := exec.Command(binary, "tail", "-n", "1", "-dir", r.dir)
	pipe, err := follow.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := follow.Start(); err != nil {
		t.Fatal(err)
	}
	defer follow.Process.Kill()
	lines := readLines(pipe)
	awaitLine(t, lines, "record 19")
	r.send(record(6, 20, "one more"))
	awaitLine(t, lines, "127.0.0.1 .* 20 info one more")
	if err := os.Rename(log, log+"-20261123T120000.000000Z"); err != nil {
		t.Fatal(err)
	}
	r.cmd.Process.Signal(syscall.SIGHUP)
	r.send(record(6, 21, "behind the rotation"))
	awaitLine(t, lines, "21 info behind the rotation")
	follow.Process.Signal(os.Interrupt)
	for range lines {
	}
	if follow.Wait(); follow.ProcessState.ExitCode() != 0 {
		t.Errorf("exit code %d", follow.ProcessState.ExitCode())
	}
}

func readLines(in io.Reader) <-chan string {
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		var rest []byte
		buf := make([]byte, 4096)
		for {
			n, err := in.Read(buf)
			rest = append(rest, buf[:n]...)
			for {
				line, after, found := bytes.Cut(rest, []byte{'\n'})
				if !found {
					break
				}
				lines <- string(line)
				rest = after
			}
			if err != nil {
				return
			}
		}
	}()
	return lines
}

func awaitLine(t *testing.T, lines <-chan string, pattern string) {
	t.Helper()
	match, deadline := regexp.MustCompile(pattern), time.After(patience)
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatalf("it ended without %q", pattern)
			}
			if match.MatchString(line) {
				return
			}
		case <-deadline:
			t.Fatalf("no line %q", pattern)
		}
	}
}

// A receiver that is killed while a report comes in leaves a folder that says so.
func TestKilledWhileAReportComesIn(t *testing.T) {
	r := run(t)
	d := crash(500)
	for i, datagram := range d[:400] {
		r.send(datagram)
		if i%50 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	r.await("line 300")
	r.cmd.Process.Kill()
	r.end()
	list, damaged, err := store.List(r.dir)
	if err != nil || damaged > 0 || len(list) > 1 {
		t.Fatalf("%d folders, %d damaged, %v", len(list), damaged, err)
	}
	if len(list) == 1 && (list[0].State != store.Receiving || list[0].Complete) {
		t.Errorf("it claims to be %s", list[0].State)
	}
	again := runIn(t, r.dir)
	again.send(d...)
	again.await("crash report of .* complete: 502 records")
	again.interrupt()
	list, _, _ = store.List(r.dir)
	if len(list) != 1 || list[0].State != store.Complete {
		t.Errorf("%d folders, %+v", len(list), list)
	}
	in, err := os.Open(filepath.Join(list[0].Folder, "datagrams.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	packets, err := capture.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = packets.Next()
	}
	if err != io.EOF || packets.Counts().Datagrams != uint64(len(d)) {
		t.Errorf("%+v of %d, %v", packets.Counts(), len(d), err)
	}
}
