package netlog

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// A crowdedDevice notices when two use it at the same time.
type crowdedDevice struct {
	*fakeDevice
	users   atomic.Int32
	crowded atomic.Int32
}

func (d *crowdedDevice) enter() func() {
	if d.users.Add(1) != 1 {
		d.crowded.Add(1)
	}
	return func() { d.users.Add(-1) }
}

func (d *crowdedDevice) Transmit(frame []byte) error {
	defer d.enter()()
	return d.fakeDevice.Transmit(frame)
}

func (d *crowdedDevice) Room(wait bool) ([]byte, error) {
	defer d.enter()()
	return d.fakeDevice.Room(wait)
}

func (d *crowdedDevice) Commit(at, n int, tell bool) error {
	defer d.enter()()
	return d.fakeDevice.Commit(at, n, tell)
}

func (d *crowdedDevice) Doorbell() {
	defer d.enter()()
	d.fakeDevice.Doorbell()
}

func (d *crowdedDevice) Receive(buf []byte) (int, error) {
	defer d.enter()()
	return d.fakeDevice.Receive(buf)
}

// Whatever goroutines and interrupts of several processors do at once with one device: one of them has it at a time,
// every frame of the stack and every record goes out whole and in its sender's order, every frame that comes in gets to
// the stack once and in order, and the logger answers for its address.
func TestDeviceIsSharedByACrowd(t *testing.T) {
	const senders, frames, batch = 2, 1200, 4 // frames of each, batch at a time
	const writers, lines = 3, 300             // no more than the ring holds, should the logger fall behind
	const incoming, requestEvery = 3000, 10
	d := &crowdedDevice{fakeDevice: new(fakeDevice)}
	l := New(0)
	if err := l.Start(d, target(), Options{}); err != nil {
		t.Fatal(err)
	}
	d.frames = nil
	var tapped []int
	l.SetTap(func(frame []byte) { tapped = append(tapped, int(frame[14])<<8|int(frame[15])) })

	var busy, helpers sync.WaitGroup
	var over atomic.Bool
	for s := range senders {
		busy.Go(func() {
			for i := 0; i < frames; i += batch {
				var some [][]byte
				for n := range batch {
					f := stackFrame(i + n)
					f[16] = byte(s)
					some = append(some, f)
				}
				if n, err := l.Send(some...); n != batch || err != nil {
					t.Errorf("sender %d, frame %d: %d, %v", s, i, n, err)
					return
				}
			}
		})
	}
	for w := range writers {
		busy.Go(func() {
			for i := range lines {
				text := fmt.Sprintf("writer %d %d %s", w, i, strings.Repeat("x", i%100))
				if w == 0 {
					l.Write([]byte(text + "\n"))
				} else {
					l.Log(Info, text)
				}
			}
		})
	}
	busy.Go(func() {
		request := arpPacket(header.ARPRequest, hostMAC, hostIP.AsSlice(), ourIP.AsSlice())
		for i := range incoming {
			d.mu.Lock()
			d.incoming = append(d.incoming, stackFrame(i))
			if i%requestEvery == 0 {
				d.incoming = append(d.incoming, request)
			}
			d.mu.Unlock()
		}
	})
	for _, help := range []func(){l.Poll, l.Poll, func() { l.PollReceive(64) }} {
		helpers.Go(func() {
			for !over.Load() {
				help()
			}
		})
	}
	busy.Wait()
	over.Store(true)
	helpers.Wait()
	for l.PollReceive(64) > 0 {
	}
	l.Poll()

	if n := d.crowded.Load(); n > 0 {
		t.Errorf("two had the device at once, %d times", n)
	}
	var next [senders]int
	replies := 0
	for _, f := range d.frames {
		switch {
		case isStackFrame(f):
			if i := int(f[14])<<8 | int(f[15]); i != next[f[16]] {
				t.Fatalf("frame %d of sender %d goes out when %d is due", i, f[16], next[f[16]])
			}
			next[f[16]]++
		case header.Ethernet(f).Type() == header.ARPProtocolNumber:
			replies++
		}
	}
	var line [writers]int
	for _, text := range d.texts(t) {
		var w, i int
		if n, _ := fmt.Sscanf(text, "writer %d %d", &w, &i); n != 2 {
			continue
		}
		if i != line[w] || !strings.HasSuffix(text, " "+strings.Repeat("x", i%100)) {
			t.Fatalf("got %q, want line %d", text, line[w])
		}
		line[w]++
	}
	if want := fmt.Sprint([senders]int{frames, frames}, [writers]int{lines, lines, lines}, incoming/requestEvery); fmt.Sprint(next, line, replies) != want {
		t.Errorf("frames, lines and answers that went out are %v %v %d, want %s", next, line, replies, want)
	}
	for i, n := range tapped {
		if i != n {
			t.Fatalf("the stack got frame %d when %d was due", n, i)
		}
	}
	if len(tapped) != incoming {
		t.Errorf("the stack got %d of %d frames", len(tapped), incoming)
	}
}
