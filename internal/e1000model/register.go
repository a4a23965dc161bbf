package e1000model

// Registers, SDM table 13-2.
const (
	ctrl    = 0x0000
	ctrlExt = 0x0018
	eeRST   = 1 << 13
	shadow  = 0x0004
	status  = 0x0008
	eecd    = 0x0010
	eerd    = 0x0014
	mdic    = 0x0020
	icr     = 0x00C0
	ics     = 0x00C8
	ims     = 0x00D0
	imc     = 0x00D8
	rctl    = 0x0100
	tctl    = 0x0400
	extcnf  = 0x0F00
	rdbal   = 0x2800
	rdbah   = 0x2804
	rdlen   = 0x2808
	rdh     = 0x2810
	rdt     = 0x2818
	tdbal   = 0x3800
	tdbah   = 0x3804
	tdlen   = 0x3808
	tdh     = 0x3810
	tdt     = 0x3818
	txdctl  = 0x3828
	tarc0   = 0x3840
	rxdctl  = 0x2828
	srrctl  = 0x280C
	ral     = 0x5400
	rah     = 0x5404
	ctrlRST = 1 << 26
	enable  = 1 << 1  // RCTL.EN, TCTL.EN
	queueOn = 1 << 25 // RXDCTL, TXDCTL
)

// What a register access and a look at the clock take, in nanoseconds.
const (
	accessTime = 500
	clockTime  = 200
	reloadTime = 3e6  // after a reset, for the EEPROM
	silentTime = 20e6 // after a reset, in which a chipset's registers are not read
	queuesTime = 3e6  // the same of 82575 and later
	drainTime  = 10e6 // after which what PCI was asked for has come
)

// Now is the clock for the driver; each look at it takes time, in which the
// device works.
func (d *Device) Now() int64 {
	d.advance(clockTime)
	return d.time
}

func (d *Device) advance(ns int64) {
	d.time += ns
	if d.reload != 0 && d.time >= d.reload && !d.EEPROMNever {
		d.reload = 0
		d.load()
	}
	d.transmit()
}

// powerOn is the state after reset, SDM 13.4, and starts the load of the EEPROM.
func (d *Device) powerOn() {
	firmware := d.reg[fwsm/4]
	clear(d.reg[:])
	d.reg[fwsm/4] = firmware
	d.tx = txState{}
	d.reg[ctrl/4] = 0x241
	if d.PinsTaken {
		d.reg[eecd/4] = pins
	}
	if d.Express && !d.Chipset && !d.Flashless {
		d.reg[eecd/4] |= flashThere
	}
	if d.Reloads && d.Express {
		d.reg[eecd/4] |= flashType
	}
	if !d.Queues {
		d.reg[rxdctl/4] = 0x01010000
	}
	if d.Express && !d.Queues {
		d.reg[tarc0/4] = 0x403
		d.reg[0x3940/4] = 0x403
	}
	for off, v := range d.AfterReset {
		d.reg[off/4] |= v
	}
	d.reload = d.time + reloadTime
}

// load puts the address into RAL and RAH, SDM 13.5.2.
func (d *Device) load() {
	if !d.Chipset && !d.Deaf {
		d.reg[eecd/4] |= 1 << 9
	}
	if !d.NoAddress && !d.PinsTaken {
		d.reg[ral/4] = uint32(EEPROM[0]) | uint32(EEPROM[1])<<16
		d.reg[rah/4] = uint32(EEPROM[2]) | 1<<31
	}
}

func (d *Device) access() {
	d.Accesses++
	if d.OnAccess != nil {
		d.OnAccess(d.Accesses)
	}
	if d.time < d.silent {
		d.complain("register access %d is in the silence after a reset", d.Accesses)
	}
	d.advance(accessTime)
}

// Get and Set look at a register without time passing.
func (d *Device) Get(off uint32) uint32 { return d.reg[off/4] }

// Set is for a test that corrupts a register.
func (d *Device) Set(off, v uint32) { d.reg[off/4] = v }

// Elapse lets time pass, in nanoseconds.
func (d *Device) Elapse(ns int64) {
	d.arrive()
	d.advance(ns)
}

// answers tells whether an access of BAR 0 reaches the device.
func (d *Device) answers() bool {
	return !d.AllOnes && d.command&2 != 0 && d.bars[0] == base && d.power == 0
}

// Read32 implements reg.Space.
func (d *Device) Read32(off uint32) uint32 {
	d.access()
	d.arrive()
	d.burst = 0
	switch {
	case !d.answers():
		return ^uint32(0)
	case off >= registerRoom:
		return d.readFar(off)
	case d.RandomReads:
		return d.rand.Uint32()
	}
	v := d.reg[off/4]
	switch off {
	case ctrl:
		if d.resets != 0 {
			if d.resets > 0 {
				d.resets--
			}
			v |= ctrlRST
		}
		if d.Reserves {
			v &^= 0xF8
		}
	case status:
		v = v&(1<<9|1<<10) | 0x81
		if d.Chipset {
			v = v&^0xC0 | d.phy.speed()
		}
		if d.Speed != 0 {
			v = v&^0x81 | d.Speed&0xC1
		}
		if d.linked() {
			v |= 2
		}
		if d.Express && (d.reg[ctrl/4]&4 == 0 || d.MasterStays) {
			v |= 1 << 19
		}
	case eerd:
		if !d.Chipset {
			v = d.readEEPROM(v)
		}
	case swsm, sync, extcnf:
		v = d.readSemaphore(off, v)
	case fwsm:
		v = d.readFirmware(v)
	case manc:
		if d.FirmwareBlocksReset {
			v |= 1 << 18
		}
	case txdctl, rxdctl:
		if d.QueueNever && d.Queues {
			v &^= queueOn
		}
	case icr:
		v = d.readCauses()
	case imc, ics:
		v = 0
	}
	return v
}

// Write32 implements reg.Space.
func (d *Device) Write32(off, v uint32) {
	d.access()
	d.Writes++
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
	if !d.answers() {
		return
	}
	if off >= registerRoom {
		d.writeFar(off, v)
		return
	}
	d.check(off, v)
	if burst := d.burst; d.Shadow {
		d.burst = off + 4
		if off == burst && off&4 != 0 {
			return // 82546GB Specification Update, June 2006, erratum 15
		}
	}
	switch off {
	case shadow:
		if d.Shadow && v&ctrlRST != 0 {
			d.powerOn()
			d.resets = d.ResetReads
		}
	case ctrl:
		if v&ctrlRST != 0 {
			v &^= ctrlRST
			if d.Shadow {
				d.complain("CTRL.RST is not written where it counts")
				break
			}
			if d.Hangs && d.holding {
				d.hung = true
			}
			if !d.IgnoresReset {
				d.powerOn()
				if d.Reloads {
					d.reload = 0
				}
			}
			d.phy.unheard = d.Deaf
			switch {
			case d.Chipset:
				d.silent = d.time + silentTime
			case d.Queues && !d.Deaf:
				d.silent = d.time + queuesTime
			}
			d.resets = d.ResetReads
		}
		d.controlPHY(d.reg[ctrl/4], v)
		d.reg[ctrl/4] = v
	case ctrlExt:
		if v&eeRST != 0 && !d.IgnoresReset {
			d.reload = d.time + reloadTime
		}
		d.reg[off/4] = v &^ eeRST
	case status:
		d.reg[off/4] &= v // the bits that can be cleared
	case icr, ics, ims, imc:
		d.writeCauses(off, v)
	case tdh, rdh, tdt, rdt:
		if off == tdt && d.off(txdctl) || off == rdt && d.off(rxdctl) {
			return // a tail counts from when its queue is on
		}
		d.reg[off/4] = v & 0xFFFF
		d.holding = d.holding || off == tdt && d.reg[tdh/4] != d.reg[tdt/4]
		d.transmit()
	case tctl:
		if v&enable == 0 && d.reg[off/4]&enable != 0 {
			d.stopped = d.time
		}
		d.reg[off/4] = v
		d.transmit()
	case rctl:
		d.reg[off/4] = v
		if d.IgnoresReset && !d.Express {
			d.blocked = d.time + 1e9
		}
	case mdic:
		d.writePHY(v)
	case swsm, sync, extcnf:
		d.writeSemaphore(off, v)
	default:
		d.reg[off/4] = v
	}
}

// off tells whether a queue, if there are any, is off.
func (d *Device) off(control uint32) bool {
	return d.Queues && (d.reg[control/4]&queueOn == 0 || d.QueueNever)
}

// check holds the driver to the manual.
func (d *Device) check(off, v uint32) {
	length, head := d.reg[tdlen/4]/16, d.reg[tdh/4]
	if d.Chipset && (off >= 0x28 && off <= 0x30 || off >= 0x5280 && off < 0x5400 || off >= 0x5408 && off < 0x5600) {
		d.complain("register %#x of a chipset, which is not the driver's, is written", off)
	}
	switch off {
	case tdlen, rdlen:
		if v%128 != 0 {
			d.complain("ring length %d is no multiple of 128 (SDM 13.4.38)", v)
		}
	case rdbal:
		on := d.reg[rctl/4]&enable != 0
		if on && (d.Express || d.reg[rdh/4] != d.reg[rdt/4]) {
			d.complain("RDBAL written with the receiver on")
		}
		if v%16 != 0 {
			d.complain("ring at %#x is not aligned (SDM 13.4.25)", v)
		}
	case tdbal:
		if v%16 != 0 {
			d.complain("ring at %#x is not aligned (SDM 13.4.36)", v)
		}
	case tdt:
		if d.reg[tctl/4]&enable != 0 && v >= length {
			d.complain("TDT %d in a ring of %d", v, length)
		}
	case tdh:
		if d.reg[tctl/4]&enable != 0 && v != head {
			d.complain("TDH written while the transmitter is on (SDM 13.4.39)")
		}
	case rdt:
		if d.reg[rctl/4]&enable != 0 && v != 0 && v >= d.reg[rdlen/4]/16 {
			d.complain("RDT %d in a ring of %d", v, d.reg[rdlen/4]/16)
		}
	case ral:
		if d.reload != 0 && !d.EEPROMNever && !d.IgnoresReset {
			d.complain("RAL written while the device reads its EEPROM")
		}
	case ctrl, shadow:
		if v&ctrlRST != 0 && !d.Express && d.stopped != 0 && d.time < d.stopped+drainTime {
			d.complain("reset %d ns after the transmitter was on", d.time-d.stopped)
		}
		if v&ctrlRST != 0 && d.Express {
			if d.Semaphore == MDIO && d.reg[extcnf/4]&(1<<5) == 0 && !d.keepsPHY() {
				d.complain("reset without ownership of MDIO")
			}
			if d.reg[ctrl/4]&4 == 0 || v&4 == 0 {
				d.complain("reset with GIO master requests enabled")
			}
		}
	}
}

// readEEPROM answers EERD, SDM 13.4.4.
func (d *Device) readEEPROM(v uint32) uint32 {
	if v&1 == 0 || d.EEPROMNever || d.reg[eecd/4]&pins != 0 && d.PinsTaken {
		return v &^ (1<<1 | 1<<4)
	}
	n, done := v>>8&0xFF, uint32(1<<4)
	if d.AutoRead {
		n, done = v>>2&0x3FFF, 1<<1
	}
	if int(n) < len(EEPROM) && !d.NoAddress {
		return v&0xFFFF | done | uint32(EEPROM[n])<<16
	}
	return v&0xFFFF | done
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
	d.complain("narrow access of register %#x (SDM 13.1)", off)
	return ^uint32(0)
}
