package enet_test

import (
	"encoding/binary"
	"testing"
)

// What neither register nor index tells, descriptors do.
func TestTakeOverMendsEveryDescriptor(t *testing.T) {
	for _, c := range []struct {
		name   string
		ring   uint32 // the register that holds its address
		n      int
		word   int
		change uint32
	}{
		{"R in one that is done", 0x184, 3, 0, 1 << 31},
		{"R in the next", 0x184, 5, 0, 1 << 31},
		{"W in the middle", 0x184, 40, 0, 1 << 29},
		{"no W at the end", 0x184, 127, 0, 1 << 29},
		{"no TC", 0x184, 77, 0, 1 << 26},
		{"no L", 0x184, 77, 0, 1 << 27},
		{"a length of more than a frame", 0x184, 100, 0, 0x800},
		{"the address of a receive buffer", 0x180, 17, 1, 0x800},
		{"W in the middle of the receive ring", 0x180, 30, 0, 1 << 29},
		{"no W at the end of the receive ring", 0x180, 63, 0, 1 << 29},
		{"no E in the middle of the receive ring", 0x180, 30, 0, 1 << 31},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(b *bench) {
				for i := range 5 {
					b.Sends("ordinary work", numbered(60, i))
					b.Receives("ordinary work", numbered(60, i))
				}
				at := uint64(b.model.Get(c.ring)) - b.mem.Phys + uint64(8*c.n+4*c.word)
				v := binary.LittleEndian.Uint32(b.mem.Bytes[at:])
				binary.LittleEndian.PutUint32(b.mem.Bytes[at:], v^c.change)
				b.TakeOverSilently(c.name)
				b.Works("after TakeOver")
			})
		})
	}
}

func TestTakeOverSetsTheFiltersAgain(t *testing.T) {
	onEach(t, func(b *bench) {
		var want [6]uint32
		offsets := [6]uint32{0xE4, 0xE8, 0x118, 0x11C, 0x120, 0x124}
		for i, off := range offsets {
			want[i] = b.model.Get(off)
			b.model.Set(off, 0x5A5A5A5A)
		}
		b.TakeOverSilently("with other filters")
		for i, off := range offsets {
			if v := b.model.Get(off); v != want[i] {
				b.Errorf("register %#x is %#x, want %#x", off, v, want[i])
			}
		}
		if !b.model.QEMU && (want[4] != 1<<32-1 || want[5] != 1<<32-1) {
			b.Error("the driver does not take all group addresses")
		}
	})
}

// A reset waits for what was read and has not left.
func TestAResetLeavesTheFIFOItsTime(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.FIFOTime = 700e3
		b.Transmit(numbered(1514, 1))
		b.model.NeverCompletes = true
		b.Transmit(numbered(1514, 2))
		if err := b.TakeOver(); err != nil || b.Lost != 1 || b.Stats().Resets != 1 {
			b.Fatalf("TakeOver: %v, %d lost", err, b.Lost)
		}
		b.Wire("what was in the FIFO", 0, numbered(1514, 1))
		b.model.NeverCompletes = false
		b.Works("after it")
	})
}

// An idle ring is kept at once, whatever is in the FIFO: it goes on by itself.
func TestTakeOverDoesNotWaitForTheFIFO(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.FIFOTime = 700e3
		b.Transmit(numbered(1514, 1))
		start := b.model.Now()
		if err := b.TakeOver(); err != nil || b.Stats().Resets != 0 {
			b.Fatalf("TakeOver: %v", err)
		}
		if took := b.model.Now() - start; took > 30e3 {
			b.Errorf("TakeOver of an idle device took %d ns", took)
		}
		b.Transmit(numbered(60, 2))
		b.Flush()
		b.Wire("both", 0, numbered(1514, 1), numbered(60, 2))
	})
}

// The MAC knows nothing of the link.
func TestTakeOverWithoutALink(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.LinkDown = true
		for i := range 20 {
			b.Transmit(numbered(60, i))
		}
		if err := b.TakeOver(); err != nil || b.Lost != 0 || b.Stats().Resets != 0 {
			b.Fatalf("TakeOver with the link down: %v, %d lost", err, b.Lost)
		}
		b.Upset()
		if err := b.TakeOver(); err != nil || b.Link() {
			b.Fatalf("TakeOver with a reset: %v", err)
		}
		b.model.LinkDown = false
		if b.Link(); !b.Link() {
			b.Error("the link is not back")
		}
		b.Works("the link is back")
	})
}
