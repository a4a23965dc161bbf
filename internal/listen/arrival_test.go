package listen

import (
	"net"
	"testing"
	"time"
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

// TestDatagramThatWaitedInTheKernelHasTheTimeWhenItCame: however late it is taken.
func TestDatagramThatWaitedInTheKernelHasTheTimeWhenItCame(t *testing.T) {
	l, conn := oneSocket(t)
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
