package e1000_test

import (
	"encoding/binary"
	"gasp/internal/e1000model"
	"testing"
)

// A head or tail that jumped makes the device send what the ring held before,
// complete frames only; then TakeOver finds it at rest, or resets it.
func TestTakeOverAfterAJumpOfHeadOrTail(t *testing.T) {
	for _, r := range []struct {
		name  string
		off   uint32
		v     uint32
		reset bool
	}{
		{"the head", 0x3810, 9, false},
		{"the tail", 0x3818, 255, true},
		{"the tail, out of the ring", 0x3818, 0xFFFF, true},
	} {
		t.Run(r.name, func(t *testing.T) {
			onEach(t, func(b *bench) {
				b.Sends("ordinary work", numbered(60, 1), numbered(70, 2))
				b.model.Set(r.off, r.v)
				resets := b.Stats().Resets
				if err := b.TakeOver(); err != nil {
					b.Fatalf("TakeOver: %v", err)
				}
				if did := b.Stats().Resets != resets; did != r.reset {
					b.Errorf("TakeOver: reset %v, want %v", did, r.reset)
				}
				for _, f := range b.model.Sent {
					if len(f) != 60 && len(f) != 70 {
						b.Errorf("%d bytes on the wire, which is no frame that was sent", len(f))
					}
				}
				b.model.Complaints = nil // of descriptors sent twice
				b.model.Elapse(1e9)
				b.Works("after TakeOver")
			})
		})
	}
}

// TDH alone proves nothing: a device that moves it and sets no DD is reset.
func TestTakeOverBelievesDDAndNotTDH(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.NoWriteBack = true
		b.Transmit(numbered(60, 1))
		b.model.Elapse(1e6)
		if h := b.model.Get(0x3810); h != b.model.Get(0x3818) {
			b.Fatalf("TDH is %d, not TDT", h)
		}
		b.model.Sent = nil
		b.model.NoWriteBack = false
		b.TakeOverSilently("with a descriptor not written back")
		b.model.Elapse(1e9)
		b.Works("after it")
	})
}

func TestTheReservedRingsAreSmaller(t *testing.T) {
	onEach(t, func(b *bench) {
		for range 2 {
			b.Upset()
			b.TakeOverSilently("with a wrong ring")
			if n := [2]uint32{b.model.Get(0x3808), b.model.Get(0x2808)}; n != [2]uint32{32 * 16, 16 * 16} {
				b.Errorf("the rings have %v bytes", n)
			}
		}
	})
}

func TestTakeOverSetsTheFiltersAgain(t *testing.T) {
	onEach(t, func(b *bench) {
		want := [2]uint32{b.model.Get(0x5400), b.model.Get(0x5404)}
		last, other := uint32(0x53FC), uint32(0x540C)
		if b.model.Chipset {
			last, other = 0x527C, 0x5200 // behind that are the firmware's addresses
		}
		for _, off := range []uint32{0x5400, 0x5404, other, 0x5200, last, 0x5000} {
			b.model.Set(off, 0x5A5A5A5A)
		}
		b.Upset()
		b.TakeOverSilently("with other filters")
		if got := [2]uint32{b.model.Get(0x5400), b.model.Get(0x5404)}; got != want {
			b.Errorf("RAL, RAH are %#x, want %#x", got, want)
		}
		for _, off := range []uint32{other, 0x5200, last, 0x5000} {
			if v := b.model.Get(off); v != 0 {
				b.Errorf("register %#x is %#x, want 0", off, v)
			}
		}
	})
}

// A device that ignores CTRL.RST keeps the part of a packet that somebody else's
// descriptor without EOP left there.
func TestTakeOverEndsAPartlyFetchedPacket(t *testing.T) {
	onEach(t, func(b *bench) {
		b.Sends("ordinary work", numbered(60, 1))
		head := b.model.Get(0x3810)
		ring := b.mem.Bytes[b.tdba():]
		copy(ring[16*head:], ring[16*(head-1):][:8])
		copy(ring[16*head+8:], []byte{64, 0, 0, 8, 0, 0, 0, 0}) // 64 bytes, RS but no EOP
		if b.model.Queues {
			binary.LittleEndian.PutUint64(ring[16*head:], b.mem.Phys)
			copy(ring[16*head+8:], []byte{64, 0, 0x30, 0x28, 0, 0, 0x10, 0})
		}
		b.model.Write32(0x3818, head+1)
		b.TakeOverSilently("with a partly fetched packet")
		b.model.Elapse(1e9)
		b.Works("after a partly fetched packet")
	})
}

// tdba is where the transmit ring is in the bench's memory.
func (b *bench) tdba() uint64 {
	return uint64(b.model.Get(0x3804))<<32 + uint64(b.model.Get(0x3800)) - b.mem.Phys
}

func TestTakeOverRestoresTheBus(t *testing.T) {
	onEach(t, func(b *bench) {
		nic := b.config.PCI
		for _, c := range []struct {
			name string
			off  uint16
			v    uint32
		}{
			{"command 0", 4, 0}, {"mastering off", 4, 3}, {"memory off", 4, 5}, {"base address moved", 0x10, 0xE0000000},
		} {
			nic.Write32(c.off, c.v)
			b.TakeOverSilently(c.name)
			b.model.Elapse(1e9)
			b.Works("after " + c.name)
		}
	})
}

// On QEMU's e1000 each write of RCTL would cost a second of deafness.
func TestTakeOverOfAnEmulatedE1000DoesNotBlockReceive(t *testing.T) {
	b := newBench(t, e1000model.QEMU82540)
	b.open()
	b.Upset()
	b.TakeOverSilently("with a wrong ring")
	b.Receives("at once after TakeOver", numbered(60, 1))
}

// Without a link the device keeps frames, and more than the ring holds are refused
// at once. Whenever the link comes back, TakeOver makes it work.
func TestTakeOverWithoutALink(t *testing.T) {
	onEach(t, func(b *bench) {
		b.Sends("with a link", numbered(60, 1), numbered(60, 2))
		b.model.LinkDown = true
		taken, refused := 0, 0
		offer := func(n int) {
			for range n {
				if b.Transmit(numbered(60, 100+taken)) == nil {
					taken++
				} else {
					refused++
				}
			}
		}
		offer(20)
		if err := b.TakeOver(); err != nil || b.Lost != 20 {
			b.Fatalf("TakeOver with the link down: %d lost, error %v, want 20", b.Lost, err)
		}
		start := b.model.Now()
		offer(100)
		if took := b.model.Now() - start; refused < 69 || refused > 70 || took > 20e6 {
			b.Errorf("100 frames more with the link down: %d refused in %d ns, want 69 or 70 in 10 ms", refused, took)
		}
		b.model.LinkDown = false
		b.model.Elapse(1e6)
		if err := b.TakeOver(); err != nil {
			b.Fatalf("TakeOver with the link back: %v", err)
		}
		if delivered := len(b.frames()) - 2; delivered+b.Lost != taken {
			b.Errorf("%d frames taken, %d left and %d lost", taken, delivered, b.Lost)
		}
		b.model.Elapse(1e9)
		b.Works("the link is back")
	})
}
