package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestEverySinkGetsEverything(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal")
	journal, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	objects := filepath.Join(dir, "objects")
	r := run(t, "-json", objects, "-journal="+path, "-forward", "tcp://"+tcp.Addr().String(), "-forward", "udp://"+udp.LocalAddr().String())
	r.send(crash(3)...)
	r.send(record(6, 5, "one"), record(3, 7, "three"))
	r.await("err +three")

	text := func(b []byte) string { // what has been read so far, of each
		var all []string
		for _, want := range []string{"one", "three", "1 record missing", "gasp: crash", "line 2", "complete: 5 records"} {
			if bytes.Contains(b, []byte(want)) {
				all = append(all, want)
			}
		}
		return strings.Join(all, ", ")
	}
	const everything = "one, three, 1 record missing, gasp: crash, line 2, complete: 5 records"
	conn, err := tcp.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for name, in := range map[string]interface {
		Read([]byte) (int, error)
		SetReadDeadline(time.Time) error
	}{"the journal": journal, "TCP": conn, "UDP": udp.(*net.UDPConn)} {
		var b []byte
		buf := make([]byte, 1<<16)
		in.SetReadDeadline(time.Now().Add(patience))
		for text(b) != everything {
			n, err := in.Read(buf)
			if err != nil {
				t.Fatalf("%s got %s, and then %v", name, text(b), err)
			}
			b = append(b, buf[:n]...)
		}
	}
	r.interrupt()
	b, err := os.ReadFile(objects)
	if err != nil {
		t.Fatal(err)
	}
	kinds := make(map[string]int)
	for line := range bytes.Lines(b) {
		var o struct{ Type, Host, Text string }
		if err := json.Unmarshal(line, &o); err != nil || o.Host != "127.0.0.1" {
			t.Errorf("%v: %s", err, line)
		}
		kinds[o.Type]++
	}
	if want := "map[missing:1 record:7 report-begin:1 report-end:1]"; fmt.Sprint(kinds) != want {
		t.Errorf("the objects are %v, want %s:\n%s", kinds, want, b)
	}
}

func TestObjectsOnStandardOutput(t *testing.T) {
	cmd := exec.Command(binary, "-listen", "127.0.0.1:0", "-dir", t.TempDir(), "-json", "-")
	objects, _ := cmd.StdoutPipe()
	people, _ := cmd.StderrPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	first, _ := bufio.NewReader(people).ReadString('\n')
	conn, err := net.Dial("udp", regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(first))
	if err != nil {
		t.Fatalf("%v: said %q", err, first)
	}
	defer conn.Close()
	conn.Write([]byte(record(6, 1, "one")))
	line, err := bufio.NewReader(objects).ReadBytes('\n')
	if err != nil || !json.Valid(line) || !bytes.Contains(line, []byte(`"text":"one"`)) {
		t.Errorf("%v: standard output is %q", err, line)
	}
}

// Outputs that nobody takes hold up neither the reception nor the other outputs.
func TestStalledOutputsHoldNothingUp(t *testing.T) {
	stalled, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.Close()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "objects")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-listen", "127.0.0.1:0", "-dir", dir, "-json", fifo, "-forward", "tcp://"+stalled.Addr().String(), "-queue", "1MiB")
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	// Of its output nothing but the first line is read.
	line := make([]byte, 100)
	n, _ := out.Read(line)
	conn, err := net.Dial("udp", regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(string(line[:n])))
	if err != nil {
		t.Fatalf("%v: said %q", err, line[:n])
	}
	defer conn.Close()
	log := filepath.Join(dir, "127.0.0.1", "log")
	logged := func() int {
		b, _ := os.ReadFile(log)
		return bytes.Count(b, []byte("\n"))
	}
	// Each waits until what was sent is in the log, so that nothing is lost on the way in.
	const count, a = 10_000, 200
	for seq := range uint64(count) {
		conn.Write([]byte(record(6, seq, strings.Repeat("x", 900))))
		if seq%a != a-1 {
			continue
		}
		for began := time.Now(); logged() <= int(seq); time.Sleep(time.Millisecond) {
			if time.Since(began) > patience {
				t.Fatalf("%d of %d records are in the log", logged(), seq+1)
			}
		}
	}
	cmd.Process.Signal(os.Interrupt)
	rest := make(chan string)
	go func() {
		b := new(bytes.Buffer)
		b.ReadFrom(out)
		rest <- b.String()
	}()
	text := <-rest
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"json: ", " records left out, it was too slow", fmt.Sprint(count, " records from 1 sender, 0 missing")} {
		if !strings.Contains(text, want) {
			t.Errorf("it did not say %q; at the end is\n%s", want, text[max(0, len(text)-1000):])
		}
	}
}

func TestLogsAreRotatedOrLeftOut(t *testing.T) {
	r := run(t, "-rotate-size", "10KiB", "-keep", "2", "-quiet")
	for seq := range uint64(500) {
		r.send(record(6, seq, strings.Repeat("x", 100)))
		if seq%20 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	r.send("")
	r.await("bad datagram")
	r.interrupt()
	if older, _ := filepath.Glob(filepath.Join(r.dir, "127.0.0.1", "log-*Z*")); len(older) == 0 {
		t.Error("nothing was rotated")
	}
	r = run(t, "-logs=false")
	r.send(record(6, 1, "one"))
	r.await("one")
	r.interrupt()
	if found, _ := filepath.Glob(filepath.Join(r.dir, "*")); len(found) > 0 {
		t.Errorf("there are %q", found)
	}
}

func TestWrongSinks(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, test := range []struct {
		want string
		code int
		args []string
	}{
		{`must be udp://HOST:PORT or tcp://HOST:PORT`, 2, []string{"-forward", "loghost"}},
		{`is given twice`, 2, []string{"-forward", "udp://a:1", "-forward", "udp://a:1"}},
		{`must be a number of bytes, or one with KiB`, 2, []string{"-rotate-size", "64MB"}},
		{`must be a number of bytes`, 2, []string{"-keep-size", "-1"}},
		{`must be a number of bytes`, 2, []string{"-keep-size", "9999999999GiB"}},
		{`-queue 1KiB is too small`, 2, []string{"-queue", "1KiB"}},
		{`-rotate-age must not be negative`, 2, []string{"-rotate-age", "-1s"}},
		{`-keep must not be negative`, 2, []string{"-keep", "-1"}},
		{`-json: open ` + none + `/x/y: `, 1, []string{"-json", none + "/x/y"}},
		{`-journal: no systemd journal listens here: stat ` + none, 1, []string{"-journal=" + none}},
	} {
		if strings.HasPrefix(test.want, "-json") {
			os.WriteFile(none, nil, 0o600)
		} else {
			os.Remove(none)
		}
		cmd := exec.Command(binary, append([]string{"-listen", "127.0.0.1:0", "-timeout", "1s", "-dir", t.TempDir()}, test.args...)...)
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != test.code || !strings.Contains(string(out), test.want) {
			t.Errorf("%q: exit code %d, want %d; said %q, want %q", test.args, code, test.code, out, test.want)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]string{"0": "0", "1": "1B", "1024": "1KiB", "64MiB": "64MiB", "1536MiB": "1536MiB", "2GiB": "2GiB", "1TiB": "1TiB", "10B": "10B"} {
		var b byteSize
		if err := b.Set(text); err != nil || b.String() != want {
			t.Errorf("%s is %s, want %s: %v", text, b.String(), want, err)
		}
	}
}
