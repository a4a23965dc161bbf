package listen

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"
)

func send(t *testing.T, to string, payload []byte) {
	t.Helper()
	conn, err := net.Dial("udp", to)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(payload); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, l *Listener) Datagram {
	t.Helper()
	select {
	case d := <-l.Datagrams():
		return d
	case <-time.After(5 * time.Second):
		t.Fatal("no datagram within 5 s")
		panic("unreachable")
	}
}

func TestDatagramsOfEverySize(t *testing.T) {
	const keep = 100
	l, err := Listen([]string{"127.0.0.1:0"}, keep)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, size := range []int{0, 1, keep, keep + 1, 65507} {
		payload := bytes.Repeat([]byte{'a'}, size)
		send(t, l.Addresses()[0], payload)
		d := receive(t, l)
		if d.Size != size || !bytes.Equal(d.Data, payload[:min(size, keep)]) {
			t.Errorf("%d bytes came as %d with %d kept", size, d.Size, len(d.Data))
		}
		if d.From.Addr().String() != "127.0.0.1" || d.From.Port() == 0 || time.Since(d.At) > time.Minute {
			t.Errorf("%d bytes came from %v at %v", size, d.From, d.At)
		}
	}
	if l.BufferSize() <= 0 || l.Drops() != 0 || l.Errors() != 0 {
		t.Errorf("buffer %d, %d drops, %d errors", l.BufferSize(), l.Drops(), l.Errors())
	}
}

func TestBothFamiliesOnOneSocket(t *testing.T) {
	l, err := Listen([]string{":0"}, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addresses()[0])
	send(t, "127.0.0.1:"+port, []byte("four"))
	if d := receive(t, l); d.From.Addr().String() != "127.0.0.1" {
		t.Errorf("an IPv4 sender is called %v", d.From)
	}
	probe, err := net.ListenPacket("udp6", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 on this machine:", err)
	}
	probe.Close()
	send(t, "[::1]:"+port, []byte("six"))
	if d := receive(t, l); d.From.Addr().String() != "::1" || string(d.Data) != "six" {
		t.Errorf("an IPv6 sender is called %v", d.From)
	}
}

func TestListenErrors(t *testing.T) {
	l, err := Listen([]string{"127.0.0.1:0", "127.0.0.1:0"}, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for address, want := range map[string]string{
		l.Addresses()[1]:  "the port is in use",
		"192.0.2.1:6666":  "this machine does not have that address",
		"nonsense":        "cannot listen on nonsense: ",
		"127.0.0.1:70000": "cannot listen on 127.0.0.1:70000: ",
	} {
		// The free address before it must not stay open.
		other, err := Listen([]string{"127.0.0.1:0", address}, 100)
		if err == nil {
			other.Close()
			t.Errorf("listening on %s succeeded", address)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("listening on %s: %v, want %q", address, err, want)
		}
	}
}

func TestKernelDropsAreCounted(t *testing.T) {
	l, err := Listen([]string{"127.0.0.1:0"}, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.conns[0].SetReadBuffer(1); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("udp", l.Addresses()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// Nobody takes the datagrams, so the queue fills and then the kernel's buffer.
	const count = 3 * queue
	for range count {
		conn.Write(bytes.Repeat([]byte{'a'}, 1000))
	}
	received := 0
	for idle := false; !idle; {
		select {
		case <-l.Datagrams():
			received++
		case <-time.After(300 * time.Millisecond):
			idle = true
		}
	}
	// The count travels with the next datagram.
	conn.Write([]byte("last"))
	receive(t, l)
	if lost := uint64(count - received); lost == 0 || l.Drops() != lost {
		t.Errorf("%d of %d received, %d drops counted", received, count, l.Drops())
	}
}
