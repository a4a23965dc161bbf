package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

var (
	// ErrDeadline is wrapped by Wait's error when the machine had to be killed at its deadline.
	ErrDeadline = errors.New("the machine did not end before its deadline")
	// ErrClosed is what Wait returns when Close ended the machine.
	ErrClosed = errors.New("the machine was closed")
	// ErrDied is wrapped by errors about a QEMU that ended by itself before or without its machine.
	ErrDied = errors.New("QEMU died")
)

// Exit tells how a machine ended.
type Exit struct {
	Status int // QEMU's exit status
	// Reason is QMP's ShutdownCause: "guest-shutdown" for a power-off, "guest-reset" for a reset or a triple fault,
	// "host-qmp-quit" after Quit. Empty when the guest ended QEMU through isa-debug-exit.
	Reason string
}

// PoweredOff says that the guest switched its machine off.
func (e Exit) PoweredOff() bool { return e == Exit{Reason: "guest-shutdown"} }

// Run is a started machine.
type Run struct {
	Started time.Time // when QEMU was started; the frames' times count from here

	machine Machine
	dir     string
	cmd     *exec.Cmd
	monitor *monitor
	cancel  context.CancelCauseFunc
	ended   chan struct{} // closed when exit and err are final and the wire is empty
	exit    Exit
	err     error
}

// Start starts the machine. It has begun to run when Start returns. The context's end kills it, as its deadline does.
func Start(ctx context.Context, m Machine) (*Run, error) {
	t, err := TypeOf(m.Type)
	if err != nil {
		return nil, err
	}
	path, err := program(t.Program)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "gasp-qemu-")
	if err != nil {
		return nil, fmt.Errorf("qemu: %w", err)
	}
	r := &Run{machine: m, dir: dir, ended: make(chan struct{})}
	if err = m.prepare(dir, t); err == nil {
		err = r.start(ctx, path)
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	if err := r.monitor.begin(); err != nil {
		r.cancel(err)
		<-r.ended
		messages := r.file(messagesFile)
		os.RemoveAll(dir)
		if err := checkVersion(path); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("qemu: %w before its machine ran: %s (%w)", ErrDied, or(messages, "no message"), err)
	}
	return r, nil
}

// start starts the process, and the goroutine that waits for it. When it fails, nothing of them is left.
func (r *Run) start(ctx context.Context, path string) (err error) {
	args, err := r.machine.arguments(r.dir, KVM)
	if err != nil {
		return err
	}
	var files []*os.File // QEMU's, of no use here once it has them
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	for _, name := range []string{serialFile, messagesFile} {
		f, err := os.Create(filepath.Join(r.dir, name))
		if err != nil {
			return fmt.Errorf("qemu: %w", err)
		}
		files = append(files, f)
	}
	conn, f, err := socketpair(syscall.SOCK_STREAM)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			conn.Close()
		}
	}()
	files = append(files, f)
	r.Started = time.Now()
	if r.machine.Wire != nil {
		f, err := r.machine.Wire.attach(r.Started)
		if err != nil {
			return err
		}
		files = append(files, f)
		defer func() {
			if err != nil {
				r.machine.Wire.detach(nil)
			}
		}()
	}

	deadline := or(r.machine.Deadline, DefaultDeadline)
	ctx, stop := context.WithTimeoutCause(ctx, deadline, fmt.Errorf("qemu: %w of %v", ErrDeadline, deadline))
	ctx, r.cancel = context.WithCancelCause(ctx)
	r.cmd = exec.CommandContext(ctx, path, args...)
	r.cmd.Env = append(os.Environ(), "TZ=UTC") // filter-dump's epoch is in local time
	r.cmd.Stdout, r.cmd.Stderr, r.cmd.ExtraFiles = files[0], files[1], files[2:]
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	r.cmd.Cancel = func() error { return syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL) }

	started := make(chan error)
	go func() {
		defer stop()
		runtime.LockOSThread() // Pdeathsig is sent when the thread that started the process ends
		defer runtime.UnlockOSThread()
		err := r.cmd.Start()
		if err == nil {
			r.monitor = newMonitor(conn)
		}
		started <- err
		if err == nil {
			r.finish(ctx, r.cmd.Wait())
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("qemu: %w", err)
	}
	return nil
}

// finish settles how the machine ended, given what Cmd.Wait returned.
func (r *Run) finish(ctx context.Context, err error) {
	r.exit = Exit{Status: r.cmd.ProcessState.ExitCode(), Reason: r.monitor.end()}
	switch {
	case ctx.Err() != nil && r.exit.Status < 0:
		r.err = context.Cause(ctx)
	case r.exit.Status < 0:
		r.err = fmt.Errorf("qemu: %w: %w: %s", ErrDied, err, or(r.file(messagesFile), "no message"))
	}
	if r.machine.Wire != nil {
		var capture io.Reader
		if f, err := os.Open(filepath.Join(r.dir, captureFile)); err == nil {
			defer f.Close()
			capture = f
		}
		r.machine.Wire.detach(capture)
	}
	close(r.ended)
}

// Wait waits until the machine has ended and every frame it sent is recorded. A status other than 0 is no error: the
// guest may have chosen it.
func (r *Run) Wait() (Exit, error) {
	<-r.ended
	return r.exit, r.err
}

// Close kills the machine if it still runs, and removes the run's directory: read Serial and Capture before.
func (r *Run) Close() error {
	r.cancel(ErrClosed)
	<-r.ended
	return os.RemoveAll(r.dir)
}
