package enet_test

import (
	"testing"
)

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
					b.Receives("a good frame behind a bad one", numbered(60, 2))
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
				b.Receives("a good frame behind a large one", numbered(60, 2))
				for range 3 {
					b.model.InjectDescriptor(numbered(64, 1), 64) // no L
				}
				b.model.InjectDescriptor(numbered(64, 1), 1<<27|256)
				b.Receives("a good frame behind one in parts", numbered(60, 2))
			}
		}
	})
}
