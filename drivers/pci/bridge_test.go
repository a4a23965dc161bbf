package pci

import (
	"slices"
	"testing"
)

// bridge is one to a bus.
func bridge(secondary uint8) *model {
	m := nic()
	m.reg[3] = 1 << 16
	m.reg[6] = uint32(secondary) << 8
	m.writable[6] = 0x00FFFFFF
	m.reg[7] = 0x00F0     // no window: the base is above the limit
	m.reg[8] = 0x0000FFF0 // the same
	m.reg[9] = 0x0000FFF0
	for i := 7; i <= 12; i++ {
		m.writable[i] = ^uint32(0)
	}
	m.writable[15] = ^uint32(0)
	m.reg[1] &^= 7
	return m
}

// express makes m a function of PCI Express of a type.
func express(m *model, kind uint32) *model {
	m.reg[0x34/4] = 0x40
	m.reg[0x40/4] = capExpress | (kind<<4|2)<<16
	return m
}

// find returns the function at an address of a space.
func find(t *testing.T, s space, bus, dev uint8) *Function {
	t.Helper()
	var found *Function
	Scan(s, func(f Function) bool {
		if f.Bus == bus && f.Dev == dev {
			found = &f
		}
		return found == nil
	})
	if found == nil {
		t.Fatalf("nothing at %d:%d", bus, dev)
	}
	return found
}

func TestALinkHasOneDevice(t *testing.T) {
	for kind, want := range map[uint32]int{4: 1, 6: 1, 5: 32, 8: 32} { // root port, downstream port, upstream port, PCI to PCI Express
		s := space{{0, 1, 0}: express(bridge(3), kind)}
		for dev := range uint8(32) {
			s[[3]uint8{3, dev, 0}] = nic()
		}
		n := 0
		Scan(s, func(f Function) bool {
			if f.Bus == 3 {
				n++
			}
			return true
		})
		if n != want {
			t.Errorf("%d devices behind a port of type %d, want %d", n, kind, want)
		}
	}
}

func TestEnableOpensTheWay(t *testing.T) {
	const memory, io, prefetchable = 0xFEA0FE90, 0xD0C0, 0xFFF1_0001
	for _, tt := range []struct {
		name                 string
		io, memory, prefetch uint32
		base, limit          uint32
		want                 uint32 // command
	}{
		{"memory", 0x00F0, memory, 0x0000FFF0, 0, 0, 6},
		{"I/O", io, 0x0000FFF0, 0x0000FFF0, 0, 0, 5},
		{"a window above 4 GiB", 0x00F0, 0x0000FFF0, prefetchable, 8, 8, 6},
		{"a window that crosses 4 GiB", 0x00F0, 0x0000FFF0, 0x0000FFF0, 1, 2, 6},
		{"all", io, memory, prefetchable, 8, 8, 7},
		{"none set", 0, 0, 0, 0, 0, 4},
		{"none open", 0x00F0, 0x0000FFF0, 0x0000FFF0, 0, 0, 4},
	} {
		near, far := bridge(1), bridge(2)
		for _, b := range []*model{near, far} {
			b.reg[7], b.reg[8], b.reg[9], b.reg[10], b.reg[11] = tt.io, tt.memory, tt.prefetch, tt.base, tt.limit
			b.reg[15] = bridgeReset << 16
		}
		other := bridge(7)
		other.reg[8] = memory
		device := nic()
		device.reg[1] = 0
		f := find(t, space{{0, 1, 0}: far, {0, 2, 0}: other, {2, 0, 0}: near, {1, 0, 0}: device}, 1, 0)
		f.Enable()
		if device.reg[1] != 7 || near.reg[1]&0xFFFF != tt.want || far.reg[1]&0xFFFF != tt.want {
			t.Errorf("%s: commands of bridges %#x, %#x, of the device %#x; want %#x, %#x, 7", tt.name, far.reg[1], near.reg[1], device.reg[1], tt.want, tt.want)
		}
		if other.reg[1]&0xFFFF != 0 || len(other.writes) != 0 {
			t.Errorf("%s: a bridge that is not on the way was changed", tt.name)
		}
		if near.reg[15] != 0 || far.reg[15] != 0 {
			t.Errorf("%s: a bridge still resets what is behind it", tt.name)
		}
	}
}

func TestRestoreMendsTheWay(t *testing.T) {
	near, far, device := bridge(2), bridge(1), nic(0xFFFE0000)
	near.reg[8], far.reg[8] = 0xFEA0FE90, 0xFEA0FE90
	device.reg[4] = 0xFEB00000
	s := space{{0, 1, 0}: far, {1, 0, 0}: near, {2, 0, 0}: device}
	f := find(t, s, 2, 0)
	if f.Bridge().Bus != 1 || f.Bridge().Bridge().Bus != 0 || f.Bridge().Bridge().Bridge() != nil {
		t.Fatal("the bridges on the way are not those")
	}
	f.Enable()
	f.Save()
	for _, m := range []*model{near, far} {
		saved := m.reg
		for _, off := range []int{0x04, 0x18, 0x1C, 0x20, 0x24, 0x28, 0x2C, 0x30, 0x3C} {
			for _, v := range []uint32{0, 0xFFFF0000, ^uint32(0)} {
				m.reg[off/4] = m.reg[off/4]&^m.writable[off/4] | v&m.writable[off/4]
				if off == 0x04 && v == 0 && f.Intact() || off == 0x18 && f.Intact() {
					t.Errorf("%#x at %#x: still intact", v, off)
				}
				f.Restore()
				if uint16(m.reg[1]) != uint16(saved[1]) || !slices.Equal(m.reg[6:13], saved[6:13]) || m.reg[15]>>16 != saved[15]>>16 || !f.Intact() {
					t.Errorf("%#x at %#x: restored to\n%x, want\n%x", v, off, m.reg[:16], saved[:16])
				}
				m.reg = saved
			}
		}
	}
	if n := testing.AllocsPerRun(10, func() { near.writes, far.writes, device.writes = nil, nil, nil; f.Intact() }); n != 0 {
		t.Errorf("Intact allocates %v times", n)
	}
}

// TestAChainOfAllBusesEnds follows more bridges than are looked after.
func TestAChainOfAllBusesEnds(t *testing.T) {
	s := space{{255, 0, 0}: nic()}
	for bus := range uint8(255) {
		s[[3]uint8{bus, 0, 0}] = bridge(bus + 1)
	}
	f := find(t, s, 255, 0)
	f.Enable()
	f.Save()
	f.Restore()
	if !f.Intact() {
		t.Error("not intact")
	}
}
