package pci

import (
	"errors"
	"math/rand"
	"testing"
)

// fresh is a function that no firmware has seen, with these bits of its base address registers writable and these fixed.
func fresh(header uint8, bars ...uint32) *model {
	m := &model{}
	m.reg[0], m.writable[1] = 0x10D38086, 0x0407
	m.reg[3] = uint32(header) << 16
	for i, high := 0, false; i < len(bars); i++ {
		if high {
			m.writable[4+i] = bars[i]
			high = false
			continue
		}
		low := uint32(0xF)
		if bars[i]&barIO != 0 {
			low = 0x3
		}
		m.reg[4+i], m.writable[4+i] = bars[i]&low, bars[i]&^low
		high = low == 0xF && bars[i]&barTypeMask == barType64
	}
	return m
}

// freshBridge has windows for I/O of 16 bits and memory.
func freshBridge() *model {
	m := fresh(headerTypeBridge)
	m.writable[6] = 0xFFFFFFFF
	m.writable[7] = 0xF0F0
	m.writable[8] = 0xFFF0FFF0
	m.reg[9], m.writable[9] = 0x00010001, 0xFFF0FFF0
	m.writable[10], m.writable[11] = 0xFFFFFFFF, 0xFFFFFFFF
	m.writable[15] = 0x00FF00FF // bridge control, interrupt line
	return m
}

const (
	mem32 = 0x0 // low bits of a base address register
	io    = 0x1
	mem64 = 0x4
	pref  = 0x8
)

var virtWindows = []Window{{IO, 0, 0x10000}, {Mem32, 0x1000_0000, 0x2eff_0000}, {Mem64, 0x80_0000_0000, 0x80_0000_0000}}

func bars(t *testing.T, s space) map[[3]uint8][]BAR {
	t.Helper()
	found := map[[3]uint8][]BAR{}
	Scan(s, func(f Function) bool {
		for i := range f.registers() {
			if b, err := f.BAR(i); err == nil {
				at := [3]uint8{f.Bus, f.Dev, f.Fn}
				found[at] = append(found[at], b)
			}
		}
		return true
	})
	return found
}

func TestAssignPlacesEveryRegister(t *testing.T) {
	s := space{
		{0, 0, 0}: fresh(0),
		{0, 1, 0}: fresh(0, 0xFFFE0000|mem32, 0xFFFFFFC0|io, 0, 0xFFFFC000|mem32),
		{0, 2, 0}: fresh(0, 0xFFE0|io, 0xFFFFF000|mem32, 0, 0, 0xFFFFC000|mem64|pref, 0xFFFFFFFF),
		{0, 3, 0}: fresh(0, 0x00000000|mem64|pref, 0xFFFFFFF0), // 64 GiB
	}
	if Assigned(s, 0) {
		t.Error("somebody is said to have set registers that are all 0")
	}
	if err := Assign(s, 0, 255, virtWindows); err != nil {
		t.Fatal(err)
	}
	if !Assigned(s, 0) {
		t.Error("nobody is said to have set the registers")
	}
	found := bars(t, s)
	want := map[[3]uint8]int{{0, 1, 0}: 3, {0, 2, 0}: 3, {0, 3, 0}: 1}
	for at, n := range want {
		if len(found[at]) != n {
			t.Errorf("function %v has %d windows, want %d: %+v", at, len(found[at]), n, found[at])
		}
	}
	if b := found[[3]uint8{0, 3, 0}]; len(b) == 1 && (b[0].Size != 64<<30 || b[0].Base != 0x80_0000_0000) {
		t.Errorf("what is too large for the lower window lies at %#x, %#x bytes", b[0].Base, b[0].Size)
	}
	apart(t, found, virtWindows)
	if c := s[[3]uint8{0, 1, 0}].reg[1]; c&(commandIO|commandMemory) != 0 {
		t.Errorf("decoding is on behind it: command %#x", c)
	}
}

// apart checks that all lie in a window, and none on another.
func apart(t *testing.T, found map[[3]uint8][]BAR, windows []Window) {
	t.Helper()
	var all []BAR
	for _, list := range found {
		all = append(all, list...)
	}
	for i, b := range all {
		inside := false
		for _, w := range windows {
			inside = inside || (w.Kind == IO) == (b.Kind == IO) && b.Base >= w.Base && b.Base-w.Base+b.Size <= w.Size
		}
		if !inside {
			t.Errorf("%+v lies in no window", b)
		}
		for _, o := range all[:i] {
			if (o.Kind == IO) == (b.Kind == IO) && o.Base < b.Base+b.Size && b.Base < o.Base+o.Size {
				t.Errorf("%+v and %+v overlap", o, b)
			}
		}
	}
}

func TestAssignOpensBridges(t *testing.T) {
	s := space{
		{0, 1, 0}: fresh(0, 0xFFFE0000|mem32),
		{0, 2, 0}: freshBridge(),
		{0, 4, 0}: freshBridge(), // nothing behind it
		{1, 0, 0}: freshBridge(),
		{1, 1, 0}: fresh(0, 0xFFE0|io, 0xFFFFF000|mem32),
		{2, 3, 0}: fresh(0, 0xFFFF0000|mem64|pref, 0xFFFFFFFF, 0xFFFFFF80|io),
	}
	if err := Assign(s, 0, 255, virtWindows); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[[3]uint8]uint32{{0, 2, 0}: 0x020100, {1, 0, 0}: 0x020201, {0, 4, 0}: 0x030300} {
		if got := s[at].reg[6] & busNumbers; got != want {
			t.Errorf("bridge %v has buses %06x, want %06x", at, got, want)
		}
	}
	found := bars(t, s)
	apart(t, found, virtWindows)
	for at, through := range map[[3]uint8][][3]uint8{{1, 1, 0}: {{0, 2, 0}}, {2, 3, 0}: {{0, 2, 0}, {1, 0, 0}}} {
		if len(found[at]) != 2 {
			t.Errorf("function %v has %+v, want two windows", at, found[at])
		}
		for _, b := range found[at] {
			for _, bridge := range through {
				w := &s[bridge].reg
				from, to := uint64(w[8]&memoryWindowMask)<<16, uint64(w[8]>>16&memoryWindowMask)<<16|0xFFFFF
				if b.Kind == IO {
					from, to = uint64(w[7]&ioWindowMask)<<8, uint64(w[7]&0xF000)|0xFFF
				}
				if b.Base < from || b.Base+b.Size-1 > to {
					t.Errorf("bridge %v passes %#x to %#x on, not %+v of %v", bridge, from, to, b, at)
				}
			}
		}
	}
	if w := &s[[3]uint8{0, 4, 0}].reg; opens(w[8], 0, 0) || opens(w[9], w[10], w[11]) || w[7]&ioWindowMask <= w[7]>>8&ioWindowMask {
		t.Error("the bridge with nothing behind it is open")
	}
	if b := found[[3]uint8{0, 1, 0}]; len(b) != 1 || b[0].Base >= uint64(s[[3]uint8{0, 2, 0}].reg[8]&memoryWindowMask)<<16 {
		t.Errorf("%+v lies in the window of a bridge that does not lead to it", b)
	}
}

func TestAssignWithoutRoom(t *testing.T) {
	s := space{
		{0, 1, 0}: fresh(0, 0xFFFE0000|mem32, 0xFFFFFFC0|io),
		{0, 2, 0}: fresh(0, 0xF0000000|mem32),
		{0, 3, 0}: fresh(0, 0xFFFFF000|mem32),
		{0, 4, 0}: freshBridge(),
	}
	err := Assign(s, 0, 0, []Window{{Mem32, 0x1000_0000, 0x100_0000}, {Mem64, ^uint64(0) - 5, 10}})
	if !errors.Is(err, ErrNoRoom) {
		t.Errorf("the error is %v, want ErrNoRoom", err)
	}
	found := bars(t, s)
	if len(found[[3]uint8{0, 1, 0}]) != 1 || len(found[[3]uint8{0, 2, 0}]) != 0 || len(found[[3]uint8{0, 3, 0}]) != 1 {
		t.Errorf("windows %+v, want all but what does not fit", found)
	}
	if n := s[[3]uint8{0, 4, 0}].reg[6]; n != 0 {
		t.Errorf("a bridge for whose bus there is no number has %#x", n)
	}
}

func TestAssignOfGarbageEnds(t *testing.T) {
	for seed := range int64(20) {
		Assign(garbage{rand.New(rand.NewSource(seed))}, 0, 255, virtWindows)
	}
}
