// Package loghost runs the receiver's program on the loopback device, for programs and tests that need a log host.
package loghost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// listenPatience is how long the program may take to listen, on a busy host.
	listenPatience = 30 * time.Second
	listenPoll     = 10 * time.Millisecond
	// stopPatience is from the signal that ends it to the one that kills it.
	stopPatience = 30 * time.Second
)

// ErrNotListening is wrapped by Start's errors about a program that ended, or does not listen.
var ErrNotListening = errors.New("the receiver does not listen")

// Options say how to run it.
type Options struct {
	// Program is the executable file, and Args its arguments besides -listen.
	Program string
	Args    []string
	// Address is where it listens, of IPv4; the zero one stands for a free port of 127.0.0.1.
	Address netip.AddrPort
	// Terminal has it write to this program's standard output and error. Otherwise what it says is kept for Said.
	Terminal bool
	// Read takes its standard output, until that ends. If it is nil the standard output is as the standard error.
	Read func(io.Reader)
}

// Receiver is the program's process.
type Receiver struct {
	// Address is where it listens.
	Address netip.AddrPort

	cmd    *exec.Cmd
	cancel context.CancelFunc
	said   tail
	done   chan struct{}
	err    error
	peak   int64
}

// Start starts it, and returns when it listens. It is stopped when ctx ends.
func Start(ctx context.Context, o Options) (*Receiver, error) {
	r := &Receiver{Address: o.Address, done: make(chan struct{})}
	if !r.Address.IsValid() {
		var err error
		if r.Address, err = freeAddress(); err != nil {
			return nil, err
		}
	}
	ctx, r.cancel = context.WithCancel(ctx)
	if err := r.start(ctx, &o); err != nil {
		r.cancel()
		return nil, fmt.Errorf("receiver: %w", err)
	}
	if err := r.awaitListening(); err != nil {
		r.Stop()
		if said := strings.TrimSpace(string(r.Said())); said != "" {
			err = fmt.Errorf("%w: %s", err, said)
		}
		return nil, fmt.Errorf("%s: %w", o.Program, err)
	}
	return r, nil
}

func (r *Receiver) start(ctx context.Context, o *Options) error {
	program, err := filepath.Abs(o.Program) // a bare name would be looked for in PATH
	if err != nil {
		return err
	}
	r.cmd = exec.CommandContext(ctx, program, append([]string{"-listen", r.Address.String()}, o.Args...)...)
	r.cmd.Stdout, r.cmd.Stderr = &r.said, &r.said
	if o.Terminal {
		r.cmd.Stdout, r.cmd.Stderr = os.Stdout, os.Stderr
	}
	r.cmd.Cancel = func() error { return r.cmd.Process.Signal(syscall.SIGTERM) }
	r.cmd.WaitDelay = stopPatience
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the terminal's signals are for this program
	var output io.Reader
	if o.Read != nil {
		r.cmd.Stdout = nil
		pipe, err := r.cmd.StdoutPipe()
		if err != nil {
			return err
		}
		output = pipe
	}
	if err := r.cmd.Start(); err != nil {
		return err
	}
	go func() {
		defer close(r.done)
		if output != nil {
			o.Read(output)
		}
		if err := r.cmd.Wait(); !r.cmd.ProcessState.Success() {
			r.err = fmt.Errorf("receiver: %w", err)
		}
	}()
	return nil
}

// awaitListening looks for the port among the host's sockets: trying it would take it from the receiver.
func (r *Receiver) awaitListening() error {
	ip := r.Address.Addr().As4()
	entry := fmt.Sprintf(": %02X%02X%02X%02X:%04X ", ip[3], ip[2], ip[1], ip[0], r.Address.Port()) // the local address in /proc/net/udp, proc_pid_net(5)
	for end := time.Now().Add(listenPatience); time.Now().Before(end); time.Sleep(listenPoll) {
		sockets, err := os.ReadFile("/proc/net/udp")
		if err != nil || strings.Contains(string(sockets), entry) {
			return err
		}
		if r.ended() {
			return errors.Join(ErrNotListening, r.err)
		}
	}
	return fmt.Errorf("%w on %v within %v", ErrNotListening, r.Address, listenPatience)
}

// Done is closed when the process has ended.
func (r *Receiver) Done() <-chan struct{} { return r.done }

func (r *Receiver) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Err is nil if the process ended with status 0. It is for when it has ended.
func (r *Receiver) Err() error { return r.err }

// Said is the last MiB of what it wrote, as far as that is kept.
func (r *Receiver) Said() []byte { return r.said.bytes() }

// Stop ends it, in order if that takes less than 30 s, and returns Err.
func (r *Receiver) Stop() error {
	r.cancel()
	<-r.done
	return r.err
}

// Build builds the program into the file out. The current directory is in this module.
func Build(ctx context.Context, out string) error {
	if said, err := exec.CommandContext(ctx, "go", "build", "-o", out, "gasp/cmd/receiver").CombinedOutput(); err != nil {
		return fmt.Errorf("the receiver does not build: %w\n%s", err, said)
	}
	return nil
}

func freeAddress() (netip.AddrPort, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer conn.Close()
	a := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), nil
}
