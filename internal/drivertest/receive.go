package drivertest

import (
	"bytes"
	"math/rand"
	"testing"
)

func (s *Suite) TestReceivedFramesArriveWholeAndInOrder(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		buf := make([]byte, maxFrame)
		if n, err := b.Receive(buf); n != 0 || err != nil {
			b.Errorf("nothing came, Receive gives %d, %v", n, err)
		}
		for i := range 1000 {
			b.Receives("one at a time", Numbered(14+i%1501, i))
		}
		for round := range 50 {
			for i := range 40 {
				if !b.Inject(Numbered(60+i, round+i)) {
					b.Fatalf("round %d: no descriptor for frame %d", round, i)
				}
			}
			for i := range 40 {
				n, err := b.Receive(buf)
				if err != nil || !bytes.Equal(buf[:n], Numbered(60+i, round+i)) {
					b.Fatalf("round %d: frame %d is %d bytes, error %v", round, i, n, err)
				}
			}
		}
	})
}

func (s *Suite) TestTheReceiveRingHolds(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		buf := make([]byte, maxFrame)
		for round := range 10 {
			held := 0
			for b.Inject(Numbered(60, held)) {
				held++
			}
			if held != s.Held {
				b.Fatalf("round %d: the ring takes %d frames, want %d", round, held, s.Held)
			}
			for i := range held {
				if n, err := b.Receive(buf); err != nil || !bytes.Equal(buf[:n], Numbered(60, i)) {
					b.Fatalf("round %d: frame %d is %d bytes, error %v", round, i, n, err)
				}
			}
		}
	})
}

func (s *Suite) TestAFrameOverSeveralBuffersIsDroppedWhole(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		for _, n := range []int{2049, 4096, 9000} {
			for range 20 {
				if !b.Inject(Numbered(n, 1)) {
					b.Fatalf("no descriptors for %d bytes", n)
				}
				b.Receives("a good frame behind a large one", Numbered(60, 2))
			}
		}
	})
}

func (s *Suite) TestAFrameLargerThanTheBufferIsAnError(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		b.Inject(Numbered(100, 1))
		n, err := b.Receive(make([]byte, 99))
		if n != 0 {
			b.Errorf("Receive gives %d bytes", n)
		}
		b.Fails("Receive into 99 bytes", err, s.BufferSize)
		b.Receives("the frame behind it", Numbered(60, 2))
	})
}

// Whatever a device writes into its descriptors, each call ends, gives no more
// than the buffer holds, and good frames come through again afterwards.
func (s *Suite) TestGarbageDescriptors(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		random := rand.New(rand.NewSource(2))
		buf := make([]byte, maxFrame)
		for range 5000 {
			for range random.Intn(70) {
				b.Garbage(random)
			}
			for range random.Intn(70) {
				if n, err := b.Receive(buf); n < 0 || n > len(buf) || err != nil && n != 0 {
					b.Fatalf("Receive gives %d, %v", n, err)
				}
			}
		}
		for n, err := b.Receive(buf); n != 0 || err != nil; n, err = b.Receive(buf) {
		}
		b.Inject(Numbered(60, 1)) // ends what may have been begun by a descriptor that was not its last
		b.Receive(buf)
		for i := range 200 {
			b.Receives("after garbage", Numbered(60, i))
		}
	})
}
