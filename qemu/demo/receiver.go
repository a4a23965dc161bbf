package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	listenTimeout = 10 * time.Second
	listenPoll    = 10 * time.Millisecond
	closeTimeout  = 5 * time.Second // from the signal to end, to the kill
)

var errNotListening = errors.New("the receiver does not listen")

// receiver is the receiver's process. It writes to the same terminal as we do.
type receiver struct {
	port  int
	ended chan error // gets one value: nil if a whole report was received
	stop  context.CancelFunc
	done  chan struct{}
}

// startReceiver starts the program on a free port of the loopback, and returns when it listens.
func startReceiver(ctx context.Context, program, dir string) (*receiver, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	r := &receiver{port: port, ended: make(chan error, 1), stop: stop, done: make(chan struct{})}
	cmd := exec.CommandContext(ctx, program, "-listen", fmt.Sprintf("127.0.0.1:%d", port), "-dir", dir,
		"-exit-after-crash", "-timeout", timeout.String())
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = closeTimeout
	if err := cmd.Start(); err != nil {
		stop()
		return nil, fmt.Errorf("receiver: %w", err)
	}
	go func() {
		defer close(r.done)
		if err := cmd.Wait(); err != nil {
			r.ended <- fmt.Errorf("receiver: %w", err)
			return
		}
		r.ended <- nil
	}()
	if err := r.awaitListening(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *receiver) close() {
	r.stop()
	<-r.done
}

// awaitListening looks for the port among the host's sockets: trying it would take it from the receiver.
func (r *receiver) awaitListening() error {
	entry := fmt.Sprintf(": 0100007F:%04X ", r.port) // the local address in /proc/net/udp, proc_pid_net(5)
	for end := time.Now().Add(listenTimeout); time.Now().Before(end); time.Sleep(listenPoll) {
		sockets, err := os.ReadFile("/proc/net/udp")
		if err != nil || strings.Contains(string(sockets), entry) {
			return err
		}
		select {
		case err := <-r.ended:
			return errors.Join(errNotListening, err)
		default:
		}
	}
	return fmt.Errorf("%w within %v", errNotListening, listenTimeout)
}

func freePort() (int, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).Port, nil
}
