package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// Where the checks listen.
var loopbacks = []string{"127.0.0.1:0", "[::1]:0"}

// connect makes a connection, and returns both its ends.
func connect(address string) (near, far *net.TCPConn, err error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	a, err := l.Accept()
	if err != nil {
		return nil, nil, err
	}
	return c.(*net.TCPConn), a.(*net.TCPConn), nil
}

func types() error {
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		return err
	}
	defer l.Close()
	if _, ok := l.(*net.TCPListener); !ok {
		return fmt.Errorf("the listener is a %T", l)
	}
	p, err := net.ListenPacket("udp", ":0")
	if err != nil {
		return err
	}
	defer p.Close()
	if _, ok := p.(*net.UDPConn); !ok {
		return fmt.Errorf("the packet connection is a %T", p)
	}
	return want("the listener's address", strings.HasPrefix(l.Addr().String(), "[::]:"), true)
}

func streams() error {
	for _, address := range loopbacks {
		near, far, err := connect(address)
		if err != nil {
			return err
		}
		go func() {
			io.Copy(far, far)
			far.Close()
		}()
		data := bytes.Repeat([]byte("what goes out comes back"), 10_000)
		go func() {
			near.Write(data)
			near.CloseWrite()
		}()
		back, err := io.ReadAll(near)
		if err != nil || !bytes.Equal(back, data) {
			return fmt.Errorf("%s: %d of %d bytes came back, %v", address, len(back), len(data), err)
		}
		near.Close()
	}
	return nil
}

func halves() error {
	near, far, err := connect(loopbacks[0])
	if err != nil {
		return err
	}
	defer near.Close()
	defer far.Close()
	if err := near.CloseWrite(); err != nil {
		return err
	}
	if n, err := far.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return fmt.Errorf("Read of the other end: %d, %v", n, err)
	}
	far.Write([]byte("x"))
	n, err := near.Read(make([]byte, 1))
	return errors.Join(err, want("what the open half carries", n, 1))
}

func gathered() error {
	near, far, err := connect(loopbacks[0])
	if err != nil {
		return err
	}
	defer far.Close()
	b := net.Buffers{[]byte("one "), nil, []byte("two "), []byte("three"), nil}
	if n, err := b.WriteTo(near); n != 13 || err != nil {
		return fmt.Errorf("WriteTo: %d, %v", n, err)
	}
	near.Close()
	all, err := io.ReadAll(far)
	return errors.Join(err, want("what came", string(all), "one two three"))
}

// files go out by sendfile on Linux, connections by splice.
func files() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	fmt.Fprint(w, "out of a pipe")
	w.Close()
	near, far, err := connect(loopbacks[0])
	if err != nil {
		return err
	}
	second, third, err := connect(loopbacks[1])
	if err != nil {
		return err
	}
	go func() {
		io.Copy(near, r)
		near.Close()
		io.Copy(second, far)
		second.Close()
	}()
	all, err := io.ReadAll(third)
	return errors.Join(err, want("what came", string(all), "out of a pipe"))
}

func refused() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := l.Addr().String()
	if _, err := net.Listen("tcp", address); !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("a second listener: %v", err)
	}
	l.Close()
	_, err = net.Dial("tcp", address)
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("Dial: %v", err)
	}
	if err := want("the error", err.Error(), "dial tcp "+address+": connect: connection refused"); err != nil {
		return err
	}
	_, err = net.Listen("tcp4", "192.0.2.1:0")
	if !errors.Is(err, syscall.EADDRNOTAVAIL) {
		return fmt.Errorf("Listen at another's address: %v", err)
	}
	return nil
}

func deadlines() error {
	near, far, err := connect(loopbacks[0])
	if err != nil {
		return err
	}
	defer near.Close()
	defer far.Close()
	near.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, err = near.Read(make([]byte, 1))
	if timeout := net.Error(nil); !errors.As(err, &timeout) || !timeout.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("Read: %v", err)
	}
	near.SetReadDeadline(time.Time{})
	far.Write([]byte("x"))
	if n, err := near.Read(make([]byte, 1)); n != 1 || err != nil {
		return fmt.Errorf("Read without a deadline: %d, %v", n, err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	l.(*net.TCPListener).SetDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := l.Accept(); !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("Accept: %v", err)
	}
	return nil
}

func cancelled() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	var d net.Dialer
	_, err := d.DialContext(ctx, "tcp", "10.0.2.77:9") // on the link, and nobody
	if timeout := net.Error(nil); !errors.As(err, &timeout) || !timeout.Timeout() {
		return fmt.Errorf("Dial whose time is over: %v", err)
	}
	return nil
}

func closed() error {
	near, far, err := connect(loopbacks[0])
	if err != nil {
		return err
	}
	done := make(chan error)
	go func() { _, err := near.Read(make([]byte, 1)); done <- err }()
	time.Sleep(10 * time.Millisecond)
	near.Close()
	if err := <-done; !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("Read: %v", err)
	}
	far.Close()
	if _, err := far.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("Write: %v", err)
	}
	return want("what closing again says", errors.Is(far.Close(), net.ErrClosed), true)
}

func options() error {
	near, far, err := connect(loopbacks[0])
	if err != nil {
		return err
	}
	defer far.Close()
	defer near.Close()
	return errors.Join(near.SetNoDelay(false), near.SetLinger(1), near.SetKeepAlive(true), near.SetReadBuffer(1<<16), near.SetWriteBuffer(1<<16),
		near.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: time.Second, Count: 3}))
}

// raw is what only a kernel's socket has.
func raw() error {
	near, far, err := connect(loopbacks[0])
	if err != nil {
		return err
	}
	defer far.Close()
	defer near.Close()
	c, err := near.SyscallConn()
	if err != nil {
		return err
	}
	if err := c.Control(func(uintptr) {}); !errors.Is(err, syscall.EINVAL) {
		return fmt.Errorf("Control: %v", err)
	}
	if _, err := near.File(); !errors.Is(err, syscall.EOPNOTSUPP) {
		return fmt.Errorf("File: %v", err)
	}
	if _, err := net.Dial("ip4:icmp", "127.0.0.1"); !errors.Is(err, syscall.EPROTONOSUPPORT) {
		return fmt.Errorf("a raw socket: %v", err)
	}
	return nil
}
