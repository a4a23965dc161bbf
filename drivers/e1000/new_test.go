package e1000_test

import (
	"testing"

	"gasp/drivers/dma"
	"gasp/drivers/e1000"
	"gasp/internal/e1000model"
)

func TestNewReadsTheAddressAndSendsNothing(t *testing.T) {
	onEach(t, func(b *bench) {
		if b.MAC() != [6]byte{0x52, 0x54, 0, 0x12, 0x34, 0x56} {
			b.Errorf("MAC is % x", b.MAC())
		}
		if !b.Link() {
			b.Error("link is down, want up")
		}
		b.model.LinkDown = true
		if b.Link() {
			b.Error("link is up, want down")
		}
	})
}

func TestNewOnABadDevice(t *testing.T) {
	for _, c := range []struct {
		name  string
		kind  e1000model.Kind
		fault e1000model.Faults
		want  error
	}{
		{"answers nothing", e1000model.I82540, e1000model.Faults{AllOnes: true}, e1000.ErrAbsent},
		{"answers nothing, PCI Express", e1000model.I82574, e1000model.Faults{AllOnes: true}, e1000.ErrAbsent},
		{"stays in reset", e1000model.I82540, e1000model.Faults{ResetReads: -1}, e1000.ErrReset},
		{"stays in reset, PCI Express", e1000model.I82574, e1000model.Faults{ResetReads: -1}, e1000.ErrReset},
		{"takes long to reset", e1000model.I82574, e1000model.Faults{ResetReads: 1000}, nil},
		{"never loads its EEPROM", e1000model.I82540, e1000model.Faults{EEPROMNever: true}, e1000.ErrAddress},
		{"never loads its EEPROM, PCI Express", e1000model.I82574, e1000model.Faults{EEPROMNever: true}, e1000.ErrAddress},
		{"has no address", e1000model.I82540, e1000model.Faults{NoAddress: true}, e1000.ErrAddress},
		{"has no link", e1000model.I82574, e1000model.Faults{LinkDown: true}, nil},
		{"never ends its bus requests", e1000model.I82574, e1000model.Faults{MasterStays: true}, nil},
		{"keeps MDIO to itself", e1000model.I82574, e1000model.Faults{FirmwareKeepsPHY: true}, nil},
		{"keeps MDIO to itself and ignores reset", e1000model.QEMU82574, e1000model.Faults{FirmwareKeepsPHY: true}, nil},
		{"completes nothing", e1000model.QEMU82540, e1000model.Faults{NeverCompletes: true}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, c.kind)
			b.model.Elapse(1e9) // the firmware's reset is over
			b.model.Faults = c.fault
			b.Fails("New", b.start(), c.want)
			if n := len(b.model.Sent); n != 0 {
				t.Errorf("%d frames on the wire", n)
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
				b.TakeOver()
			}
		}
	}
}

// With the clock standing still every wait ends by its number of iterations.
func TestNewEndsWithoutAClock(t *testing.T) {
	b := newBench(t, e1000model.I82574)
	b.config.Now = nil
	b.open()
	b.Sends("without a clock", numbered(100, 1))
	b.model.NeverCompletes = true
	b.Transmit(numbered(100, 1))
	b.Fails("Flush", b.Flush(), e1000.ErrStuck)
}

func TestNewReadsTheAddressFromTheEEPROM(t *testing.T) {
	for _, id := range []struct {
		device uint16
		kind   e1000model.Kind
		low    uint32 // what RAL holds: nothing, or a group address
	}{
		{0x100E, e1000model.QEMU82540, 0},
		{0x100E, e1000model.QEMU82540, 0x01},
		{0x10D3, e1000model.QEMU82574, 0xFFFFFFFF},
		{0x1076, e1000model.Kind{AutoRead: true, IgnoresReset: true}, 0},
	} {
		b := newBench(t, id.kind)
		b.model.Elapse(1e9)
		b.model.Set(0x5400, id.low)
		b.model.Set(0x5404, 0)
		b.config.DeviceID = id.device
		b.open()
		if b.MAC() != [6]byte{0x52, 0x54, 0, 0x12, 0x34, 0x56} {
			t.Errorf("device %#x: MAC is % x", id.device, b.MAC())
		}
	}
}

func TestNewRefuses(t *testing.T) {
	b := newBench(t, e1000model.I82540)
	b.config.DeviceID = 0x1234
	b.Fails("New with an unknown device id", b.start(), e1000.ErrUnknown)

	b = newBench(t, e1000model.I82540)
	b.mem.Bytes = b.mem.Bytes[:e1000.MemorySize-1024]
	b.Fails("New with too little memory", b.start(), e1000.ErrMemory)
}

func TestMemorySizeIsEnoughAtEveryAlignment(t *testing.T) {
	for skip := range 129 {
		b := newBench(t, e1000model.I82540)
		b.mem = dma.Memory{Bytes: make([]byte, e1000.MemorySize), Phys: 1<<20 + uint64(skip)}
		b.mem.Bytes = b.mem.Bytes[:e1000.MemorySize:e1000.MemorySize]
		b.model = e1000model.New(e1000model.I82540, b.mem)
		b.config = e1000.Config{DeviceID: 0x100E, Now: b.model.Now}
		if err := b.start(); err != nil {
			t.Fatalf("memory at offset %d: %v", skip, err)
		}
	}
}

func TestEveryIDHasAName(t *testing.T) {
	seen := map[uint16]bool{}
	for _, id := range e1000.IDs {
		if id.Name == "" || seen[id.Device] {
			t.Errorf("device id %#x: name %q, listed before: %v", id.Device, id.Name, seen[id.Device])
		}
		seen[id.Device] = true
		if got, ok := e1000.Lookup(id.Device); !ok || got.Name != id.Name {
			t.Errorf("Lookup(%#x) gives %v, %v", id.Device, got, ok)
		}
	}
	for device, name := range map[uint16]string{0x100E: "82540EM", 0x100F: "82545EM", 0x100C: "82544GC", 0x10D3: "82574L"} {
		if id, ok := e1000.Lookup(device); !ok || id.Name != name {
			t.Errorf("Lookup(%#x) gives %q, want %q", device, id.Name, name)
		}
	}
}
