package drivertest

import (
	"bytes"
	"testing"
)

// With a reset, a frame is lost from when its descriptor is written until it left.
func (s *Suite) TestAFrameBetweenAnyTwoStoresIsLostInAReset(t *testing.T) {
	steps := s.first(t).TransmitSteps(bytes.Repeat([]byte{2}, 100))
	for stop := range steps {
		for _, before := range []int{0, 1, s.Ring - 1, s.Ring, 700} {
			b := s.first(t)
			for range before {
				b.Transmit(bytes.Repeat([]byte{1}, 100))
			}
			b.steps(b.TransmitSteps(bytes.Repeat([]byte{2}, 100)), stop)
			b.Upset()
			want := 0
			if stop >= s.Steps.Written && stop < s.Steps.Told {
				want = 1
			}
			if n, err := b.Device.TakeOver(); n != want || err != nil || b.Resets() != 1 {
				t.Errorf("after %s and %d frames that left: %d lost, error %v, want %d and a reset", steps[stop].Name, before, n, err, want)
			}
			if n, err := b.Device.TakeOver(); n != 0 || err != nil {
				t.Errorf("after %s: the next TakeOver tells of %d lost again, error %v", steps[stop].Name, n, err)
			}
		}
	}
}

func (s *Suite) TestFramesThatDoNotLeaveAreCounted(t *testing.T) {
	frame := bytes.Repeat([]byte{1}, 100)
	for _, before := range []int{0, 1, 100, 200, 300} {
		for _, n := range []int{0, 1, 7, s.Ring - 1, 300} {
			b := s.first(t)
			for range before {
				b.Transmit(frame)
			}
			*b.NeverCompletes = true
			taken := 0
			for range n {
				if b.Transmit(frame) == nil {
					taken++
				}
			}
			b.Upset()
			*b.ResetReads = -1
			if got, err := b.Device.TakeOver(); got != 0 || err != s.Reset {
				t.Fatalf("a TakeOver that fails: %d lost, error %v", got, err)
			}
			*b.ResetReads = 0
			if got, err := b.Device.TakeOver(); got != taken || err != nil {
				t.Errorf("%d frames left and %d did not: %d lost, error %v", before, taken, got, err)
			}
			// And on the reserved rings, with nothing else in them.
			for taken = 0; b.Transmit(frame) == nil; taken++ {
			}
			if got, err := b.Device.TakeOver(); got != taken || taken != s.Reserved-1 || err != nil {
				t.Errorf("%d frames on the reserved ring did not leave: %d lost, error %v", taken, got, err)
			}
		}
	}
}

// A ring that was overwritten says nothing, and the indices bound what was lost: those that are done and not taken
// back yet count too.
func (s *Suite) TestFramesInARingThatWasOverwrittenAreBounded(t *testing.T) {
	frame := bytes.Repeat([]byte{1}, 100)
	for name, fill := range Fills {
		for _, n := range []int{0, 1, 40} {
			b := s.first(t)
			for range 300 {
				b.Transmit(frame)
			}
			sent := len(*b.Sent)
			*b.NeverCompletes = true
			for range n {
				b.Transmit(frame)
			}
			for _, d := range b.Descriptors {
				fill(d)
			}
			b.Astray() // so that the garbage is not sent
			*b.NeverCompletes = false
			if got, err := b.Device.TakeOver(); got < n || got > n+s.Slack || err != nil {
				t.Errorf("the ring overwritten with %s, %d frames in it: %d lost, error %v", name, n, got, err)
			}
			if len(*b.Sent) != sent {
				t.Errorf("the ring overwritten with %s: %d frames of it left", name, len(*b.Sent)-sent)
			}
		}
	}
}
