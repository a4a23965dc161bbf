package qemu

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Figures are what cmd/measure says: values by name, in the units that it gives.
type Figures map[string]float64

var (
	// ErrNoFigures is wrapped by errors about a cmd/measure that did not come to its end.
	ErrNoFigures = errors.New("it did not say all its figures")
	// ErrNoUser says that there is no emulator of Linux processes in PATH.
	ErrNoUser = errors.New(userProgram + " is not installed: run qemu/setup.sh bench, or: apt-get install --no-install-recommends qemu-user")
)

const (
	userProgram     = "qemu-x86_64"
	measureDeadline = 5 * time.Minute
	measureMemory   = 512 // MiB
	maxCPUs         = 1024

	// What the idle figure says before and after.
	idleBegins, idleEnds = "measure: idle-begin", "measure: idle-end"
)

// Measurement is a run of cmd/measure's image.
type Measurement struct {
	Image   string
	Figure  string // which one: names, separated by commas
	Machine Combination
	Sending Sending
	Icount  bool // nanoseconds are instructions
}

// MeasureImage boots cmd/measure's image on q35 with e1000 and returns what it says of the figure; with icount, nanoseconds
// are instructions.
func MeasureImage(ctx context.Context, image, figure string, icount bool) (Figures, error) {
	return Measurement{Image: image, Figure: figure, Machine: CountMachine, Icount: icount}.Run(ctx)
}

// Run boots the image and returns what it says. For the figure idle, "idle-host" is the CPU time that QEMU took
// meanwhile, in ms a second.
func (m Measurement) Run(ctx context.Context) (Figures, error) {
	var r *Run
	var started sync.WaitGroup
	started.Add(1)
	var idle [2]time.Duration
	w := m.Sending.wire()
	deliver := w.Deliver
	w.Deliver = func(d Datagram) {
		started.Wait()
		for i, mark := range []string{idleBegins, idleEnds} {
			if r != nil && bytes.Contains(d.Payload, []byte(mark)) {
				idle[i], _ = r.CPUTime()
			}
		}
		if deliver != nil {
			deliver(d)
		}
	}
	run, err := Start(ctx, Machine{Type: m.Machine.Type, NIC: m.Machine.NIC, Extra: m.Machine.Extra, Wire: w, Image: m.Image, Icount: m.Icount,
		Memory: measureMemory, Deadline: measureDeadline, Cmdline: m.Sending.Parameter() + countedEnd + " -- gasp.figure=" + m.Figure})
	r = run
	started.Done()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if err := pin(r.cmd.Process.Pid); err != nil {
		return nil, err
	}
	if _, err := r.Wait(); err != nil {
		return nil, err
	}
	said, err := m.Sending.said(w.Datagrams())
	if err != nil {
		return nil, err
	}
	var lines bytes.Buffer
	for _, s := range said {
		if i := bytes.Index(s.text, []byte("measure: ")); i >= 0 {
			fmt.Fprintf(&lines, "%s\n", bytes.TrimRight(s.text[i:], "\n"))
		}
	}
	figures, err := readFigures(&lines)
	if seconds := figures["idle-end"]; seconds > 0 {
		if idle[1] < idle[0] {
			return figures, fmt.Errorf("qemu: %w: the machine was gone before its CPU time was read", ErrNoFigures)
		}
		figures["idle-host"] = float64((idle[1] - idle[0]).Milliseconds()) / seconds
	}
	return figures, err
}

// CountPaced counts the instructions that a line of 100 bytes costs until the device has it, by the machine's own clock,
// with cmd/measure's image.
func CountPaced(ctx context.Context, image string, machine Combination, sending Sending) (instructions float64, err error) {
	figures, err := Measurement{Image: image, Figure: "line", Machine: machine, Sending: sending, Icount: true}.Run(ctx)
	if err == nil && figures["line"] == 0 {
		err = fmt.Errorf("qemu: %w: %v", errNotCounted, figures)
	}
	return figures["line"], err
}

// MeasureUser runs cmd/measure, built for Linux, in QEMU's emulation of a Linux process and returns what it says of the
// figure. One CPU is for it, as for the image.
func MeasureUser(ctx context.Context, program, figure string) (Figures, error) {
	emulator, err := exec.LookPath(userProgram)
	if err != nil {
		return nil, fmt.Errorf("qemu: %w", ErrNoUser)
	}
	ctx, cancel := context.WithTimeout(ctx, measureDeadline)
	defer cancel()
	c := exec.CommandContext(ctx, emulator, "-cpu", "max", program, "gasp.figure="+figure)
	var out bytes.Buffer
	c.Stdout, c.Env, c.WaitDelay = &out, append(os.Environ(), "GOMAXPROCS=1"), time.Second
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("qemu: %w", err)
	}
	pinned := pin(c.Process.Pid)
	if err := errors.Join(c.Wait(), pinned); err != nil {
		return nil, fmt.Errorf("qemu: %s: %w", c, err)
	}
	return readFigures(&out)
}

// pin gives all threads of a process the same one of the host's CPUs, as the machine has one.
func pin(pid int) error {
	var cpus, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &cpus); err != nil {
		return fmt.Errorf("qemu: %w", err)
	}
	for cpu := range maxCPUs {
		if cpus.IsSet(cpu) {
			one.Zero() // the last one: the first has the interrupts
			one.Set(cpu)
		}
	}
	threads, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "task"))
	for _, thread := range threads {
		if id, err := strconv.Atoi(thread.Name()); err == nil {
			if err := unix.SchedSetaffinity(id, &one); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("qemu: %w", err)
			}
		}
	}
	return err
}

// BuildProgram builds a main package of this module as an ordinary program for Linux on x86-64.
func BuildProgram(ctx context.Context, out, pkg string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", out, pkg)
	build.Dir, build.WaitDelay = root, time.Second
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("qemu: %w: %s: %w\n%s", ErrBuild, strings.Join(build.Args, " "), err, bytes.TrimSpace(said))
	}
	return nil
}

// readFigures reads lines "measure: NAME VALUE UNIT" up to "measure: end".
func readFigures(in io.Reader) (Figures, error) {
	figures := Figures{}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) == 2 && words[1] == "end" {
			return figures, nil
		}
		if len(words) < 4 || words[0] != "measure:" {
			continue
		}
		if v, err := strconv.ParseFloat(words[2], 64); err == nil {
			figures[words[1]] = v
		}
	}
	return figures, fmt.Errorf("qemu: %w: %v", ErrNoFigures, figures)
}

// CPUTime is what the machine has taken of the host's CPUs so far (proc(5), stat fields 14 and 15, in hundredths of a
// second).
func (r *Run) CPUTime() (time.Duration, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(r.cmd.Process.Pid), "stat"))
	if err != nil {
		return 0, fmt.Errorf("qemu: %w", err)
	}
	_, after, _ := bytes.Cut(text, []byte(") ")) // the name may hold anything
	fields := bytes.Fields(after)
	const user, system, tick = 14 - 3, 15 - 3, 10 * time.Millisecond
	if len(fields) <= system {
		return 0, fmt.Errorf("qemu: %w: %q", ErrNoFigures, text)
	}
	u, err1 := strconv.Atoi(string(fields[user]))
	s, err2 := strconv.Atoi(string(fields[system]))
	return time.Duration(u+s) * tick, errors.Join(err1, err2)
}
