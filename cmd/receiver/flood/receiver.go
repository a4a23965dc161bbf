package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// listenPatience is how long the receiver may take to listen, stopPatience from the signal that ends it to its
	// death.
	listenPatience = 30 * time.Second
	stopPatience   = 30 * time.Second
	// metricsAddress is where it shows its metrics, in the namespace.
	metricsAddress = "127.0.0.1:9666"
	// maxSaid is how many bytes are kept of what it says to people.
	maxSaid = 64 << 10
)

// receiver is the receiver's process.
type receiver struct {
	cmd   *exec.Cmd
	state string
	said  tail
	done  chan struct{}
	err   error
	peak  int64 // bytes, as far as it was looked at
}

// tail keeps the last of what is written to it. Any goroutine may use it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if n := len(t.b); n > 2*maxSaid {
		t.b = append(t.b[:0], t.b[n-maxSaid:]...)
	}
	return len(p), nil
}

func (t *tail) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.b)
}

// startReceiver starts it, lets the judge read what it writes, and waits until it listens.
func startReceiver(o *options, dir, keys string, j *judge) (*receiver, error) {
	r := &receiver{state: filepath.Join(dir, "state"), done: make(chan struct{})}
	args := []string{"-listen", logHost.String(), "-dir", r.state, "-keys", keys, "-json", "-", "-quiet", "-color", "never", "-metrics", metricsAddress}
	r.cmd = exec.Command(o.receiver, append(args, strings.Fields(o.extra)...)...)
	r.cmd.Stderr = &r.said
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the terminal's signals are for this program
	records, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("make flood builds it: %w", err)
	}
	go func() {
		defer close(r.done)
		j.read(records)
		r.err = r.cmd.Wait()
	}()
	for end := time.Now().Add(listenPatience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if bytes.Contains(r.said.bytes(), []byte("listening on")) {
			return r, nil
		}
		select {
		case <-r.done:
			return nil, fmt.Errorf("%s ended: %s", o.receiver, r.said.bytes())
		default:
		}
	}
	r.stop()
	return nil, fmt.Errorf("%s does not listen: %s", o.receiver, r.said.bytes())
}

// stop ends it, once.
func (r *receiver) stop() {
	r.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-r.done:
	case <-time.After(stopPatience):
		r.cmd.Process.Kill()
		<-r.done
	}
}

// memory is the most that the process had in memory so far, in bytes (proc_pid_status(5), VmHWM).
func (r *receiver) memory() int64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		return r.peak
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if value, found := strings.CutPrefix(s.Text(), "VmHWM:"); found {
			kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			r.peak = max(r.peak, kib<<10)
		}
	}
	return r.peak
}

// processor is the time that the process used.
func (r *receiver) processor() time.Duration {
	if r.cmd.ProcessState == nil {
		return 0
	}
	return r.cmd.ProcessState.UserTime() + r.cmd.ProcessState.SystemTime()
}

// metrics returns the receiver's own, by name without its prefix.
func (r *receiver) metrics() (map[string]float64, error) {
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Get("http://" + metricsAddress + "/metrics")
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	const most = 1 << 20
	all := make(map[string]float64)
	for s := bufio.NewScanner(io.LimitReader(answer.Body, most)); s.Scan(); {
		name, value, _ := strings.Cut(s.Text(), " ")
		name, ours := strings.CutPrefix(name, "gasp_receiver_")
		if n, err := strconv.ParseFloat(value, 64); ours && err == nil {
			all[name] = n
		}
	}
	return all, nil
}
