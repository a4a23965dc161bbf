package pci

import (
	"errors"
	"math/rand"
	"slices"
	"testing"
)

// space is a configuration space: functions by bus, device and function, each
// with its registers and the bits of them that can be written.
type space map[[3]uint8]*model

type model struct {
	reg      [64]uint32
	writable [64]uint32
	writes   []uint16      // offsets written
	onRead   func(off int) // may change reg
}

func (s space) Read32(bus, dev, fn uint8, off uint16) uint32 {
	m := s[[3]uint8{bus, dev, fn}]
	if m == nil || off >= 256 {
		return ^uint32(0)
	}
	if m.onRead != nil {
		m.onRead(int(off))
	}
	return m.reg[off/4]
}

func (s space) Write32(bus, dev, fn uint8, off uint16, v uint32) {
	m := s[[3]uint8{bus, dev, fn}]
	if m == nil || off >= 256 {
		return
	}
	if off%4 != 0 {
		panic("unaligned write of configuration space")
	}
	m.writes = append(m.writes, off)
	keep := m.reg[off/4] &^ m.writable[off/4]
	if off == 4 {
		keep &^= v & 0xFFFF0000 // status clears where written as one
	}
	m.reg[off/4] = keep | v&m.writable[off/4]
}

func nic(bars ...uint32) *model {
	m := &model{}
	m.reg[0] = 0x10D38086
	m.reg[1] = 0x00100003
	m.writable[1] = 0x0407
	m.reg[2] = 0x02000003
	for i, mask := range bars {
		m.writable[4+i] = mask
	}
	return m
}

// open is the function at 0:0.0 of a space.
func open(t *testing.T, m *model) *Function {
	t.Helper()
	var found *Function
	Scan(space{{}: m}, func(f Function) bool { found = &f; return true })
	if found == nil {
		t.Fatal("Scan finds nothing")
	}
	return found
}

func TestIdentity(t *testing.T) {
	f := open(t, nic())
	if f.Vendor != 0x8086 || f.Device != 0x10D3 || f.Class != 0x020000 || f.HeaderType != 0 {
		t.Errorf("found %+v", f)
	}
}

func TestScanFindsEachFunctionOnce(t *testing.T) {
	many := nic()
	many.reg[3] = 0x80 << 16
	loop := bridge(0)
	s := space{
		{0, 0, 0}: nic(), {0, 0, 1}: nic(), // not multi-function: 0.1 is an alias
		{0, 3, 0}: many, {0, 3, 2}: nic(), {0, 3, 7}: nic(),
		{0, 4, 0}: bridge(5), {0, 5, 0}: bridge(5), {0, 6, 0}: loop, {0, 7, 0}: bridge(255),
		{5, 31, 0}: nic(), {5, 1, 0}: bridge(6), {6, 0, 0}: nic(), {6, 1, 0}: bridge(5),
		{255, 0, 0}: nic(),
		{9, 0, 0}:   bridge(8), {8, 2, 0}: nic(), // behind another host bridge
	}
	var got [][3]uint8
	Scan(s, func(f Function) bool {
		got = append(got, [3]uint8{f.Bus, f.Dev, f.Fn})
		return true
	})
	want := [][3]uint8{{0, 0, 0}, {0, 3, 0}, {0, 3, 2}, {0, 3, 7}, {0, 4, 0}, {0, 5, 0}, {0, 6, 0}, {0, 7, 0},
		{5, 1, 0}, {5, 31, 0}, {255, 0, 0}, {6, 0, 0}, {6, 1, 0}, {8, 2, 0}, {9, 0, 0}}
	if !slices.Equal(got, want) {
		t.Errorf("Scan visits\n%v, want\n%v", got, want)
	}
	got = nil
	ScanTree(s, 9, func(f Function) bool {
		got = append(got, [3]uint8{f.Bus, f.Dev, f.Fn})
		return true
	})
	if want := [][3]uint8{{9, 0, 0}, {8, 2, 0}}; !slices.Equal(got, want) {
		t.Errorf("ScanTree visits %v, want %v", got, want)
	}
	n := 0
	Scan(s, func(Function) bool { n++; return n < 3 })
	if n != 3 {
		t.Errorf("Scan goes on for %d functions after visit said stop at 3", n)
	}
}

func TestScanOfABusFullOfGarbageEnds(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	n := 0
	Scan(garbage{random}, func(f Function) bool {
		n++
		f.BAR(n % 7)
		f.Capabilities(func(uint8, uint16) bool { return true })
		return true
	})
	if n == 0 || n > 256*32*8 {
		t.Errorf("visited %d functions", n)
	}
	Scan(space{}, func(Function) bool { t.Error("a function on an empty bus"); return true })
}

type garbage struct{ *rand.Rand }

func (g garbage) Read32(bus, dev, fn uint8, off uint16) uint32     { return g.Uint32() }
func (g garbage) Write32(bus, dev, fn uint8, off uint16, v uint32) {}

func TestBAR(t *testing.T) {
	const none = 0
	for _, c := range []struct {
		name     string
		value    [2]uint32 // of BAR 2 and 3
		writable [2]uint32
		want     BAR
		err      error
	}{
		{"128 KiB of memory", [2]uint32{0xFEB00000}, [2]uint32{0xFFFE0000}, BAR{Mem32, 0xFEB00000, 128 << 10, false}, nil},
		{"16 bytes of memory", [2]uint32{0xFEB00010}, [2]uint32{0xFFFFFFF0}, BAR{Mem32, 0xFEB00010, 16, false}, nil},
		{"2 GiB of memory", [2]uint32{0x80000000}, [2]uint32{0x80000000}, BAR{Mem32, 1 << 31, 1 << 31, false}, nil},
		{"prefetchable memory", [2]uint32{0xFEB00008}, [2]uint32{0xFFFE0000}, BAR{Mem32, 0xFEB00000, 128 << 10, true}, nil},
		{"64-bit memory below 4 GiB", [2]uint32{0xFEB00004}, [2]uint32{0xFFFE0000, 0xFFFFFFFF}, BAR{Mem64, 0xFEB00000, 128 << 10, false}, nil},
		{"64-bit memory above 4 GiB", [2]uint32{0xC, 0x80}, [2]uint32{0xFFFE0000, 0xFFFFFFFF}, BAR{Mem64, 0x80 << 32, 128 << 10, true}, nil},
		{"8 GiB of memory", [2]uint32{0xC, 0x80}, [2]uint32{0, 0xFFFFFFFE}, BAR{Mem64, 0x80 << 32, 8 << 30, true}, nil},
		{"64 ports", [2]uint32{0xC041}, [2]uint32{0xFFFFFFC0}, BAR{IO, 0xC040, 64, false}, nil},
		{"64 ports, upper half hardwired", [2]uint32{0xC041}, [2]uint32{0xFFC0}, BAR{IO, 0xC040, 64, false}, nil},
		{"nothing", [2]uint32{}, [2]uint32{}, BAR{}, ErrNoBAR},
		{"all ones", [2]uint32{0xFFFFFFFF, 0xFFFFFFFF}, [2]uint32{}, BAR{}, ErrNoBAR},
		{"size without an address", [2]uint32{}, [2]uint32{0xFFFE0000}, BAR{}, ErrBadBAR},
		{"a type and no size", [2]uint32{0x4}, [2]uint32{}, BAR{}, ErrBadBAR},
		{"a size with holes", [2]uint32{0xFEB00000}, [2]uint32{0xFF0E0000}, BAR{}, ErrBadBAR},
		{"ports beyond 64 Ki", [2]uint32{0xFEB00001}, [2]uint32{0xFFFFFFC0}, BAR{}, ErrBadBAR},
		{"ports that do not fit in 64 Ki", [2]uint32{0x1}, [2]uint32{0}, BAR{}, ErrBadBAR},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := nic(0xFFFFF000, none, c.writable[0], c.writable[1])
			m.reg[4] = 0xFEA00000
			m.reg[6], m.reg[7] = c.value[0], c.value[1]
			before := m.reg
			f := open(t, m)
			m.onRead = func(off int) {
				if (off == 0x18 || off == 0x1C) && m.reg[off/4] != before[off/4] && m.reg[1]&3 != 0 {
					t.Error("probed with decoding on")
				}
			}
			got, err := f.BAR(2)
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("BAR gives %+v, %v, want %+v, %v", got, err, c.want, c.err)
			}
			if m.reg != before {
				t.Errorf("the probe left registers %x, were %x", m.reg, before)
			}
		})
	}
}

func TestThereIsNoSuchBAR(t *testing.T) {
	m := nic(0xFFFE0000, 0xFFFFFFFF, 0xFFFE0000)
	m.reg[4], m.reg[6] = 0xFEB00004, 0xFEA00000
	m.reg[9] = 4 // 64-bit, and no register after it
	m.writable[9] = 0xFFFE0000
	f := open(t, m)
	for i, want := range map[int]error{-1: ErrNoBAR, 0: nil, 1: ErrNoBAR, 2: nil, 3: ErrNoBAR, 5: ErrBadBAR, 6: ErrNoBAR} {
		if _, err := f.BAR(i); !errors.Is(err, want) {
			t.Errorf("BAR(%d) gives error %v, want %v", i, err, want)
		}
	}
	f.HeaderType = headerTypeBridge
	if _, err := f.BAR(2); !errors.Is(err, ErrNoBAR) {
		t.Errorf("BAR(2) of a bridge gives error %v", err)
	}
}

func TestCapabilities(t *testing.T) {
	for _, c := range []struct {
		name  string
		first uint32
		list  map[int]uint32
		want  []uint8
		err   error
	}{
		{"none", 0, nil, nil, nil},
		{"three", 0x40, map[int]uint32{0x40: 0x5001, 0x50: 0xFC05, 0xFC: 0x0010}, []uint8{1, 5, 16}, nil},
		{"reserved bits in the pointers", 0x43, map[int]uint32{0x40: 0x5201, 0x50: 0x0305}, []uint8{1, 5}, nil},
		{"one that points to itself", 0x40, map[int]uint32{0x40: 0x4001}, []uint8{1}, ErrBadCapabilities},
		{"a cycle of three", 0x40, map[int]uint32{0x40: 0x5001, 0x50: 0x6005, 0x60: 0x4009}, []uint8{1, 5, 9}, ErrBadCapabilities},
		{"one that points into the header", 0x40, map[int]uint32{0x40: 0x1001}, []uint8{1}, ErrBadCapabilities},
		{"a list that begins in the header", 0x3C, nil, nil, ErrBadCapabilities},
		{"all ones", 0x40, map[int]uint32{0x40: 0xFFFFFFFF}, nil, ErrBadCapabilities},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := nic()
			m.reg[0x34/4] = c.first
			for off, v := range c.list {
				m.reg[off/4] = v
			}
			var got []uint8
			err := open(t, m).Capabilities(func(id uint8, off uint16) bool { got = append(got, id); return true })
			if !slices.Equal(got, c.want) || !errors.Is(err, c.err) {
				t.Errorf("visits %v, error %v, want %v, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestCapabilitiesEndWhenTold(t *testing.T) {
	m := nic()
	m.reg[0x34/4], m.reg[0x40/4] = 0x40, 0x4001
	n := 0
	if err := open(t, m).Capabilities(func(uint8, uint16) bool { n++; return false }); n != 1 || err != nil {
		t.Errorf("visits %d, error %v", n, err)
	}
	m.reg[1] &^= statusCapabilities << 16
	if err := open(t, m).Capabilities(func(uint8, uint16) bool { n++; return true }); n != 1 || err != nil {
		t.Errorf("a function without the status bit: visits %d, error %v", n-1, err)
	}
}

func TestEveryCapabilityListThatFitsIsVisited(t *testing.T) {
	m := nic()
	m.reg[0x34/4] = 0x40
	for off := 0x40; off < 0x100; off += 4 {
		m.reg[off/4] = uint32(off+4)&0xFF<<8 | 9
	}
	n := 0
	if err := open(t, m).Capabilities(func(uint8, uint16) bool { n++; return true }); n != 48 || err != nil {
		t.Errorf("visits %d, error %v, want 48", n, err)
	}
}

func TestReadsAndWritesOfEveryWidth(t *testing.T) {
	m := nic()
	m.reg[0x40/4] = 0x44332211
	m.writable[0x40/4] = ^uint32(0)
	f := open(t, m)
	for i, want := range []uint8{0x11, 0x22, 0x33, 0x44} {
		if v := f.Read8(0x40 + uint16(i)); v != want {
			t.Errorf("Read8 at %d gives %#x, want %#x", i, v, want)
		}
	}
	if a, b := f.Read16(0x40), f.Read16(0x42); a != 0x2211 || b != 0x4433 {
		t.Errorf("Read16 gives %#x, %#x", a, b)
	}
	f.Write16(0x40, 0xAADD)
	f.Write16(0x42, 0xBBCC)
	if v := f.Read32(0x40); v != 0xBBCCAADD {
		t.Errorf("after Write16 %#x, want 0xbbccaadd", v)
	}
	f.Write32(0x40, 5)
	if v := f.Read32(0x40); v != 5 {
		t.Errorf("after Write32 %#x", v)
	}
	if v := f.Read32(0x1000); v != ^uint32(0) {
		t.Errorf("beyond the space %#x", v)
	}
	n := len(m.writes)
	f.Write32(0x1000, 1)
	if len(m.writes) != n {
		t.Error("a write beyond the space reached the function")
	}
}

func TestEnableLeavesTheStatusBitsAlone(t *testing.T) {
	m := nic()
	m.reg[1] = 0xF9100000
	f := open(t, m)
	f.Enable()
	if m.reg[1] != 0xF9100007 {
		t.Errorf("command and status are %#x, want 0xf9100007", m.reg[1])
	}
	f.DisableINTx()
	if m.reg[1] != 0xF9100407 {
		t.Errorf("command and status are %#x, want 0xf9100407", m.reg[1])
	}
	f.Quiet()
	if m.reg[1] != 0xF9100403 {
		t.Errorf("command and status are %#x, want 0xf9100403", m.reg[1])
	}
}

func TestRestore(t *testing.T) {
	m := nic(0xFFFE0000, 0xFFFFFFE1)
	m.reg[4], m.reg[5] = 0xFEB00000, 0xC041
	m.writable[5] = 0xFFFFFFC0
	m.reg[5] = 0xC041
	f := open(t, m)
	if f.Restore(); !f.Intact() || len(m.writes) != 0 {
		t.Error("Restore without Save wrote something")
	}
	f.Enable()
	f.Save()
	saved := m.reg
	for _, off := range []uint16{0x04, 0x10, 0x14} {
		for _, v := range []uint32{0, ^uint32(0), 0x5A5A5A5A} {
			f.Write32(off, v)
			if off == 0x04 && f.Intact() {
				t.Errorf("%#x written at %#x: still intact", v, off)
			}
			f.Restore()
			if !f.Intact() || m.reg[4] != saved[4] || m.reg[5] != saved[5] || uint16(m.reg[1]) != uint16(saved[1]) {
				t.Errorf("%#x written at %#x: restored to %x, want %x", v, off, m.reg[:8], saved[:8])
			}
		}
	}
	if n := testing.AllocsPerRun(10, func() { m.writes = m.writes[:0]; f.Restore(); f.Intact() }); n != 0 {
		t.Errorf("Restore allocates %v times", n)
	}
}
