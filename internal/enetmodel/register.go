package enetmodel

// Registers, RM 22.5.
const (
	eir   = 0x004
	eimr  = 0x008
	rdar  = 0x010
	tdar  = 0x014
	ecr   = 0x024
	mmfr  = 0x040
	mscr  = 0x044
	mibc  = 0x064
	rcr   = 0x084
	tcr   = 0x0C4
	palr  = 0x0E4
	paur  = 0x0E8
	opd   = 0x0EC
	iaur  = 0x118
	ialr  = 0x11C
	gaur  = 0x120
	galr  = 0x124
	tfwr  = 0x144
	rdsr  = 0x180
	tdsr  = 0x184
	mrbr  = 0x188
	ftrl  = 0x1B0
	ready = 1 << 24 // RDAR, TDAR

	ecrReset   = 1 << 0
	ecrEnable  = 1 << 1
	ecrEN1588  = 1 << 5
	ecrSwap    = 1 << 8
	ecrDefault = 0xF0000000
)

// What a register access and a look at the clock take, in nanoseconds.
const (
	accessTime = 500
	clockTime  = 200
)

// Now is the clock for the driver; each look at it takes time, in which the
// device works.
func (d *Device) Now() int64 {
	d.advance(clockTime)
	return d.time
}

func (d *Device) advance(ns int64) {
	d.time += ns
	d.drain()
	d.transmit()
	d.managePHY()
}

// powerOn is the state after reset, RM 22.5.
func (d *Device) powerOn() {
	clear(d.reg[:])
	if d.tx.inFIFO() {
		d.complain("reset with a frame in the FIFO")
	}
	d.tx = txState{}
	d.rxAt = 0
	d.reg[ecr/4] = ecrDefault
	d.reg[mibc/4] = 0xC0000000
	d.reg[rcr/4] = 0x05EE0001
	d.reg[ftrl/4] = 0x7FF
	if d.QEMU {
		d.reg[palr/4] = uint32(Address[0])<<24 | uint32(Address[1])<<16 | uint32(Address[2])<<8 | uint32(Address[3])
		d.reg[paur/4] = uint32(Address[4])<<24 | uint32(Address[5])<<16
	}
	d.reg[paur/4] |= 0x8808
}

func (d *Device) access() {
	d.Accesses++
	if d.OnAccess != nil {
		d.OnAccess(d.Accesses)
	}
	d.advance(accessTime)
}

// Get and Set look at a register without time passing.
func (d *Device) Get(off uint32) uint32 { return d.reg[off/4] }

// Set is for a test that corrupts a register; it has the effect of a write.
func (d *Device) Set(off, v uint32) {
	complaints := d.Complaints
	d.write(off, v)
	d.Complaints = complaints
}

// Elapse lets time pass, in nanoseconds.
func (d *Device) Elapse(ns int64) {
	d.arrive()
	d.advance(ns)
}

// Read32 implements reg.Space.
func (d *Device) Read32(off uint32) uint32 {
	d.access()
	d.arrive()
	switch {
	case d.AllOnes || off >= registerRoom:
		return ^uint32(0)
	case d.RandomReads:
		return d.rand.Uint32()
	}
	v := d.reg[off/4]
	if off == ecr && d.resets != 0 {
		if d.resets > 0 {
			d.resets--
		}
		v |= ecrReset
	}
	return v
}

// Write32 implements reg.Space.
func (d *Device) Write32(off, v uint32) {
	d.access()
	d.Writes++
	if d.AllOnes || off >= registerRoom {
		return
	}
	d.check(off, v)
	if d.Posted {
		d.posted = append(d.posted, posted{off, v})
		return
	}
	d.write(off, v)
}

// posted is a write that has not arrived.
type posted struct{ off, v uint32 }

func (d *Device) arrive() {
	for _, w := range d.posted {
		d.write(w.off, w.v)
	}
	d.posted = nil
}

func (d *Device) write(off, v uint32) {
	enabled := d.reg[ecr/4]&ecrEnable != 0
	switch off {
	case eir:
		d.reg[eir/4] &^= v
	case rdar:
		d.reg[rdar/4] = 0
		if enabled {
			d.reg[rdar/4] = ready
		}
	case tdar:
		switch {
		case d.SleepyTDAR > 0:
			d.SleepyTDAR--
		case enabled:
			d.reg[tdar/4] = ready
			d.transmit()
		}
	case ecr:
		d.writeECR(v)
	case mmfr:
		d.reg[mmfr/4] = v
		if d.reg[mscr/4]&0x7E != 0 {
			d.startPHY(v)
		}
	case mscr:
		if d.reg[mscr/4]&0x7E == 0 && v&0x7E != 0 && d.reg[mmfr/4] != 0 {
			d.startPHY(d.reg[mmfr/4])
		}
		d.reg[mscr/4] = v & 0x77E
	case rcr:
		if d.QEMU {
			v &= 0x07FF003F
		}
		d.reg[rcr/4] = v
	case tcr:
		d.reg[tcr/4] = v & 0x3FF
	case mibc:
		d.reg[mibc/4] = v&(1<<31)>>1 | v&(1<<31)
	case paur:
		d.reg[paur/4] = v&0xFFFF0000 | 0x8808
	case opd:
		d.reg[opd/4] = v&0xFFFF | 0x10000
	case iaur, ialr, gaur, galr:
		if !d.QEMU {
			d.reg[off/4] = v
		}
	case tfwr:
		d.reg[tfwr/4] = v & 0x13F
	case rdsr:
		d.reg[rdsr/4] = v &^ 7
		d.rxAt = v &^ 7
	case tdsr:
		d.reg[tdsr/4] = v &^ 7
		d.tx.at = v &^ 7
	case mrbr:
		d.reg[mrbr/4] = v & 0x3FF0
	default:
		d.reg[off/4] = v
	}
	d.line()
}

func (d *Device) writeECR(v uint32) {
	if v&ecrReset != 0 {
		d.powerOn()
		d.resets = d.ResetReads
		return
	}
	d.reg[ecr/4] = v | ecrDefault
	if v&ecrEnable == 0 { // the rings begin anew, and what is being sent is cut off
		if d.tx.inFIFO() {
			d.complain("disabled with a frame in the FIFO")
		}
		d.reg[rdar/4], d.reg[tdar/4] = 0, 0
		d.rxAt, d.tx.at, d.tx.due = d.reg[rdsr/4], d.reg[tdsr/4], 0
	}
}

// check holds the driver to the manual.
func (d *Device) check(off, v uint32) {
	switch off {
	case rdsr, tdsr:
		if v%64 != 0 {
			d.complain("ring at %#x is not aligned", v)
		}
		fallthrough
	case rcr, tcr, mrbr, tfwr, palr, paur, gaur, galr:
		if d.reg[ecr/4]&ecrEnable != 0 {
			d.complain("register %#x written while the MAC is enabled (RM 22.6)", off)
		}
	case tdar:
		if d.reg[tdar/4]&ready != 0 {
			d.complain("TDAR written while it is set (ERR007885)")
		}
	case mmfr:
		if d.phy.busy {
			d.complain("MMFR written in the middle of a frame (RM 22.5)")
		}
	}
	if off == ecr && v&(ecrEnable|ecrSwap|ecrEN1588) == ecrEnable {
		d.complain("descriptors are big-endian without DBSWP (RM 22.5)")
	}
}

// The narrow accesses are not for this device: its registers are 32 bits wide.

// Read8 implements reg.Space.
func (d *Device) Read8(off uint32) uint8 { return uint8(d.narrow(off)) }

// Read16 implements reg.Space.
func (d *Device) Read16(off uint32) uint16 { return uint16(d.narrow(off)) }

// Write8 implements reg.Space.
func (d *Device) Write8(off uint32, v uint8) { d.narrow(off) }

// Write16 implements reg.Space.
func (d *Device) Write16(off uint32, v uint16) { d.narrow(off) }

func (d *Device) narrow(off uint32) uint32 {
	d.complain("narrow access of register %#x (RM 22.5)", off)
	return ^uint32(0)
}
