package drivertest

import (
	"bytes"
	"gasp/drivers/wait"
	"testing"
)

// Bounds are how long a driver's methods may take, in nanoseconds, and how many registers they may access.
type Bounds struct {
	// Frame is for one frame to complete, Left for what was read to leave behind it.
	Frame, Left int64
	// TakeOver is for all that TakeOver waits for, Link for what Link does.
	TakeOver, Link int64
	// Accesses is how many registers TakeOver accesses beside its waits, AccessTime what one takes in the model.
	Accesses, AccessTime int64
	// Turn is how many registers a turn of a wait accesses without a clock.
	Turn int64
}

func (s *Suite) TestEveryCallComesBackInTime(t *testing.T) {
	s.onEachFault(t, func(b *Bench) []Fault { return b.Silent }, func(open func() (*Bench, Fault)) {
		for _, clock := range []bool{true, false} {
			b, fault := open()
			b.Elapse(1e9)
			s.returnsInTime(b, fault, clock)
		}
	})
}

// returnsInTime calls everything, with a clock or without.
func (s *Suite) returnsInTime(b *Bench, fault Fault, clock bool) {
	frame, buf := bytes.Repeat([]byte{1}, 100), make([]byte, maxFrame)
	limits := s.Bounds
	fault.Set()
	if !clock {
		b.StopClock()
	}
	within := func(call string, most int64, f func()) {
		start, accesses := b.Now(), *b.Accesses
		f()
		took, reads := b.Now()-start, int64(*b.Accesses-accesses)
		switch readsMost := limits.Turn*most/wait.ReadTime + limits.Accesses; {
		case clock && took > most+limits.Accesses*limits.AccessTime:
			b.Errorf("%s took %d ns, want at most %d", call, took, most)
		case !clock && reads > readsMost:
			b.Errorf("without a clock %s read %d registers, want at most %d", call, reads, readsMost)
		}
	}
	flush := limits.Frame + limits.Left
	if fault.Slowly {
		flush += int64(s.Ring-1) * limits.Frame
	}
	for range s.Ring - 1 {
		b.Transmit(frame)
	}
	within("Transmit to a full ring", limits.Frame, func() { b.Transmit(frame) })
	within("Flush", flush, func() { b.Flush() })
	within("Link", limits.Link, func() { b.Link() })
	within("Receive", 0, func() { b.Receive(buf) })
	within("TakeOver", limits.TakeOver, func() { b.Device.TakeOver() })
	within("TakeOver again", limits.TakeOver, func() { b.Device.TakeOver() })
	within("Transmit after TakeOver", limits.Frame, func() { b.Transmit(frame) })
	within("Flush after TakeOver", flush, func() { b.Flush() })
	within("Receive after TakeOver", 0, func() { b.Receive(buf) })
}

// A device that gets on makes Flush wait for each frame.
func (s *Suite) TestFlushWaitsAsLongAsTheDeviceGetsOn(t *testing.T) {
	b := s.first(t)
	*b.FrameTime = s.Bounds.Frame * 9 / 10
	n := 0
	for ; n < 50; n++ {
		if err := b.Transmit(bytes.Repeat([]byte{1}, 100)); err != nil {
			t.Fatal(err)
		}
	}
	start := b.Now()
	if err := b.Flush(); err != nil || len(*b.Sent) != n {
		t.Errorf("Flush: %v with %d of %d frames on the wire", err, len(*b.Sent), n)
	}
	if took := b.Now() - start; took > int64(n)*s.Bounds.Frame {
		t.Errorf("Flush of %d frames took %d ns", n, took)
	}
}
