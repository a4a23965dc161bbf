package netstack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestHTTPBetweenTwoMachines(t *testing.T) {
	a, b := pair(t)
	for _, address := range []string{"10.0.0.2:80", "[fd00::2]:80"} {
		l := listen(t, b, address)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "hello %s at %s", r.URL.Path, r.Host)
		})}
		go server.Serve(l)
		client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return dial(ctx, a, address)
		}}}
		for i := range 20 {
			r, err := client.Get(fmt.Sprintf("http://%s/%d", address, i))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r.Body)
			r.Body.Close()
			if want := fmt.Sprintf("hello /%d at %s", i, r.Request.URL.Host); err != nil || string(body) != want {
				t.Fatalf("%q, %v; want %q", body, err, want)
			}
		}
		client.CloseIdleConnections()
		server.Close()
	}
}

// What a network loses is sent again.
func TestBytesArriveWholeOverALossyLink(t *testing.T) {
	left, right := newCables()
	a, _ := newStack(t, left, static("10.0.0.1/24"))
	b, _ := newStack(t, right, static("10.0.0.2/24"))
	var n atomic.Uint64
	left.lose = func([]byte) bool { return n.Add(1)%50 == 0 }
	l := listen(t, b, "10.0.0.2:9")
	data := make([]byte, 1<<20)
	random := rand.NewChaCha8([32]byte{1})
	random.Read(data)
	sums := make(chan [32]byte, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		h := sha256.New()
		io.Copy(h, c)
		c.Close()
		sums <- [32]byte(h.Sum(nil))
	}()
	c := mustDial(t, a, "10.0.0.2:9")
	if n, err := c.Write(data); n != len(data) || err != nil {
		t.Fatalf("Write: %d, %v", n, err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got := <-sums; got != sha256.Sum256(data) {
		t.Error("other bytes came")
	}
	if a.Stats().Retransmit == 0 {
		t.Error("nothing was lost: this tries nothing")
	}
}

func TestListenerTakesBothFamilies(t *testing.T) {
	a, b := pair(t)
	l := listen(t, b, ":80")
	if got := l.Addr().String(); got != "[::]:80" {
		t.Errorf("it listens at %s", got)
	}
	for _, address := range []string{"10.0.0.2:80", "[fd00::2]:80"} {
		c := mustDial(t, a, address)
		accepted, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if got := accepted.LocalAddr().String(); got != address {
			t.Errorf("the accepted connection's address is %s, want %s", got, address)
		}
		if accepted.RemoteAddr().String() != c.LocalAddr().String() || c.RemoteAddr().String() != address {
			t.Errorf("addresses %s and %s, %s", accepted.RemoteAddr(), c.LocalAddr(), c.RemoteAddr())
		}
		accepted.Close()
	}
}

func TestErrorsAreThoseOfSystemCalls(t *testing.T) {
	a, _ := pair(t)
	listen(t, a, "127.0.0.1:80")
	background := context.Background()
	expired, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	for _, test := range []struct {
		name string
		try  func() error
		want error
		call string
	}{
		{"nobody listens", func() error { _, err := dial(background, a, "127.0.0.1:81"); return err }, syscall.ECONNREFUSED, "connect"},
		{"nobody listens there", func() error { _, err := dial(background, a, "10.0.0.2:81"); return err }, syscall.ECONNREFUSED, "connect"},
		{"no way", func() error { _, err := dial(background, a, "192.0.2.1:81"); return err }, syscall.ENETUNREACH, "connect"},
		{"taken", func() error {
			_, err := a.Socket(background, "tcp", syscall.AF_INET, syscall.SOCK_STREAM, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}, nil)
			return err
		}, syscall.EADDRINUSE, ""},
		{"another's address", func() error {
			_, err := a.Socket(background, "tcp", syscall.AF_INET, syscall.SOCK_STREAM, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 9), Port: 80}, nil)
			return err
		}, syscall.EADDRNOTAVAIL, "bind"},
		{"raw", func() error {
			_, err := a.Socket(background, "ip4:icmp", syscall.AF_INET, syscall.SOCK_RAW, nil, nil)
			return err
		}, syscall.EPROTONOSUPPORT, "socket"},
		{"nobody there in time", func() error { _, err := dial(expired, a, "10.0.0.77:81"); return err }, context.DeadlineExceeded, ""},
	} {
		err := test.try()
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
		if call := new(os.SyscallError); test.call != "" && (!errors.As(err, &call) || call.Syscall != test.call) {
			t.Errorf("%s: %v is not of %s", test.name, err, test.call)
		}
	}
}

func TestResetAndEnd(t *testing.T) {
	a, b := pair(t)
	l := listen(t, b, "10.0.0.2:80")
	c := mustDial(t, a, "10.0.0.2:80")
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if err := accepted.(*Conn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("Read at the end: %d, %v", n, err)
	}
	if _, err := c.Write([]byte("still")); err != nil {
		t.Errorf("Write to a connection that is half closed: %v", err)
	}
	accepted.(*Conn).SetLinger(0)
	accepted.Close()

	c = mustDial(t, a, "10.0.0.2:80")
	if accepted, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	accepted.(*Conn).SetLinger(0)
	accepted.Close()
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("Read of a connection that was reset: %d, %v", n, err)
	}
}

func TestDeadlinesAndClose(t *testing.T) {
	a, _ := pair(t)
	l := listen(t, a, "127.0.0.1:80")
	c := mustDial(t, a, "127.0.0.1:80")
	full := mustDial(t, a, "127.0.0.1:80") // whose other end reads nothing
	for range 2 {
		if _, err := l.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	u := packets(t, a, "127.0.0.1:5", "")
	one := make([]byte, 1)
	waiters := map[string]struct {
		wait     func() error
		deadline func(time.Time) error
		close    func() error
	}{
		"Accept":   {func() error { _, err := l.Accept(); return err }, l.SetReadDeadline, l.Close},
		"Read":     {func() error { _, err := c.Read(one); return err }, c.SetReadDeadline, c.Close},
		"ReadFrom": {func() error { _, _, err := u.ReadFrom(one); return err }, u.SetReadDeadline, u.Close},
		"Write": {func() error {
			for {
				if _, err := full.Write(make([]byte, 1<<20)); err != nil {
					return err
				}
			}
		}, full.SetWriteDeadline, full.Close},
	}
	for name, w := range waiters {
		w.deadline(time.Now().Add(-time.Second))
		if err := w.wait(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s behind its deadline: %v", name, err)
		}
		w.deadline(time.Now().Add(20 * time.Millisecond))
		err := w.wait()
		if timeout := net.Error(nil); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s to its deadline: %v", name, err)
		}
		w.deadline(time.Time{})
		done := make(chan error)
		go func() { done <- w.wait() }()
		time.Sleep(10 * time.Millisecond)
		w.deadline(time.Now().Add(-time.Second)) // as net/http does to a read that waits
		if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s whose deadline is moved: %v", name, err)
		}
	}
	for name, w := range waiters {
		w.deadline(time.Time{})
		done := make(chan error)
		go func() { done <- w.wait() }()
		time.Sleep(10 * time.Millisecond)
		if err := w.close(); err != nil {
			t.Errorf("closing for %s: %v", name, err)
		}
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s of what is closed: %v", name, err)
		}
		if err := w.wait(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s behind Close: %v", name, err)
		}
		if err := w.close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closing again: %v", err)
		}
	}
}

func TestDatagrams(t *testing.T) {
	a, b := pair(t)
	for _, address := range []string{"10.0.0.2:5353", "[fd00::2]:5353"} {
		server := packets(t, b, address, "")
		client := packets(t, a, "", address)
		if _, err := client.Write([]byte("ping")); err != nil {
			t.Fatal(err)
		}
		room := make([]byte, 2000)
		n, from, err := server.ReadFrom(room)
		if err != nil || string(room[:n]) != "ping" || from.String() != client.LocalAddr().String() {
			t.Fatalf("%q from %v, %v; want it from %s", room[:n], from, err, client.LocalAddr())
		}
		long := bytes.Repeat([]byte("0123456789"), 400) // in several fragments
		for _, p := range [][]byte{{}, []byte("pong"), long} {
			if _, err := server.WriteTo(p, from); err != nil {
				t.Fatal(err)
			}
			room := make([]byte, 5000)
			if n, err := client.Read(room); err != nil || !bytes.Equal(room[:n], p) {
				t.Errorf("%d bytes of %d came, %v", n, len(p), err)
			}
		}
		server.WriteTo([]byte("too long for its reader"), from)
		if n, err := client.Read(room[:8]); n != 8 || err != nil {
			t.Errorf("Read with little room: %d, %v", n, err)
		}
	}
	// Nobody is there: the answer is ICMP's.
	lonely := packets(t, a, "", "10.0.0.2:9")
	lonely.Write([]byte("is there anybody"))
	if _, err := lonely.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("Read from a port that nobody has: %v", err)
	}
}

func TestLoopback(t *testing.T) {
	a, _ := pair(t)
	listen(t, a, ":80")
	for _, address := range []string{"127.0.0.1:80", "[::1]:80", "10.0.0.1:80", "[fd00::1]:80", "0.0.0.0:80", "[::]:80"} {
		c, err := dial(context.Background(), a, address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		c.Close()
	}
}
