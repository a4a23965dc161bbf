package virtionet

import (
	"encoding/binary"
	"testing"

	"gasp/drivers/reg"
	"gasp/drivers/virtio"
	"gasp/internal/virtiomodel"
)

func TestMMIOSlots(t *testing.T) {
	if _, err := NewMMIO(virtiomodel.EmptyMMIO()); err != virtio.ErrNoDevice {
		t.Errorf("empty slot: %v, want %v", err, virtio.ErrNoDevice)
	}
	for _, test := range []struct {
		name      string
		off, word uint32
	}{
		{"wrong magic", 0x000, 0x74726977},
		{"version 0", 0x004, 0},
		{"version 3", 0x004, 3},
		{"a block device", 0x008, 2},
	} {
		m := power(t, 3, nil)
		if _, err := NewMMIO(&override{m.model.MMIO(), test.off, test.word}); err != virtio.ErrNoDevice {
			t.Errorf("%s: %v, want %v", test.name, err, virtio.ErrNoDevice)
		}
	}
}

// override is a space in which one register reads differently.
type override struct {
	reg.Space
	off, word uint32
}

func (o *override) Read32(off uint32) uint32 {
	if off == o.off {
		return o.word
	}
	return o.Space.Read32(off)
}

func TestPCICapabilities(t *testing.T) {
	const modern, legacy, none = "virtio-net (PCI)", "virtio-net (PCI, legacy)", ""
	put32 := binary.LittleEndian.PutUint32
	tests := []struct {
		name         string
		change       func(p *virtiomodel.PCI)
		transitional string // what is used on a transitional device
		modernOnly   string
	}{
		{"all is well", func(p *virtiomodel.PCI) {}, modern, modern},
		{"another vendor", func(p *virtiomodel.PCI) { p.Config[0] = 0x86 }, none, none},
		{"a block device", func(p *virtiomodel.PCI) { p.Config[2]++ }, none, none},
		{"no capability list", func(p *virtiomodel.PCI) { p.Config[6] = 0 }, legacy, none},
		{"an empty list", func(p *virtiomodel.PCI) { p.Config[0x34] = 0 }, legacy, none},
		{"a list that points into the header", func(p *virtiomodel.PCI) { p.Config[0x34] = 0x3C }, legacy, none},
		{"a list in a circle", func(p *virtiomodel.PCI) { p.Config[virtiomodel.CapMSIX+1] = virtiomodel.CapMSIX }, legacy, none},
		{"reserved low bits in pointers", func(p *virtiomodel.PCI) { p.Config[0x34] |= 3 }, modern, modern},
		{"a circle behind all that is needed", func(p *virtiomodel.PCI) { p.Config[virtiomodel.CapNotify+1] = virtiomodel.CapMSIX }, modern, modern},
		{"a reserved BAR number", func(p *virtiomodel.PCI) { p.Config[virtiomodel.CapCommon+4] = 7 }, legacy, none},
		{"a BAR that is not there", func(p *virtiomodel.PCI) { p.Config[virtiomodel.CapDevice+4] = 3 }, legacy, none},
		{"a short capability", func(p *virtiomodel.PCI) { p.Config[virtiomodel.CapCommon+2] = 12 }, legacy, none},
		{"a capability beyond the end", func(p *virtiomodel.PCI) { p.Config[virtiomodel.CapCommon+2] = 0xFF }, legacy, none},
		{"a notify capability without multiplier", func(p *virtiomodel.PCI) { p.Config[virtiomodel.CapNotify+2] = 16 }, legacy, none},
		{"a structure too small", func(p *virtiomodel.PCI) { put32(p.Config[virtiomodel.CapCommon+12:], 0x20) }, legacy, none},
		{"a structure that wraps around", func(p *virtiomodel.PCI) { put32(p.Config[virtiomodel.CapCommon+8:], 0xFFFF_FFF0) }, legacy, none},
		{"a misaligned structure", func(p *virtiomodel.PCI) { put32(p.Config[virtiomodel.CapCommon+8:], 2) }, legacy, none},
		{"an unusable one before the usable one", func(p *virtiomodel.PCI) {
			copy(p.Config[virtiomodel.CapISR+2:], []byte{16, 1, 6})
			p.Config[virtiomodel.CapMSIX+1] = virtiomodel.CapISR
			p.Config[virtiomodel.CapISR+1] = virtiomodel.CapCommon
			p.Config[virtiomodel.CapCommon+1] = virtiomodel.CapDevice
		}, modern, modern},
	}
	for _, test := range tests {
		for _, modernOnly := range []bool{false, true} {
			want := test.transitional
			if modernOnly {
				want = test.modernOnly
			}
			p := power(t, 0, nil).model.PCI(modernOnly)
			test.change(p)
			transport, err := NewPCI(p, func(n int) (reg.Space, error) {
				if n < 0 || n > 5 {
					t.Errorf("%s: asked for BAR %d", test.name, n)
				}
				return p.BAR(n)
			})
			got := none
			if err == nil {
				got = transport.Name()
			}
			if got != want {
				t.Errorf("%s, modern only %t: found %q, %v; want %q", test.name, modernOnly, got, err, want)
			}
		}
	}
}

func TestALegacyConfigurationMovesWhenMSIXIsEnabled(t *testing.T) {
	m := power(t, 1, nil)
	p := m.model.PCI(false)
	p.Config[virtiomodel.CapMSIX+3] |= 0x80
	transport, err := NewPCI(p, p.BAR)
	if err != nil {
		t.Fatal(err)
	}
	mem := m.model.Memory
	if m.driver, err = New(transport, &mem, Config{Now: m.now}); err != nil {
		t.Fatalf("New: %v", err)
	}
	if got := m.driver.MAC(); got != modelMAC {
		t.Errorf("MAC is %x, want %x", got, modelMAC)
	}
	m.works()
	m.obeyed()
}

func TestANotificationOutsideItsStructureIsAnError(t *testing.T) {
	for _, multiplier := range []uint32{0x1000, 0xFFFF_FFFF, 3} {
		m := power(t, 0, nil)
		p := m.model.PCI(false)
		binary.LittleEndian.PutUint32(p.Config[virtiomodel.CapNotify+16:], multiplier)
		transport, err := NewPCI(p, p.BAR)
		if err != nil {
			t.Fatal(err)
		}
		mem := m.model.Memory
		if _, err = New(transport, &mem, Config{Now: m.now}); err != virtio.ErrQueue {
			t.Errorf("multiplier %#x: New says %v, want %v", multiplier, err, virtio.ErrQueue)
		}
	}
}

func TestALegacyQueueBeyondItsPageNumbersIsAnError(t *testing.T) {
	for i, k := range kinds {
		if !k.legacy {
			continue
		}
		m := power(t, i, func(o *virtiomodel.Options) { o.Memory.Phys = 1 << 44 })
		if err := m.start(i); err != virtio.ErrQueue {
			t.Errorf("%s at 16 TiB: New says %v, want %v", k.name, err, virtio.ErrQueue)
		}
	}
}

func TestAClockIsNeeded(t *testing.T) {
	m := power(t, 3, nil)
	transport, err := NewMMIO(m.model.MMIO())
	if err != nil {
		t.Fatal(err)
	}
	mem := m.model.Memory
	if _, err := New(transport, &mem, Config{}); err != ErrClock {
		t.Errorf("New without a clock: %v, want %v", err, ErrClock)
	}
}
