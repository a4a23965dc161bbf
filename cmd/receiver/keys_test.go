package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"gasp/internal/keys"
	"gasp/netlog/wire"
)

// keygen makes a file with the keys of devices.
func keygen(t *testing.T, names ...string) (path string, list []keys.Key) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "keys")
	if out, err := exec.Command(binary, append([]string{"keygen", "-o", path}, names...)...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("keygen: %v\n%s", err, out)
	}
	list, warning, err := keys.Load(path)
	if err != nil || warning != "" || len(list) != len(names) {
		t.Fatalf("%v, %q, %v", list, warning, err)
	}
	return path, list
}

// said is await for what may have been said already.
func (r *running) said(pattern string) {
	r.t.Helper()
	if !regexp.MustCompile(pattern).MatchString(strings.Join(r.all, "\n")) {
		r.await(pattern)
	}
}

// device is a sender that seals, through the connection of a receiver.
type device struct {
	t      *testing.T
	r      *running
	sealer *wire.Sealer
	number uint64
	seq    uint64
	proof  [wire.BootSize]byte
	level  uint8 // of its records
}

func (r *running) device(k *keys.Key, boot byte) *device {
	return &device{t: r.t, r: r, sealer: wire.NewSealer(&k.Secret, &[wire.BootSize]byte{boot}), level: 6}
}

func (d *device) seal(want bool, records ...string) {
	b := d.sealer.Begin(make([]byte, 0, wire.MaxSealed))
	for _, text := range records {
		b = wire.AppendRecordItem(b, &wire.Record{Level: d.level, Seq: d.seq, Time: 1000 * d.seq, Text: []byte(text)})
		d.seq++
	}
	d.number++
	d.r.conn.Write(d.sealer.Seal(b, d.number, &wire.Status{Time: d.number * 1000, Next: d.seq, Want: want, Proof: d.proof}))
}

// prove asks for an answer until one comes.
func (d *device) prove() wire.Answer {
	d.t.Helper()
	b := make([]byte, wire.MaxAccepted)
	for range 50 {
		d.seal(true)
		d.r.conn.SetReadDeadline(time.Now().Add(patience / 50))
		n, err := d.r.conn.Read(b)
		if err != nil {
			continue
		}
		if a, err := d.sealer.OpenAnswer(b[:n]); err == nil {
			d.proof = a.Session
			return a
		}
	}
	d.t.Fatal("no answer came")
	panic("unreachable")
}

func TestKeygen(t *testing.T) {
	out, err := exec.Command(binary, "keygen", "a", "b").Output()
	if list, parsed := keys.Parse(out); err != nil || parsed != nil || len(list) != 2 || list[1].Name != "b" || list[0].Secret == list[1].Secret {
		t.Errorf("%v, %v", err, parsed)
	}
	path, _ := keygen(t, "a")
	for args, code := range map[string]int{"": exitUsage, "10.0.0.1": exitUsage, "a/b": exitUsage, "x X": exitError, "-o " + path + " A": exitError, "-o /nowhere/keys a": exitError, "-x": exitUsage, "-h": exitOK} {
		out, err := exec.Command(binary, append([]string{"keygen"}, strings.Fields(args)...)...).CombinedOutput()
		got := 0
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			got = exit.ExitCode()
		}
		if got != code || len(out) == 0 {
			t.Errorf("keygen %s: code %d, want %d\n%s", args, got, code, out)
		}
	}
}

func TestSealedDeviceIsShownAndAnswered(t *testing.T) {
	path, list := keygen(t, "rack1-node7", "other")
	dir := t.TempDir()
	r := runIn(t, dir, "-keys", path)
	d := r.device(&list[0], 1)
	d.prove()
	d.seal(true, "first", "second")
	r.await(`rack1-node7 info   first`)
	r.await(`rack1-node7 info   second`)
	r.conn.Write([]byte("a lie in its name\n"))
	r.await(`127\.0\.0\.1 -- 1 datagram refused: not sealed, .*in the name of rack1-node7`)
	r.cmd.Process.Signal(syscall.SIGTERM)
	r.await(`datagrams refused: .*1 unsealed`)
	r.cmd.Wait()

	// Started again, it shows nothing twice.
	r = runIn(t, dir, "-keys", path)
	d.r = r
	if a := d.prove(); a.Upto != 2 {
		t.Errorf("the second receiver knows of the records below %d, want 2", a.Upto)
	}
	d.seq = 0
	d.seal(true, "first", "second", "third")
	r.await(`rack1-node7 info   third`)
	for _, line := range r.all {
		if strings.Contains(line, "info   first") {
			t.Error("a record is shown again")
		}
	}
	// A file of keys that is broken changes nothing; one without the device ends it.
	good, _ := os.ReadFile(path)
	os.WriteFile(path, append(good, "nonsense\n"...), 0o600)
	r.cmd.Process.Signal(syscall.SIGHUP)
	r.await(`the keys stay as they are: .*line 3: want <id> <name> <key>`)
	d.seal(true, "fourth")
	r.await(`rack1-node7 info   fourth`)
	_, rest, _ := bytes.Cut(good, []byte("\n"))
	os.WriteFile(path, rest, 0o600)
	r.cmd.Process.Signal(syscall.SIGHUP)
	r.await(`rack1-node7 -- its key was changed or removed`)
	r.await(`1 device key`)
	d.seal(true, "fifth")
	r.await(`127\.0\.0\.1 -- 1 datagram refused: sealed under a key that is not in the list`)
}

// TestReplayOfSealedDatagrams: what a crash's capture has is read with the keys, and not without.
func TestReplayOfSealedDatagrams(t *testing.T) {
	path, list := keygen(t, "shy")
	dir := t.TempDir()
	r := runIn(t, dir, "-keys", path)
	d := r.device(&list[0], 1)
	d.prove()
	d.seal(true, "hello")
	r.await(`shy info   hello`)
	d.level = 0
	d.seal(true, "gasp: crash 0123456789abcdef: panic: oh\ngasp: at pc=0x1234 func=main.f build=ab uptime=1.000000 last=0 unsent=0", "gasp| goroutine 1 [running]:", "gasp: end of crash 0123456789abcdef: 3 records, 0 lost")
	folder := strings.TrimPrefix(r.await(`crash report of shy complete: 3 records, .*`), "crash report of shy complete: 3 records, ")
	r.cmd.Process.Signal(syscall.SIGTERM)
	r.cmd.Wait()
	file := filepath.Join(folder, "datagrams.pcapng")
	out, err := exec.Command(binary, "replay", "-keys", path, file).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "shy emerg  gasp: crash 0123456789abcdef: panic: oh") || !strings.Contains(string(out), "complete: 3 records") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := exec.Command(binary, "replay", file).CombinedOutput(); err == nil || strings.Contains(string(out), "panic: oh") {
		t.Errorf("without the keys: %v\n%s", err, out)
	}
}

// TestKeysAreNowhere: no output, file or list of processes tells a key, however much goes wrong.
func TestKeysAreNowhere(t *testing.T) {
	path, list := keygen(t, "shy", "other")
	os.Chmod(path, 0o644)
	dir := t.TempDir()
	r := runIn(t, dir, "-keys", path)
	r.said(`the keys in .* can be read by others \(mode 0644\): chmod 600 `)
	d := r.device(&list[0], 1)
	d.prove()
	d.seal(true, "hello", "gasp: crash 0123456789abcdef: panic: oh")
	r.await(`shy info   hello`)
	d.seal(false)
	broken := d.sealer.Seal(d.sealer.Begin(nil), 1000, &wire.Status{})
	broken[len(broken)-1]++
	r.conn.Write(broken)
	r.await("refused: not sealed by the key that they name")
	text, _ := os.ReadFile(path)
	lines := strings.SplitAfter(string(text), "\n")
	wrong := []string{
		lines[0] + strings.Replace(lines[1], " other ", " shy ", 1),
		lines[0] + lines[0],
		strings.Replace(lines[0], " shy ", " ", 1),
		"x" + lines[0],
		lines[0][:40],
		strings.ToUpper(strings.Replace(lines[0], "shy", "10.0.0.1", 1)),
		strings.Join(reversed(strings.Fields(lines[0])), " "),
	}
	for i, s := range wrong {
		os.WriteFile(path, []byte(s), 0o600)
		r.cmd.Process.Signal(syscall.SIGHUP)
		r.await("the keys stay as they are: .*: line ")
		out, err := exec.Command(binary, "-keys", path, "-listen", "127.0.0.1:0", "-dir", filepath.Join(dir, "x")).CombinedOutput()
		if err == nil {
			t.Errorf("file %d: the receiver started", i)
		}
		r.all = append(r.all, string(out))
		out, _ = exec.Command(binary, "keygen", "-o", path, "more").CombinedOutput()
		r.all = append(r.all, string(out))
	}
	for _, name := range []string{"cmdline", "environ", "comm", "status"} {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", r.cmd.Process.Pid, name))
		if err != nil {
			t.Error(err)
		}
		r.all = append(r.all, string(b))
	}
	r.cmd.Process.Signal(syscall.SIGTERM)
	r.await("datagrams refused: ")
	for line := range r.lines {
		r.all = append(r.all, line)
	}
	r.cmd.Wait()
	r.all = append(r.all, r.errors.String())
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		r.all = append(r.all, path, string(b))
		return err
	})
	everything := strings.ToLower(strings.Join(r.all, "\n"))
	if !strings.Contains(everything, "hello") || !strings.Contains(everything, "upto") {
		t.Fatal("what is looked through is not what there is")
	}
	for i := range list {
		k := list[i].Secret
		decimal := strings.Trim(fmt.Sprint(k[:6]), "[]")
		for _, form := range []string{hex.EncodeToString(k[:])[:12], hex.EncodeToString(k[26:]), strings.ToLower(base64.StdEncoding.EncodeToString(k[:])[:12]), string(bytes.ToLower(k[:8])), decimal} {
			if strings.Contains(everything, form) {
				t.Errorf("the key of %s is told", list[i].Name)
			}
		}
	}
}

func reversed(s []string) (r []string) {
	for i := len(s) - 1; i >= 0; i-- {
		r = append(r, s[i])
	}
	return r
}
