package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// output runs the receiver to its end, and returns what it said and its exit code.
func output(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

// stop holds the receiver up, and goOn lets it go on.
func (r *running) stop() {
	r.t.Helper()
	pid := r.cmd.Process.Pid
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		r.t.Fatal(err)
	}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		r.t.Fatalf("the receiver did not stop: %v, %v", status, err)
	}
}

func (r *running) goOn() { syscall.Kill(r.cmd.Process.Pid, syscall.SIGCONT) }

func TestSeveralAddressesOfBothFamilies(t *testing.T) {
	if probe, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
		t.Skip("no IPv6 on this machine:", err)
	} else {
		probe.Close()
	}
	r := run(t, "-listen", "[::1]:0", "-listen", "127.0.0.1:0")
	addresses := regexp.MustCompile(`127\.0\.0\.1:\d+|\[::1\]:\d+`).FindAllString(r.all[0], -1)
	if len(addresses) != 3 {
		t.Fatalf("listens on %v", addresses)
	}
	for i, address := range addresses {
		conn, err := net.Dial("udp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, record(6, 7, fmt.Sprint("through listener ", i)))
		host, _, _ := net.SplitHostPort(address)
		r.await(regexp.QuoteMeta(host) + fmt.Sprint(" +info +through listener ", i))
	}
	r.cmd.Process.Signal(os.Interrupt)
	if code, said := r.end(); code != 0 || !strings.Contains(said, "3 records from 3 senders") {
		t.Errorf("exit code %d, said\n%s", code, said)
	}
	if log := r.file("__1/log"); !strings.Contains(log, "7 info through listener 1\n") {
		t.Errorf("the log of ::1 is %q", log)
	}
}

func TestASecondReceiverCannotShareThePort(t *testing.T) {
	r := run(t, "-sockets", "2")
	for _, sockets := range []string{"1", "2"} {
		said, code := output(t, "-listen", r.conn.RemoteAddr().String(), "-no-store", "-sockets", sockets)
		if code != exitError || !strings.Contains(said, "the port is in use") {
			t.Errorf("with %s sockets: exit code %d, said %q", sockets, code, said)
		}
	}
}

func TestWhatWaitsInTheKernelAtTheEndIsStored(t *testing.T) {
	// The receiver is stopped while the datagrams come and the signal is sent, so all of them wait.
	r := run(t, "-quiet", "-sockets", "2")
	r.send(record(6, 0, "first"))
	r.stop()
	const count = 500
	for seq := range uint64(count) {
		r.send(record(6, seq+1, "waits"))
	}
	r.cmd.Process.Signal(os.Interrupt)
	r.goOn()
	if code, said := r.end(); code != 0 || !strings.Contains(said, fmt.Sprint(count+1, " records from 1 sender, 0 missing")) {
		t.Errorf("exit code %d, said\n%s", code, said)
	}
	if n := strings.Count(r.file("127.0.0.1/log"), "info waits\n"); n != count {
		t.Errorf("%d of %d records are in the log", n, count)
	}
}

func TestStoringNothing(t *testing.T) {
	r := start(t, t.TempDir(), "storing nothing", "-no-store")
	r.send(crash(3)...)
	r.await("crash report of 127.0.0.1 complete: 5 records$")
	r.cmd.Process.Signal(os.Interrupt)
	if code, said := r.end(); code != 0 {
		t.Errorf("exit code %d, said\n%s", code, said)
	}
	if entries, err := os.ReadDir(r.dir); err != nil || len(entries) > 0 {
		t.Errorf("%v is in the folder, %v", entries, err)
	}
}

func TestFlagsOfListening(t *testing.T) {
	for _, test := range []struct {
		want string
		args []string
	}{
		{"-sockets 0 is not 1 to 64", []string{"-sockets", "0"}},
		{"-sockets 65 is not 1 to 64", []string{"-sockets", "65"}},
		{"-dir says where to store, and -no-store not to", []string{"-no-store", "-dir", "x"}},
	} {
		if said, code := output(t, test.args...); code != exitUsage || !strings.Contains(said, test.want) {
			t.Errorf("%v: exit code %d, said %q", test.args, code, said)
		}
	}
}

func TestDropsAreSaidWithTheCountOfTheMinute(t *testing.T) {
	var d drops
	for _, step := range []struct {
		total  uint64
		buffer int
		want   string
	}{
		{0, 16 << 20, ""},
		{3, 16 << 20, "the kernel dropped 3 datagrams in the last minute, a buffer of 16384 KiB was full"},
		{3, 16 << 20, ""},
		{4, 208 << 10, "the kernel dropped 1 datagram in the last minute, a buffer of 208 KiB was full; for a larger one: sysctl -w net.core.rmem_max=16777216"},
	} {
		if got := d.text(step.total, step.buffer); got != step.want {
			t.Errorf("%d in all: %q, want %q", step.total, got, step.want)
		}
	}
}

func TestABufferThatIsTooSmallIsSaidWithTheRemedy(t *testing.T) {
	for size, want := range map[int]string{
		16 << 20: "",
		208 << 10: "the kernel may drop datagrams of a burst, it gave a buffer of 208 KiB for the 16384 KiB asked for; " +
			"to allow that: sysctl -w net.core.rmem_max=16777216",
	} {
		if got := bufferText(size); got != want {
			t.Errorf("%d bytes: %q, want %q", size, got, want)
		}
	}
}
