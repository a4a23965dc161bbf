package enet_test

import (
	"testing"

	"gasp/drivers/dma"
	"gasp/drivers/enet"
	"gasp/internal/enetmodel"
)

func TestNewOnABadDevice(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault enetmodel.Faults
		want  error
	}{
		{"answers nothing", enetmodel.Faults{AllOnes: true}, enet.ErrAbsent},
		{"stays in reset", enetmodel.Faults{ResetReads: -1}, enet.ErrReset},
		{"takes long to reset", enetmodel.Faults{ResetReads: 1000}, nil},
		{"has no link", enetmodel.Faults{LinkDown: true}, nil},
		{"has no PHY", enetmodel.Faults{NoPHY: true}, nil},
		{"has no management bus", enetmodel.Faults{MDIONever: true}, nil},
		{"has a PHY that stays in reset", enetmodel.Faults{PHYResetTime: -1}, nil},
		{"completes nothing", enetmodel.Faults{NeverCompletes: true}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, k := range kinds {
				b := newBench(t, k.kind)
				b.model.Faults = c.fault
				start := b.model.Now()
				b.Fails("New", b.start(), c.want)
				if took := b.model.Now() - start - 3e9; took > 600e6 {
					t.Errorf("New takes %d ns", took)
				}
				if n := len(b.model.Sent); n != 0 {
					t.Errorf("%d frames on the wire", n)
				}
			}
		})
	}
}

func TestNewEndsOnRandomRegisters(t *testing.T) {
	for _, k := range kinds {
		b := newBench(t, k.kind)
		b.model.RandomReads = true
		for range 20 {
			if b.start() == nil {
				b.Transmit(numbered(100, 1))
				b.Receive(make([]byte, 2000))
				b.Link()
				b.TakeOver()
			}
		}
	}
}

// Without a clock every wait ends by its number of iterations.
func TestNewEndsWithoutAClock(t *testing.T) {
	b := newBench(t, enetmodel.I6UL)
	b.config.Now = nil
	b.open()
	b.Sends("without a clock", numbered(100, 1))
	b.model.NeverCompletes = true
	b.Transmit(numbered(100, 1))
	b.Fails("Flush", b.Flush(), enet.ErrStuck)
}

func TestTheStationAddress(t *testing.T) {
	for _, c := range []struct {
		name       string
		kind       enetmodel.Kind
		given      [6]byte
		palr, paur uint32
		want       [6]byte
		err        error
	}{
		{"given", enetmodel.I6UL, [6]byte{2, 4, 6, 8, 10, 12}, 0, 0, [6]byte{2, 4, 6, 8, 10, 12}, nil},
		{"given, and another in the registers", enetmodel.QEMU6UL, [6]byte{2, 4, 6, 8, 10, 12}, 0x52540012, 0x34560000, [6]byte{2, 4, 6, 8, 10, 12}, nil},
		{"in the registers", enetmodel.I6UL, [6]byte{}, 0x52540012, 0x34568808, enetmodel.Address, nil},
		{"a group address given", enetmodel.I6UL, [6]byte{1}, 0x52540012, 0x34568808, enetmodel.Address, nil},
		{"none", enetmodel.I6UL, [6]byte{}, 0, 0x8808, [6]byte{}, enet.ErrAddress},
		{"a group address in the registers", enetmodel.I6UL, [6]byte{}, 0x01000000, 0x8808, [6]byte{}, enet.ErrAddress},
		{"all ones", enetmodel.I6UL, [6]byte{}, 0xFFFFFFFF, 0xFFFFFFFF, [6]byte{}, enet.ErrAddress},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, c.kind)
			b.config.MAC = c.given
			b.model.Set(0xE4, c.palr)
			b.model.Set(0xE8, c.paur)
			b.Fails("New", b.start(), c.err)
			if c.err != nil {
				return
			}
			if b.MAC() != c.want {
				t.Errorf("MAC is % x, want % x", b.MAC(), c.want)
			}
			low := uint32(c.want[0])<<24 | uint32(c.want[1])<<16 | uint32(c.want[2])<<8 | uint32(c.want[3])
			high := uint32(c.want[4])<<24 | uint32(c.want[5])<<16 | 0x8808
			if got := [2]uint32{b.model.Get(0xE4), b.model.Get(0xE8)}; got != [2]uint32{low, high} {
				t.Errorf("PALR, PAUR are %#x, want %#x %#x", got, low, high)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	b := newBench(t, enetmodel.I6UL)
	b.mem.Bytes = b.mem.Bytes[:enet.MemorySize-1024]
	b.Fails("New with too little memory", b.start(), enet.ErrMemory)

	b = newBench(t, enetmodel.I6UL)
	b.mem.Phys = 1<<32 - 4096
	b.Fails("New with memory beyond 4 GiB", b.start(), enet.ErrMemory)

	for _, clock := range []uint32{0, 4_000_000_000} {
		b = newBench(t, enetmodel.I6UL)
		b.config.Clock = clock
		b.Fails("New with such a clock", b.start(), enet.ErrClock)
	}
}

func TestMemorySizeIsEnoughAtEveryAlignment(t *testing.T) {
	for skip := range 65 {
		b := newBench(t, enetmodel.I6UL)
		b.mem = dma.Memory{Bytes: make([]byte, enet.MemorySize), Phys: 1<<20 + uint64(skip)}
		b.model = enetmodel.New(enetmodel.I6UL, b.mem)
		b.config.Now = b.model.Now
		if err := b.start(); err != nil {
			t.Fatalf("memory at offset %d: %v", skip, err)
		}
	}
}

func TestAStoppedDeviceIsSilent(t *testing.T) {
	onEach(t, func(b *bench) {
		b.Sends("ordinary work", numbered(60, 1))
		if err := b.Stop(); err != nil {
			b.Fatal(err)
		}
		if b.model.Inject(numbered(60, 2)) {
			b.Error("a stopped device receives")
		}
		b.Fails("Transmit", b.Transmit(numbered(60, 3)), enet.ErrNotReady)
		if err := b.TakeOver(); err != nil || b.Lost != 0 {
			b.Fatalf("TakeOver: %v, %d lost", err, b.Lost)
		}
		b.Works("after TakeOver")
	})
}
