package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// binary is the receiver, built once for all tests.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "receiver-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "receiver")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// patience is how long a test waits for anything.
const patience = 20 * time.Second

// running is a started receiver.
type running struct {
	t      *testing.T
	cmd    *exec.Cmd
	dir    string
	lines  chan string // of its output
	all    []string
	errors bytes.Buffer
	conn   net.Conn
}

// run starts the receiver on a free port and waits until it listens.
func run(t *testing.T, args ...string) *running {
	t.Helper()
	return runIn(t, t.TempDir(), args...)
}

// runIn is run with a folder that may hold what was stored before.
func runIn(t *testing.T, dir string, args ...string) *running {
	t.Helper()
	r := &running{t: t, dir: dir, lines: make(chan string, 10000)}
	r.cmd = exec.Command(binary, append([]string{"-listen", "127.0.0.1:0", "-dir", r.dir}, args...)...)
	r.cmd.Stderr = &r.errors
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.cmd.Process.Kill(); r.cmd.Wait() })
	go func() {
		defer close(r.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			r.lines <- s.Text()
		}
		io.Copy(io.Discard, out)
	}()
	first := r.await(`listening on `)
	address := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(first)
	r.await(`storing in ` + regexp.QuoteMeta(r.dir))
	if r.conn, err = net.Dial("udp", address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.conn.Close() })
	return r
}

// await reads output up to the line that matches.
func (r *running) await(pattern string) string {
	r.t.Helper()
	match := regexp.MustCompile(pattern)
	deadline := time.After(patience)
	for {
		select {
		case line, ok := <-r.lines:
			if !ok {
				r.t.Fatalf("ended without saying %q, but\n%s\n%s", pattern, strings.Join(r.all, "\n"), r.errors.String())
			}
			r.all = append(r.all, line)
			if match.MatchString(line) {
				return line
			}
		case <-deadline:
			r.t.Fatalf("did not say %q, but\n%s", pattern, strings.Join(r.all, "\n"))
		}
	}
}

// end waits for the program's end and returns its exit code and all it said.
func (r *running) end() (code int, output string) {
	r.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case line, ok := <-r.lines:
			if ok {
				r.all = append(r.all, line)
				continue
			}
			r.cmd.Wait()
			return r.cmd.ProcessState.ExitCode(), strings.Join(r.all, "\n")
		case <-deadline:
			r.t.Fatalf("did not end, said\n%s", strings.Join(r.all, "\n"))
		}
	}
}

func (r *running) send(datagrams ...string) {
	r.t.Helper()
	for _, d := range datagrams {
		if _, err := r.conn.Write([]byte(d)); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *running) file(pattern string) string {
	r.t.Helper()
	found, _ := filepath.Glob(filepath.Join(r.dir, pattern))
	if len(found) != 1 {
		r.t.Fatalf("%d files are called %s", len(found), pattern)
	}
	b, err := os.ReadFile(found[0])
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

func record(level uint8, seq uint64, text string) string {
	return string(wire.AppendExtended(nil, &wire.Record{Level: level, Seq: seq, Time: 1_000_000 + seq, Text: []byte(text)}))
}

func crash(lines int) (d []string) {
	boot := [16]byte([]byte("0123456789abcdef"))
	h := wire.Headline{Boot: boot, Cause: []byte("panic: oh"), Build: "abcd"}
	d = append(d, record(0, 0, string(wire.AppendHeadline(nil, &h, wire.HeadlineMax))))
	for i := range lines {
		d = append(d, record(0, uint64(i)+1, fmt.Sprint(wire.ReportPrefix, "line ", i)))
	}
	e := wire.End{Boot: boot, Records: uint64(lines) + 2}
	return append(d, record(0, uint64(lines)+1, string(wire.AppendEnd(nil, &e))))
}

func TestCompleteCrash(t *testing.T) {
	r := run(t, "-exit-after-crash")
	r.send(crash(41)...)
	code, output := r.end()
	want := regexp.MustCompile(`(?m)^crash report of 127\.0\.0\.1 complete: 43 records, ` + regexp.QuoteMeta(r.dir) + `/127\.0\.0\.1/crash-\d{8}T\d{6}Z-01234567$`)
	if code != 0 || !want.MatchString(output) {
		t.Errorf("exit code %d, want 0; said\n%s", code, output)
	}
	if report := r.file("127.0.0.1/crash-*/report.txt"); strings.Count(report, "\nline ") != 41 || !strings.HasSuffix(report, "-- complete: 43 records\n") {
		t.Errorf("report.txt is\n%s", report)
	}
	if meta := r.file("127.0.0.1/crash-*/report.json"); !strings.Contains(meta, `"complete": true`) {
		t.Errorf("report.json is\n%s", meta)
	}
}

func TestIncompleteCrash(t *testing.T) {
	r := run(t, "-exit-after-crash", "-crash-timeout", "400ms", "-quiet")
	d := crash(41)
	r.send(d[:17]...)
	r.send(d[19:]...)
	code, output := r.end()
	if code != 3 || !strings.Contains(output, "INCOMPLETE: 2 of 43 records missing (seq 17-18), "+r.dir) {
		t.Errorf("exit code %d, want 3; said\n%s", code, output)
	}
	if strings.Contains(output, "line 3") {
		t.Errorf("quiet, but said\n%s", output)
	}
}

func TestNothingCame(t *testing.T) {
	if code, output := run(t, "-exit-after-crash", "-timeout", "300ms").end(); code != 4 {
		t.Errorf("exit code %d, want 4; said\n%s", code, output)
	}
	if code, output := run(t, "-timeout", "300ms").end(); code != 4 {
		t.Errorf("exit code %d, want 4; said\n%s", code, output)
	}
	r := run(t, "-timeout", "2s")
	r.send("hello\n")
	if code, output := r.end(); code != 0 {
		t.Errorf("exit code %d after a record, want 0; said\n%s", code, output)
	}
}

func TestSignalFlushesAndSummarizes(t *testing.T) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		r := run(t)
		r.send(record(6, 1, "one"), record(6, 4, "four"), "", strings.Repeat("x", 65507), "no newline")
		r.await("65507 bytes")
		r.cmd.Process.Signal(s)
		code, output := r.end()
		if code != 0 || !strings.Contains(output, "3 records from 1 sender, 2 missing, 0 duplicates, 2 bad datagrams, 0 dropped by the kernel; 0 crash reports, 0 incomplete") {
			t.Errorf("%v: exit code %d, said\n%s", s, code, output)
		}
		for _, text := range []string{"1 info one\n", "-- 2 records missing (seq 2-3)\n", "4 info four\n", "no newline\n"} {
			if log := r.file("127.0.0.1/log"); !strings.Contains(log, text) {
				t.Errorf("%v: the log lacks %q:\n%s", s, text, log)
			}
		}
	}
}

func TestSenderCannotDriveTheTerminal(t *testing.T) {
	r := run(t, "-color", "never")
	evil := "\x1b[2J\x1b]0;title\x07\x00\r\u202e\u009b31m\xff"
	r.send(record(6, 1, evil), evil+"\n", record(6, 2, "last"))
	r.await("info +last")
	r.cmd.Process.Signal(os.Interrupt)
	_, output := r.end()
	for name, text := range map[string]string{"the terminal": output, "the log": r.file("127.0.0.1/log")} {
		if strings.ContainsAny(text, "\x1b\x07\x00\r\u202e\u009b") || strings.Count(text, `\x1b[2J\x1b]0;title\x07\x00\x0d\xe2\x80\xae\xc2\x9b31m\xff`) != 2 {
			t.Errorf("%s got\n%q", name, text)
		}
	}
}

func TestColour(t *testing.T) {
	for mode, want := range map[string]bool{"auto": false, "always": true, "never": false} {
		r := run(t, "-color", mode)
		r.send(record(3, 1, "bad"))
		if line := r.await("bad"); strings.Contains(line, "\x1b[31m") != want {
			t.Errorf("-color %s into a pipe: %q", mode, line)
		}
	}
}

func TestHangUpReopensFiles(t *testing.T) {
	r := run(t)
	r.send(record(6, 1, "one"))
	r.await("one")
	log := filepath.Join(r.dir, "127.0.0.1", "log")
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if b, _ := os.ReadFile(log); len(b) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the log stays empty")
		}
	}
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	r.cmd.Process.Signal(syscall.SIGHUP)
	// A signal says nothing when it is done; a line logged behind it comes into one file or the other.
	for seq := uint64(2); ; seq++ {
		r.send(record(6, seq, "more"))
		r.await("more")
		if b, _ := os.ReadFile(log); len(b) > 0 {
			break
		}
		if seq > 1000 {
			t.Fatal("no new log after SIGHUP")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	r := run(t)
	if err := os.Mkdir(filepath.Join(r.dir, "127.0.0.1"), 0o700); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(r.dir, "127.0.0.1", "log")
	if err := os.Symlink("/dev/full", log); err != nil {
		t.Fatal(err)
	}
	r.send(record(6, 1, "one"))
	r.await("log is not being written: no space left on device")
	r.send(record(6, 2, "two"))
	r.await("two")
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	r.send(record(6, 3, "three"))
	// The log has a goroutine of its own: the second record may have come in time for the new file.
	again := regexp.MustCompile(`without (\d) records?`).FindStringSubmatch(r.await("log is written again, without [12] record"))
	r.cmd.Process.Signal(os.Interrupt)
	if code, output := r.end(); code != 0 || strings.Count(output, "not being written") != 1 {
		t.Errorf("exit code %d, said\n%s", code, output)
	}
	got := r.file("127.0.0.1/log")
	if !strings.Contains(got, " could not be written here") || !strings.Contains(got, "3 info three") || strings.Contains(got, "1 info one") {
		t.Errorf("log is\n%s", got)
	}
	if lost := 3 - strings.Count(got, " info "); again[1] != fmt.Sprint(lost) {
		t.Errorf("%s records are said not to be in the log, %d are not:\n%s", again[1], lost, got)
	}
}

func TestCannotStart(t *testing.T) {
	busy, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	plain := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, want string
		code       int
		args       []string
	}{
		{"port in use", "the port is in use", 1, []string{"-listen", busy.LocalAddr().String(), "-dir", t.TempDir()}},
		{"folder below a file", "cannot store in " + plain + "/x: ", 1, []string{"-dir", plain + "/x"}},
		{"unknown flag", "-nonsense", 2, []string{"-nonsense"}},
		{"argument", `unexpected argument "6666"`, 2, []string{"receive", "6666"}},
		{"command", `there is no command "6666"`, 2, []string{"6666"}},
		{"colour", `-color "pink" is none of`, 2, []string{"-color", "pink"}},
		{"timeout", "-crash-timeout must be more than 0", 2, []string{"-crash-timeout", "0"}},
		{"help", "exit codes:", 0, []string{"-h"}},
	}
	for _, test := range tests {
		cmd := exec.Command(binary, test.args...)
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != test.code || !strings.Contains(string(out), test.want) {
			t.Errorf("%s: exit code %d, want %d; said %q, want %q", test.name, code, test.code, out, test.want)
		}
	}
}

func TestUnwritableFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-listen", "127.0.0.1:0", "-dir", dir)
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(string(out), "permission denied") {
		t.Errorf("exit code %d, said %q", code, out)
	}
}

func TestDefaultFolder(t *testing.T) {
	state := t.TempDir()
	for _, env := range [][]string{{"XDG_STATE_HOME=" + state, "HOME=/nonexistent"}, {"XDG_STATE_HOME=relative", "HOME=" + state}} {
		cmd := exec.Command(binary, "-listen", "127.0.0.1:0", "-timeout", "50ms")
		cmd.Env = env
		out, _ := cmd.CombinedOutput()
		want := filepath.Join(state, "gasp")
		if strings.HasPrefix(env[1], "HOME="+state) {
			want = filepath.Join(state, ".local", "state", "gasp")
		}
		if !strings.Contains(string(out), "storing in "+want+"\n") {
			t.Errorf("with %v: said %q, want %s", env, out, want)
		}
	}
}

func TestEveryRecordOfABurstIsStored(t *testing.T) {
	r := run(t, "-quiet")
	const count = 5000
	for seq := range uint64(count) {
		r.send(record(6, seq, fmt.Sprint("record ", seq)))
		if seq%50 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	log := filepath.Join(r.dir, "127.0.0.1", "log")
	var b []byte
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if b, _ = os.ReadFile(log); bytes.Count(b, []byte("\n")) >= count {
			break
		}
	}
	next := 0
	for line := range strings.Lines(string(b)) {
		if !strings.HasSuffix(line, fmt.Sprintf(" %d info record %d\n", next, next)) {
			r.cmd.Process.Signal(os.Interrupt)
			_, output := r.end()
			t.Fatalf("line %d of the log is %q; said\n%s", next, line, output)
		}
		next++
	}
	if next != count {
		t.Errorf("%d of %d records are in the log", next, count)
	}
}
