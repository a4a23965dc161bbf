package e1000_test

import (
	"testing"
)

func TestBadFramesAreDroppedAndCounted(t *testing.T) {
	const done, end = 1, 2
	for _, c := range []struct {
		name         string
		length       uint32
		status       uint32
		errors       uint64
		wrongLengths uint64
	}{
		{"a CRC error", 60, done | end | 0x01<<8, 1, 0},
		{"a symbol error", 60, done | end | 0x02<<8, 1, 0},
		{"a carrier extension error", 60, done | end | 0x10<<8, 1, 0},
		{"a data error", 60, done | end | 0x80<<8, 1, 0},
		{"no bytes", 0, done | end, 0, 1},
		{"13 bytes", 13, done | end, 0, 1},
		{"more bytes than its buffer", 2049, done | end, 0, 1},
		{"65535 bytes", 65535, done | end, 0, 1},
		{"all bits set", 65535, ^uint32(0), 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(b *bench) {
				for range 200 {
					if !b.model.InjectDescriptor(numbered(60, 1), c.length, c.status) {
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
