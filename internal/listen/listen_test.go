package listen

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a test waits for anything.
const patience = 20 * time.Second

// listen is Listen with copies of what arrives in a channel.
func listen(t *testing.T, o Options, addresses ...string) (*Listener, <-chan Datagram) {
	t.Helper()
	l, err := Listen(addresses, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	arrived := make(chan Datagram, 100_000)
	l.Start(func(batch []Datagram) {
		for _, d := range batch {
			d.Data = bytes.Clone(d.Data)
			arrived <- d
		}
	})
	return l, arrived
}

func dial(t *testing.T, to string) net.Conn {
	t.Helper()
	conn, err := net.Dial("udp", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func send(t *testing.T, to string, payload []byte) net.Conn {
	t.Helper()
	conn := dial(t, to)
	if _, err := conn.Write(payload); err != nil {
		t.Fatal(err)
	}
	return conn
}

func receive(t *testing.T, arrived <-chan Datagram) Datagram {
	t.Helper()
	select {
	case d := <-arrived:
		return d
	case <-time.After(patience):
		t.Fatal("no datagram came")
		panic("unreachable")
	}
}

// needIPv6 skips where there is none.
func needIPv6(t *testing.T) {
	t.Helper()
	probe, err := net.ListenPacket("udp6", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 on this machine:", err)
	}
	probe.Close()
}

func TestDatagramsOfEverySize(t *testing.T) {
	const keep = 100
	l, arrived := listen(t, Options{Sockets: 1, Keep: keep}, "127.0.0.1:0")
	for _, size := range []int{0, 1, keep, keep + 1, 65507} {
		payload := bytes.Repeat([]byte{'a'}, size)
		conn := send(t, l.Addresses()[0], payload)
		d := receive(t, arrived)
		if d.Size != size || !bytes.Equal(d.Data, payload[:min(size, keep)]) {
			t.Errorf("%d bytes came as %d with %d kept", size, d.Size, len(d.Data))
		}
		if d.From.String() != conn.LocalAddr().String() || time.Since(d.At) > time.Minute {
			t.Errorf("%d bytes from %v came from %v at %v", size, conn.LocalAddr(), d.From, d.At)
		}
	}
	if l.BufferSize() <= 0 || l.Drops() != 0 || l.Errors() != 0 {
		t.Errorf("buffer %d, %d drops, %d errors", l.BufferSize(), l.Drops(), l.Errors())
	}
}

func TestAllDatagramsOfASenderComeThroughOneSocketInTheirOrder(t *testing.T) {
	const sockets, senders, each = 4, 64, 50
	l, arrived := listen(t, Options{Sockets: sockets, Keep: 100}, "127.0.0.1:0")
	conns := make([]net.Conn, senders)
	for i := range conns {
		conns[i] = dial(t, l.Addresses()[0])
	}
	for n := range each {
		for _, conn := range conns {
			fmt.Fprint(conn, n)
		}
	}
	via := map[netip.AddrPort]int{}
	next := map[netip.AddrPort]int{}
	used := map[int]bool{}
	for range senders * each {
		d := receive(t, arrived)
		if first, ok := via[d.From]; ok && first != d.Via {
			t.Fatalf("%v came through socket %d and %d", d.From, first, d.Via)
		}
		if string(d.Data) != fmt.Sprint(next[d.From]) {
			t.Fatalf("datagram %d of %v is %q", next[d.From], d.From, d.Data)
		}
		via[d.From] = d.Via
		next[d.From]++
		used[d.Via] = true
	}
	// That 64 senders share one of four sockets has a chance of 4^-63.
	if len(via) != senders || len(used) < 2 {
		t.Errorf("%d senders came through %d sockets", len(via), len(used))
	}
}

func TestBothFamiliesOnOneSocket(t *testing.T) {
	l, arrived := listen(t, Options{Sockets: 2, Keep: 100}, ":0")
	_, port, _ := net.SplitHostPort(l.Addresses()[0])
	four := send(t, "127.0.0.1:"+port, []byte("four"))
	if d := receive(t, arrived); d.From.String() != four.LocalAddr().String() {
		t.Errorf("an IPv4 sender is called %v", d.From)
	}
	needIPv6(t)
	six := send(t, "[::1]:"+port, []byte("six"))
	if d := receive(t, arrived); d.From.String() != six.LocalAddr().String() || string(d.Data) != "six" {
		t.Errorf("an IPv6 sender is called %v", d.From)
	}
}

func TestAddressesOfBothFamilies(t *testing.T) {
	needIPv6(t)
	l, arrived := listen(t, Options{Sockets: 2, Keep: 100}, "127.0.0.1:0", "[::1]:0", "127.0.0.1:0")
	if len(l.Addresses()) != 3 || !strings.HasPrefix(l.Addresses()[1], "[::1]:") {
		t.Fatalf("addresses are %v", l.Addresses())
	}
	for i, address := range l.Addresses() {
		conn := send(t, address, []byte(address))
		d := receive(t, arrived)
		if d.From.String() != conn.LocalAddr().String() || string(d.Data) != address || d.Via/2 != i {
			t.Errorf("what was sent to %s came from %v through socket %d: %q", address, d.From, d.Via, d.Data)
		}
	}
}

func TestALiteralAddressIsOfItsFamilyAlone(t *testing.T) {
	needIPv6(t)
	four, err := Listen([]string{"0.0.0.0:0"}, Options{Sockets: 2, Keep: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer four.Close()
	_, port, _ := net.SplitHostPort(four.Addresses()[0])
	// Another program may have the port in IPv6, but not this one.
	six, err := Listen([]string{"[::]:" + port}, Options{Sockets: 2, Keep: 100})
	if err != nil {
		t.Fatal(err)
	}
	six.Close()
}

func TestAnswersComeFromThePortThatWasSentTo(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		if address != "127.0.0.1:0" {
			needIPv6(t)
		}
		l, arrived := listen(t, Options{Sockets: 2, Keep: 100}, "127.0.0.1:0", address)
		to := l.Addresses()[1]
		if _, port, _ := net.SplitHostPort(to); address == ":0" {
			to = "127.0.0.1:" + port
		}
		conn := send(t, to, []byte("question")) // connected: it takes from there alone
		d := receive(t, arrived)
		for _, payload := range []string{"answer", "", "another"} {
			if err := l.Send(d.Via, d.From, []byte(payload)); err != nil {
				t.Fatal(err)
			}
			var buf [100]byte
			conn.SetReadDeadline(time.Now().Add(patience))
			if n, err := conn.Read(buf[:]); err != nil || string(buf[:n]) != payload {
				t.Errorf("%s answered %q, %v; want %q", address, buf[:n], err, payload)
			}
		}
	}
}

func TestWhatCannotBeSentIsRefused(t *testing.T) {
	l, _ := listen(t, Options{Sockets: 1, Keep: 100}, "127.0.0.1:0")
	here := netip.MustParseAddrPort("127.0.0.1:9")
	tests := []struct {
		name string
		via  int
		to   netip.AddrPort
		size int
		want error
	}{
		{"negative socket", -1, here, 1, ErrSocket},
		{"socket behind the last", 1, here, 1, ErrSocket},
		{"no address", 0, netip.AddrPort{}, 1, ErrFamily},
		{"IPv6 through IPv4", 0, netip.MustParseAddrPort("[::1]:9"), 1, ErrFamily},
		{"too long", 0, here, 65508, unix.EMSGSIZE},
	}
	for _, test := range tests {
		if err := l.Send(test.via, test.to, make([]byte, test.size)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func TestListenErrors(t *testing.T) {
	for _, sockets := range []int{1, 3} {
		o := Options{Sockets: sockets, Keep: 100}
		l, err := Listen([]string{"127.0.0.1:0", "127.0.0.1:0"}, o)
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
			other, err := Listen([]string{"127.0.0.1:0", address}, o)
			if err == nil {
				other.Close()
				t.Errorf("listening on %s succeeded", address)
			} else if !strings.Contains(err.Error(), want) {
				t.Errorf("listening on %s: %v, want %q", address, err, want)
			}
		}
	}
	for _, sockets := range []int{-1, 0, MaxSockets + 1} {
		if l, err := Listen([]string{"127.0.0.1:0"}, Options{Sockets: sockets, Keep: 100}); err == nil {
			l.Close()
			t.Errorf("listening on %d sockets succeeded", sockets)
		}
	}
}

func TestTheDropsOfEachSocketAreCounted(t *testing.T) {
	l, err := Listen([]string{"127.0.0.1:0", "127.0.0.1:0"}, Options{Sockets: 1, Keep: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// Nobody takes the datagrams, so the kernel's buffer fills.
	shrink(t, l.sockets[1])
	const count = 1000
	for i, address := range l.Addresses() {
		conn := dial(t, address)
		for range count {
			if _, err := conn.Write(bytes.Repeat([]byte{'a'}, 100<<i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := l.Dropped()
	var mu sync.Mutex
	received := [2]int{}
	l.Start(func(batch []Datagram) {
		mu.Lock()
		defer mu.Unlock()
		for _, d := range batch {
			received[d.Via]++
		}
	})
	l.Close()
	for i, d := range before {
		if d.Address != l.Addresses()[i] || d.Via != i {
			t.Errorf("socket %d is said to be %+v", i, d)
		}
		if lost := count - received[i]; d.Datagrams != uint64(lost) || (lost > 0) != (i == 1) {
			t.Errorf("socket %d: %d of %d received, %d drops counted", i, received[i], count, d.Datagrams)
		}
	}
	if n := l.Drops(); n != before[1].Datagrams {
		t.Errorf("%d drops after the end, %d before", n, before[1].Datagrams)
	}
}

func TestDropsComeWithTheDatagrams(t *testing.T) {
	l, err := Listen([]string{"127.0.0.1:0"}, Options{Sockets: 1, Keep: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := newReader(l, 0, func([]Datagram) {})
	shrink(t, l.sockets[0])
	conn := dial(t, l.Addresses()[0])
	const count = 1000
	for range count {
		conn.Write([]byte("a"))
	}
	received := 0
	for err = r.take(); err == nil; err = r.take() {
		received += r.batch.count
	}
	if err != unix.EAGAIN {
		t.Fatal(err)
	}
	conn.Write([]byte("last"))
	if err := r.take(); err != nil {
		t.Fatal(err)
	}
	if lost := uint64(count - received); lost == 0 || l.sockets[0].drops.total != lost {
		t.Errorf("%d of %d received, %d drops heard of", received, count, l.sockets[0].drops.total)
	}
}

// shrink has a socket's buffer hold next to nothing.
func shrink(t *testing.T, s *socket) {
	t.Helper()
	if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1); err != nil {
		t.Fatal(err)
	}
}

func TestTheCountOfDropsGrowsOnAndNeverGoesBack(t *testing.T) {
	var d drops
	for _, step := range []struct {
		count uint32
		want  uint64
	}{{5, 5}, {3, 5}, {1 << 30, 1 << 30}, {1 << 31, 1 << 31}, {3 << 30, 3 << 30}, {7, 1<<32 + 7}, {1<<32 - 1, 1<<32 + 7}} {
		if d.heard(step.count); d.total != step.want {
			t.Errorf("heard of %d, counted %d, want %d", step.count, d.total, step.want)
		}
	}
}

func TestWhatWaitsAtTheEndIsHandedOn(t *testing.T) {
	l, err := Listen([]string{"127.0.0.1:0"}, Options{Sockets: 2, Keep: 100})
	if err != nil {
		t.Fatal(err)
	}
	const senders, each = 8, 50
	for range senders {
		conn := dial(t, l.Addresses()[0])
		for range each {
			conn.Write([]byte("waits"))
		}
	}
	var mu sync.Mutex
	received := 0
	l.closing.Store(true) // as if Close came before the readers did anything
	l.Start(func(batch []Datagram) {
		mu.Lock()
		defer mu.Unlock()
		received += len(batch)
	})
	l.readers.Wait()
	l.closing.Store(false)
	l.Close()
	if received != senders*each {
		t.Errorf("%d of %d datagrams were handed on", received, senders*each)
	}
}

func TestReceivingAndAnsweringAllocateNothing(t *testing.T) {
	l, err := Listen([]string{"127.0.0.1:0"}, Options{Sockets: 1, Keep: 9001})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn := dial(t, l.Addresses()[0])
	r := newReader(l, 0, func(batch []Datagram) {
		for _, d := range batch {
			if err := l.Send(d.Via, d.From, d.Data); err != nil {
				t.Error(err)
			}
		}
	})
	payload := bytes.Repeat([]byte{'a'}, 100)
	one := func() {
		if _, err := conn.Write(payload); err != nil {
			t.Fatal(err)
		}
		if err := r.socket.waiter.wait(); err != nil {
			t.Fatal(err)
		}
		if err := r.take(); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, one); n != 0 {
		t.Errorf("%v allocations a datagram", n)
	}
}

func TestZonesAreNamesOfInterfaces(t *testing.T) {
	list, err := net.Interfaces()
	if err != nil || len(list) == 0 {
		t.Skip("no interfaces: ", err)
	}
	var z zones
	there := list[0]
	link := netip.MustParseAddr("fe80::1")
	for range 2 { // asked of the kernel, and remembered
		name := unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: link.As16(), Scope_id: uint32(there.Index)}
		got := z.addrPort(&name)
		if want := netip.AddrPortFrom(link.WithZone(there.Name), 0); got != want {
			t.Errorf("interface %d made %v, want %v", there.Index, got, want)
		}
		var back unix.RawSockaddrInet6
		if size := z.setAddress(&back, got, false); back != name || size != unix.SizeofSockaddrInet6 {
			t.Errorf("%v made %+v, want %+v", got, back, name)
		}
	}
	const none = 1 << 30
	if got := z.name(none); got != "1073741824" {
		t.Errorf("an interface that there is not is called %q", got)
	}
	if got := z.index("none"); got != 0 {
		t.Errorf("a name that was not heard of is interface %d", got)
	}
}
