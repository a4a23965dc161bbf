package enet_test

import (
	"bytes"
	"math/rand"
	"testing"

	"gasp/drivers/enet"
)

func TestReceivedFramesArriveWholeAndInOrder(t *testing.T) {
	onEach(t, func(b *bench) {
		buf := make([]byte, enet.MaxFrame)
		if n, err := b.Receive(buf); n != 0 || err != nil {
			b.Errorf("nothing came, Receive gives %d, %v", n, err)
		}
		for i := range 1000 {
			b.receives("one at a time", numbered(14+i%1501, i))
		}
		for round := range 50 {
			for i := range 40 {
				if !b.model.Inject(numbered(60+i, round+i)) {
					b.Fatalf("round %d: no descriptor for frame %d", round, i)
				}
			}
			for i := range 40 {
				n, err := b.Receive(buf)
				if err != nil || !bytes.Equal(buf[:n], numbered(60+i, round+i)) {
					b.Fatalf("round %d: frame %d is %d bytes, error %v", round, i, n, err)
				}
			}
		}
	})
}

func TestTheReceiveRingHoldsAllThatItHas(t *testing.T) {
	onEach(t, func(b *bench) {
		buf := make([]byte, enet.MaxFrame)
		for round := range 10 {
			held := 0
			for b.model.Inject(numbered(60, held)) {
				held++
			}
			if held != 64 {
				b.Fatalf("round %d: a ring of 64 takes %d frames", round, held)
			}
			for i := range held {
				if n, err := b.Receive(buf); err != nil || !bytes.Equal(buf[:n], numbered(60, i)) {
					b.Fatalf("round %d: frame %d is %d bytes, error %v", round, i, n, err)
				}
			}
		}
	})
}

func TestBadFramesAreDroppedAndCounted(t *testing.T) {
	const last = 1 << 27
	for _, c := range []struct {
		name         string
		status       uint32
		errors       uint64
		wrongLengths uint64
	}{
		{"a frame longer than MAX_FL", last | 1<<21 | 64, 1, 0},
		{"not whole bytes", last | 1<<20 | 64, 1, 0},
		{"a CRC error", last | 1<<18 | 64, 1, 0},
		{"an overrun", last | 1<<17 | 64, 1, 0},
		{"a truncated frame", last | 1<<16 | 64, 1, 0},
		{"no bytes", last, 0, 1},
		{"less than an FCS", last | 3, 0, 1},
		{"an FCS", last | 4, 0, 1},
		{"13 bytes and an FCS", last | 17, 0, 1},
		{"more bytes than its buffer", last | 2049, 0, 1},
		{"65535 bytes", last | 65535, 0, 1},
		{"all bits set", ^uint32(0), 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(b *bench) {
				for range 200 {
					if !b.model.InjectDescriptor(numbered(60, 1), c.status) {
						b.Fatal("the receiver takes no frame")
					}
					b.receives("a good frame behind a bad one", numbered(60, 2))
				}
				s := b.Stats()
				if s.RxErrors != 200*c.errors || s.RxLength != 200*c.wrongLengths || s.RxFrames != 200 {
					b.Errorf("counted %+v", s)
				}
			})
		})
	}
}

// The MAC cuts a giant off; with a wrong MRBR it takes several buffers.
func TestAFrameOverSeveralBuffersIsDroppedWhole(t *testing.T) {
	onEach(t, func(b *bench) {
		for _, n := range []int{1519, 2049, 4096, 9000} {
			for range 20 {
				if !b.model.Inject(numbered(n, 1)) {
					b.Fatalf("no descriptors for %d bytes", n)
				}
				b.receives("a good frame behind a large one", numbered(60, 2))
				for range 3 {
					b.model.InjectDescriptor(numbered(64, 1), 64) // no L
				}
				b.model.InjectDescriptor(numbered(64, 1), 1<<27|256)
				b.receives("a good frame behind one in parts", numbered(60, 2))
			}
		}
	})
}

func TestAFrameLargerThanTheBufferIsAnError(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.Inject(numbered(100, 1))
		n, err := b.Receive(make([]byte, 99))
		if n != 0 {
			b.Errorf("Receive gives %d bytes", n)
		}
		b.fails("Receive into 99 bytes", err, enet.ErrBufferSize)
		b.receives("the frame behind it", numbered(60, 2))
	})
}

// Whatever a device writes into its descriptors, each call ends, gives no more
// than the buffer holds, and good frames come through again afterwards.
func TestGarbageDescriptors(t *testing.T) {
	onEach(t, func(b *bench) {
		random := rand.New(rand.NewSource(2))
		buf := make([]byte, enet.MaxFrame)
		for range 5000 {
			for range random.Intn(70) {
				b.model.InjectDescriptor(nil, random.Uint32())
			}
			for range random.Intn(70) {
				if n, err := b.Receive(buf); n < 0 || n > len(buf) || err != nil && n != 0 {
					b.Fatalf("Receive gives %d, %v", n, err)
				}
			}
		}
		for n, err := b.Receive(buf); n != 0 || err != nil; n, err = b.Receive(buf) {
		}
		b.model.Inject(numbered(60, 1)) // ends what may have been begun without L
		b.Receive(buf)
		for i := range 200 {
			b.receives("after garbage", numbered(60, i))
		}
	})
}
