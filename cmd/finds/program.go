//go:build tamago

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
	_ "time/tzdata"

	"gasp/board/machine"
)

func args(rest []string) {
	say("args", len(os.Args), os.Args)
	for _, name := range []string{"HOME", "GOTRACEBACK", "GOGC", "TZ", "A"} {
		v, ok := os.LookupEnv(name)
		say(name, v, ok)
	}
	own, ok := machine.CommandLine().Get("gasp.own")
	say("own", own, ok)
	percent := debug.SetGCPercent(100)
	limit := debug.SetMemoryLimit(-1)
	say("runtime", percent, limit == math.MaxInt64, runtime.GOMAXPROCS(0))
}

// random says whether two draws differ and are not empty.
func random([]string) {
	var a, b [48]byte
	rand.Read(a[:])
	rand.Read(b[:])
	ones := 0
	for _, v := range append(a[:], b[:]...) {
		for ; v != 0; v &= v - 1 {
			ones++
		}
	}
	say("random", a != b, ones > 768/4 && ones < 768*3/4)
	f, err := os.Open("/dev/urandom")
	if err == nil {
		_, err = io.ReadFull(f, a[:])
	}
	say("urandom", a != b, err)
}

func zone([]string) {
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	say("local", at.Local().Format("15:04 MST"))
	l, err := time.LoadLocation("Asia/Tokyo")
	if err == nil {
		say("tokyo", at.In(l).Format("15:04 MST"))
	}
	say("load", err)
}

// pipe copies through one, with more than it holds, and waits in vain for another.
func pipe([]string) {
	r, w, err := os.Pipe()
	if err != nil {
		say("pipe", err)
		return
	}
	const size = 300_000
	go func() {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(i * 7)
		}
		w.Write(b)
		w.Close()
	}()
	b, err := io.ReadAll(r)
	good := len(b) == size
	for i := range b {
		good = good && b[i] == byte(i*7)
	}
	say("pipe", good, err)
	r.Close()
	r, w, _ = os.Pipe()
	r.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	_, err = r.Read(b)
	say("deadline", errors.Is(err, os.ErrDeadlineExceeded))
	r.Close()
	_, err = w.Write(b)
	say("broken", errors.Is(err, syscall.EPIPE))
	var fds [2]int
	err = syscall.Pipe(fds[:])
	go func() {
		time.Sleep(50 * time.Millisecond)
		syscall.Write(fds[1], []byte("late"))
	}()
	n, err2 := syscall.Read(fds[0], b)
	say("blocking", string(b[:max(n, 0)]), err, err2)
}

func signals([]string) {
	c := make(chan os.Signal, 1)
	signal.Notify(c)
	select {
	case s := <-c:
		say("quiet", s)
	case <-time.After(200 * time.Millisecond):
		say("quiet", true)
	}
	err := syscall.Kill(syscall.Getpid(), syscall.SIGUSR1)
	select {
	case s := <-c:
		say("kill", s, err)
	case <-time.After(2 * time.Second):
		say("kill", "nothing", err)
	}
	signal.Stop(c)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Signal(os.Interrupt)
	}
	select {
	case <-ctx.Done():
		say("context", true, err)
	case <-time.After(2 * time.Second):
		say("context", false, err)
	}
	stop()
}

// errorsOf says how what cannot be fails.
func errorsOf([]string) {
	_, err := os.Open("/nothing")
	say("open", err)
	say("create", os.WriteFile("/new", nil, 0o600))
	_, err = os.OpenFile("/dev", os.O_WRONLY, 0)
	say("dir", err)
	say("mkdir", os.Mkdir("/d", 0o700))
	say("exists", os.Mkdir("/dev", 0o700))
	say("remove", os.Remove("/dev/null"))
	say("rename", os.Rename("/dev/null", "/x"))
	say("chmod", os.Chmod("/dev", 0))
	_, err = os.MkdirTemp("", "t")
	say("temp", errors.Is(err, syscall.EROFS))
	_, err = os.Executable()
	say("executable", err)
	_, err = net.Listen("tcp", "127.0.0.1:80")
	say("listen", err)
	_, err = net.Dial("udp", "10.0.2.2:53")
	say("dial", err)
	_, err = net.LookupHost("example.invalid")
	say("lookup", err)
	say("exec", exec.Command("/bin/true").Run())
	_, err = syscall.Mmap(0, 0, 4096, syscall.PROT_READ, syscall.MAP_PRIVATE)
	say("mmap", err)
	say("close", syscall.Close(77))
	f, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
	if err == nil {
		_, err = f.WriteString("gone")
	}
	say("null", err)
	var stat syscall.Stat_t
	say("stdin", syscall.Fstat(0, &stat), stat.Mode&syscall.S_IFMT == syscall.S_IFCHR)
	n, err := os.Stdin.Read(make([]byte, 1))
	say("eof", n, err)
	say("fd", f.Fd())
}

func process([]string) {
	name, err := os.Hostname()
	say("hostname", name, err)
	say("ids", os.Getpid(), os.Getppid(), os.Getuid())
	var u syscall.Rusage
	err = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	say("rusage", err, u.Utime.Nano() > 0, u.Maxrss > 0)
	var l syscall.Rlimit
	err = syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)
	say("files", l.Cur, err)
	say("page", os.Getpagesize())
}
