package pci

import "errors"

// ErrNoRoom means that the host bridge's windows do not hold all that the functions want.
var ErrNoRoom = errors.New("pci: no room for a base address register")

// A Window is a range of addresses on the bus that a host bridge passes on: Base and Size are in bytes. Mem32
// is below 4 GiB, Mem64 may be anywhere.
type Window struct {
	Kind       Kind
	Base, Size uint64
}

const (
	// Addresses that are not handed out: a register that holds 0 looks as if nobody had set it.
	leastIO     = 0x1000
	leastMemory = 0x1_0000

	ioWindowUnit     = 1 << 12 // of a bridge (BR 3.2.5.6)
	memoryWindowUnit = 1 << 20 // BR 3.2.5.8
	ioWindow32Bits   = 1       // BR 3.2.5.6
	ioWindowTypeMask = 0x0F
)

// Assigned tells whether somebody, firmware, has set base address registers on a bus.
func Assigned(cfg Config, bus uint8) (found bool) {
	eachOn(cfg, behind{bus: bus}, func(f *Function) {
		for i := range f.registers() {
			v := f.Read32(regBAR0 + 4*uint16(i))
			found = found || v != ^uint32(0) && (v&barIO != 0 && v&barIOMask != 0 || v&barIO == 0 && v&barMemMask != 0)
		}
	})
	return found
}

// Assign does what firmware would: it numbers the buses behind bridges, from first up to last, and gives every base address
// register a place in the windows, and bridges the windows that this takes. What behind a bridge is memory lies below
// 4 GiB. Decoding stays off (Enable). ErrNoRoom is of what did not fit, and has no place; all else has.
func Assign(cfg Config, first, last uint8, windows []Window) error {
	a := assignment{cfg: cfg, next: first, last: last}
	for _, w := range windows {
		if w.Size == 0 || w.Base+(w.Size-1) < w.Base {
			continue
		}
		least := uint64(leastMemory)
		if w.Kind == IO {
			least = leastIO
		}
		r := &a.room[w.Kind]
		if start, end := max(w.Base, least), w.Base+(w.Size-1); start <= end && end-start > r.end-r.next {
			r.next, r.end = start, end
		}
	}
	a.bus(behind{bus: first})
	return a.err
}

// An assignment is under way.
type assignment struct {
	cfg  Config
	next uint8   // the highest bus number so far
	last uint8   // that there may be
	room [3]room // by Kind
	err  error
}

// room is what is left of a window: from next to end, its last byte. Without one next is behind end.
type room struct{ next, end uint64 }

// take cuts size bytes off, a power of two, which are aligned to that.
func (s *room) take(size uint64) (base uint64, ok bool) {
	base = (s.next + size - 1) &^ (size - 1)
	if s.end == 0 || base < s.next || base > s.end || size-1 > s.end-base {
		return 0, false
	}
	s.next = base + size
	return base, s.next != 0
}

func (a *assignment) bus(b behind) {
	eachOn(a.cfg, b, func(f *Function) {
		for i := 0; i < f.registers(); {
			i += a.register(f, i, b.bridge == nil)
		}
	})
	eachOn(a.cfg, b, func(f *Function) {
		if f.HeaderType == headerTypeBridge {
			a.bridge(f)
		}
	})
}

// register places base address register i, and returns how many registers that was.
func (a *assignment) register(f *Function, i int, root bool) int {
	off := regBAR0 + 4*uint16(i)
	low, writable := f.probe(i)
	if low&barIO != 0 {
		mask := writable & barIOMask
		if mask != 0 && mask>>16 == 0 {
			mask |= 0xFFFF0000 // LB 6.2.5.1
		}
		if mask != 0 {
			base, ok := a.room[IO].take(uint64(-mask))
			a.failed(ok)
			f.Write32(off, uint32(base))
		}
		return 1
	}
	mask, wide := uint64(writable&barMemMask), low&barTypeMask == barType64 && i+1 < f.registers()
	registers := 1
	if wide {
		_, high := f.probe(i + 1)
		mask |= uint64(high) << 32
		registers = 2
	} else if mask != 0 {
		mask |= 0xFFFFFFFF << 32
	}
	size := -mask
	if size == 0 || size&(size-1) != 0 {
		return registers
	}
	base, ok := a.room[Mem32].take(size)
	if !ok && wide && root {
		base, ok = a.room[Mem64].take(size)
	}
	a.failed(ok)
	f.Write32(off, uint32(base))
	if wide {
		f.Write32(off+4, uint32(base>>32))
	}
	return registers
}

func (a *assignment) failed(ok bool) {
	if !ok {
		a.err = ErrNoRoom
	}
}

// bridge numbers the bus behind a bridge, places what is there, and opens the bridge's windows for it. The window
// for prefetchable memory stays closed: such memory may lie in the other one (BR 3.2.5.9).
func (a *assignment) bridge(f *Function) {
	if a.next >= a.last {
		a.err = ErrNoRoom
		return
	}
	a.next++
	secondary := a.next
	timer := f.Read32(regBuses) &^ busNumbers
	f.Write32(regBuses, timer|uint32(a.last)<<16|uint32(secondary)<<8|uint32(f.Bus))
	if control := f.Read16(regBridgeControl); control&bridgeReset != 0 {
		f.Write16(regBridgeControl, control&^bridgeReset)
	}
	io, memory := a.room[IO], a.room[Mem32]
	a.room[IO].align(ioWindowUnit)
	a.room[Mem32].align(memoryWindowUnit)
	startIO, startMemory := a.room[IO].next, a.room[Mem32].next
	a.bus(behind{secondary, f})
	f.Write32(regBuses, timer|uint32(a.next)<<16|uint32(secondary)<<8|uint32(f.Bus))

	closed := uint32(memoryWindowMask)
	f.Write32(regPrefetchableBase, ^uint32(0))
	f.Write32(regPrefetchableLimit, 0)
	f.Write32(regPrefetchableWindow, closed)
	if a.room[Mem32].next == startMemory {
		a.room[Mem32] = memory
		f.Write32(regMemoryWindow, closed)
	} else {
		a.room[Mem32].align(memoryWindowUnit)
		limit := uint32(a.room[Mem32].next-1) >> 16
		f.Write32(regMemoryWindow, limit<<16&(memoryWindowMask<<16)|uint32(startMemory)>>16&memoryWindowMask)
	}
	// The upper half of this register is a status that clears where it is written as one (BR 3.2.5.7).
	window := f.Read32(regIOWindow)
	if a.room[IO].next == startIO || window&ioWindowTypeMask != ioWindow32Bits && a.room[IO].next > ioLimit {
		a.room[IO] = io
		f.Write32(regIOWindowUpper, 0xFFFF)
		f.Write32(regIOWindow, ioWindowMask)
		return
	}
	a.room[IO].align(ioWindowUnit)
	limit := a.room[IO].next - 1
	f.Write32(regIOWindowUpper, uint32(limit)&0xFFFF0000|uint32(startIO)>>16)
	f.Write32(regIOWindow, uint32(limit)&0xF000|uint32(startIO)>>8&ioWindowMask)
}

// align goes on at a multiple of unit.
func (s *room) align(unit uint64) {
	if next := (s.next + unit - 1) &^ (unit - 1); next >= s.next && s.end != 0 {
		s.next = next
	}
}

// registers is how many base address registers there are.
func (f *Function) registers() int {
	if f.HeaderType == headerTypeBridge {
		return barsBridge
	}
	return barsDevice
}

// eachOn visits the devices and bridges of one bus.
func eachOn(cfg Config, b behind, visit func(f *Function)) {
	for dev := range b.devices() {
		for fn := range uint8(functionsPerDevice) {
			f, multi, ok := identify(cfg, b.bus, dev, fn)
			if ok && f.HeaderType <= headerTypeBridge {
				visit(&f)
			}
			if fn == 0 && !multi {
				break
			}
		}
	}
}
