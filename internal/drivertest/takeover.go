package drivertest

import (
	"bytes"
	"math/rand"
	"testing"
)

// TakesOver expects TakeOver to succeed with or without a reset, and both
// directions to work afterwards.
func (b *Bench) TakesOver(state string, reset bool) {
	b.Helper()
	before, accesses, start := b.Resets(), *b.Accesses, b.Now()
	if err := b.TakeOver(); err != nil {
		b.Fatalf("TakeOver, %s: %v", state, err)
	}
	if did := b.Resets() != before; did != reset {
		b.Errorf("TakeOver, %s: reset %v, want %v", state, did, reset)
	}
	if n := *b.Accesses - accesses; !reset && n > 40 {
		b.Errorf("TakeOver, %s: %d register accesses", state, n)
	}
	if took := b.Now() - start; took > 1e6 {
		b.Errorf("TakeOver, %s: took %d ns", state, took)
	}
	b.Works("after TakeOver, " + state)
}

func (s *Suite) TestTakeOverKeepsAnIdleDevice(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		b.TakesOver("before the first frame", false)
		for i := range 300 {
			b.Sends("ordinary work", Numbered(60, i))
			if err := b.TakeOver(); err != nil {
				b.Fatal(err)
			}
		}
		b.TakesOver("after the ring went round", false)
		b.Inject(Numbered(60, 7))
		if err := b.TakeOver(); err != nil {
			b.Fatal(err)
		}
		buf := make([]byte, 2000)
		if n, err := b.Receive(buf); n != 60 || err != nil {
			b.Errorf("a frame that waited across TakeOver: Receive gives %d, %v", n, err)
		}
		if n := b.Resets(); n != 0 {
			b.Errorf("%d resets of an idle device", n)
		}
	})
}

// However many there are, and wherever in the ring.
func (s *Suite) TestFramesThatWaitAcrossATakeOver(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		buf := make([]byte, 2000)
		for n := range s.Held {
			for i := range n {
				b.Inject(Numbered(60, i))
			}
			if err := b.TakeOver(); err != nil || b.Resets() != 0 {
				b.Fatalf("%d frames wait: %d resets, error %v", n, b.Resets(), err)
			}
			for i := range n {
				if size, err := b.Receive(buf); err != nil || !bytes.Equal(buf[:size], Numbered(60, i)) {
					b.Fatalf("%d frames wait: number %d is %d bytes, error %v", n, i, size, err)
				}
			}
		}
	})
}

func (s *Suite) TestTakeOverWaitsForFramesInFlight(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		*b.FrameTime = s.FrameTime
		var frames [][]byte
		for i := range s.Ring - 8 {
			frames = append(frames, Numbered(1514, i))
			b.Transmit(frames[i])
		}
		if err := b.TakeOver(); err != nil {
			b.Fatal(err)
		}
		b.Wire("frames in flight at TakeOver", 0, frames...)
		b.TakesOver("with frames in flight", false)
	})
}

func (s *Suite) TestTakeOverResetsADeviceThatDoesNotComeToRest(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		*b.NeverCompletes = true
		for i := range 300 {
			b.Transmit(Numbered(60, i))
		}
		if err := b.TakeOver(); err != nil {
			b.Fatalf("TakeOver with the ring full: %v", err)
		}
		if b.Resets() != 1 {
			b.Error("no reset")
		}
		*b.NeverCompletes = false
		if err := b.TakeOver(); err != nil {
			b.Fatalf("a second TakeOver: %v", err)
		}
		b.Sends("a device that works after the reset", Numbered(60, 1))
	})
}

func (s *Suite) TestAResetUsesTheReservedRings(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		rings, ordinary := b.Rings(), b.Descriptors[0]
		b.Upset()
		b.TakeOverSilently("once")
		for range 2 {
			got := b.Rings()
			if got[0] == rings[0] || got[1] == rings[1] {
				b.Errorf("the rings are at %#x, which is where the ordinary ones are", got)
			}
			for i := range ordinary {
				ordinary[i] = 0xA5
			}
			b.Elapse(1e9)
			b.Works("on the reserved rings")
			b.Upset()
			b.TakeOverSilently("again")
		}
	})
}

// Each register that carries frames, set to something else behind the driver's
// back.
func (s *Suite) TestTakeOverMendsEveryRegister(t *testing.T) {
	for _, k := range s.Kinds {
		for _, r := range k.Open(t).Registers {
			t.Run(k.Name+" with "+r.Name, func(t *testing.T) {
				b := k.Open(t)
				b.Sends("ordinary work", Numbered(60, 1))
				b.Set(r.Off, r.V)
				b.TakeOverSilently(r.Name)
				b.Elapse(1e9)
				b.Works("after TakeOver")
				b.TakesOver("again", false)
				b.Obeyed()
			})
		}
	}
}

// TakeOverSilently is TakeOver with a reset and nothing on the wire.
func (b *Bench) TakeOverSilently(state string) {
	b.Helper()
	sent, resets := len(*b.Sent), b.Resets()
	if err := b.TakeOver(); err != nil {
		b.Fatalf("TakeOver, %s: %v", state, err)
	}
	if b.Resets() != resets+1 {
		b.Errorf("TakeOver, %s: no reset", state)
	}
	if n := len(*b.Sent) - sent; n != 0 {
		b.Errorf("TakeOver, %s: puts %d frames on the wire", state, n)
	}
}

func (s *Suite) TestTakeOverFromRandomRegisters(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		random := rand.New(rand.NewSource(3))
		for range 30 {
			for _, off := range b.Random {
				b.Set(off, random.Uint32())
			}
			if err := b.TakeOver(); err != nil {
				b.Fatalf("TakeOver: %v", err)
			}
			b.Elapse(1e9)
			*b.Complaints, *b.Sent = nil, nil // of what the garbage made the device do
			b.Sends("after random registers", Numbered(60, 1), Numbered(1514, 2))
			b.Receives("after random registers", Numbered(60, 1))
		}
	})
}

func (s *Suite) TestTakeOverOnABadDevice(t *testing.T) {
	s.onEachFault(t, func(b *Bench) []Fault { return b.Bad }, func(open func() (*Bench, Fault)) {
		b, c := open()
		b.Upset()
		c.Set()
		b.Fails("TakeOver", b.TakeOver(), c.Want)
		if c.Want != nil {
			b.Fails("Transmit", b.Transmit(Numbered(60, 1)), s.NotReady)
		}
		b.Mend()
		b.Elapse(1)
		b.Upset()
		if err := b.TakeOver(); err != nil {
			b.Fatalf("TakeOver of a mended device: %v", err)
		}
		b.Elapse(1e9)
		b.Works("a mended device")
		b.Obeyed()
	})
}
