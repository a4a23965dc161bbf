package listen

import (
	"net"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// oneSocket is a listener with a socket, and a connection to it.
func oneSocket(t *testing.T) (*Listener, net.Conn) {
	t.Helper()
	l, err := Listen([]string{"127.0.0.1:0"}, Options{Sockets: 1, Keep: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	conn, err := net.Dial("udp4", l.Addresses()[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return l, conn
}

// awaitStamps waits until the kernel stamps what comes: it begins a moment after the first socket asked for it
// (Linux net/core/dev.c, net_enable_timestamp, leaves that to a work queue), and until then says the time of the asking.
func awaitStamps(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	self, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	var stamp unix.Timespec
	ask := func() {
		unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCGSTAMPNS, uintptr(unsafe.Pointer(&stamp)))
	}
	ask()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if err := unix.Sendto(fd, []byte("x"), 0, self); err != nil {
			t.Fatal(err)
		}
		sent := time.Now()
		time.Sleep(2 * time.Millisecond)
		if _, _, err := unix.Recvfrom(fd, make([]byte, 1), 0); err != nil {
			t.Fatal(err)
		}
		if ask(); stamp.Nano() <= sent.UnixNano() {
			return
		}
	}
	t.Fatal("the kernel does not say when a datagram came")
}

// TestDatagramThatWaitedInTheKernelHasTheTimeWhenItCame: however late it is taken.
func TestDatagramThatWaitedInTheKernelHasTheTimeWhenItCame(t *testing.T) {
	l, conn := oneSocket(t)
	awaitStamps(t)
	before := time.Now()
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond) // so that the times differ by more than the clocks' steps
	after := time.Now()
	got := make(chan time.Time, 1)
	l.Start(func(batch []Datagram) { got <- batch[0].At })
	select {
	case at := <-got:
		const step = 5 * time.Millisecond
		if at.Before(before.Add(-step)) || !at.Before(after) {
			t.Errorf("it came at %v, and was sent between %v and %v", at, before, after)
		}
	case <-time.After(patience):
		t.Fatal("nothing came")
	}
}

// TestTimeStandsStillForWhatWasNotHandedOn: neither what waits in the kernel nor what a handler has is passed over.
func TestTimeStandsStillForWhatWasNotHandedOn(t *testing.T) {
	l, conn := oneSocket(t)
	if now := time.Now(); l.Until(now) != now {
		t.Error("nothing came, and the time does not go on")
	}
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	sent := time.Now()
	if until := l.Until(time.Now()); !until.Before(sent) {
		t.Errorf("a datagram waits from before %v, and it is %v", sent, until)
	}
	held, enough := make(chan struct{}), make(chan struct{})
	l.Start(func([]Datagram) {
		held <- struct{}{}
		<-enough
	})
	<-held
	if until := l.Until(time.Now()); !until.Before(sent) {
		t.Errorf("a handler has a datagram from before %v, and it is %v", sent, until)
	}
	close(enough)
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if now := time.Now(); l.Until(now) == now {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the time does not go on")
		}
	}
}
