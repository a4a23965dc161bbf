package e1000model

// phy is the PHY, which has registers, power and a link of its own.
type phy struct {
	bmcr    uint32
	page    uint32
	upAt    int64 // when the link is negotiated
	unheard bool  // there is a link that the MAC does not hear of
	absent  bool  // it does not answer before a reset, or its power was off and on
	ulp     uint32
	smbus   uint32

	paged  [pagedRegisters]uint32 // those of pages that keep what is written
	rate   uint32                 // STATUS.SPEED of the link
	pageGS uint32                 // the page of I210's PHY
	slow   int                    // how often its clock has to be started anew until it is right
}

// What is kept of a chipset's PHY, by page and register.
const (
	paged0   = iota // 0, 25: OEM bits
	paged770        // 770, 17: power management
	pagedK1         // 770, 21: timeouts
	paged772        // 772, 28: clock gate
	paged776        // 776, 20: gap
	pagedRegisters
)

var pagedAt = [pagedRegisters][2]uint32{{0, 25}, {770, 17}, {770, 21}, {772, 28}, {776, 20}}

// Bits of the OEM bits, Intel I217 Datasheet 2.0, table 64.
const (
	oemSlowest    = 1 << 2
	oemNoThousand = 1 << 6
	oemNegotiate  = 1 << 10
)

// Page looks at a register of a chipset's PHY, and SetPage is what somebody left there.
func (d *Device) Page(page, register uint32) uint32 { return *d.phy.at(page, register) }

// SetPage puts a value there; the link is what was negotiated with it.
func (d *Device) SetPage(page, register, v uint32) {
	*d.phy.at(page, register) = v
	d.phy.resolve()
}

func (p *phy) at(page, register uint32) *uint32 {
	for i, at := range pagedAt {
		if at == [2]uint32{page, register} {
			return &p.paged[i]
		}
	}
	return nil
}

// resolve is what the link's speed becomes.
func (p *phy) resolve() {
	switch oem := p.paged[paged0]; {
	case oem&oemSlowest != 0:
		p.rate = 0
	case oem&oemNoThousand != 0:
		p.rate = 1 << 6
	default:
		p.rate = 2 << 6
	}
}

// speed is STATUS.SPEED.
func (p *phy) speed() uint32 { return p.rate }

// SlowClock makes the clock of I210 slow until it is started anew so often.
func (d *Device) SlowClock(times int) { d.phy.slow = times }

// Bits of BMCR, IEEE 802.3 22.2.4.1, and what it is after a reset.
const (
	bmcrRestart  = 1 << 9
	bmcrOff      = 1<<10 | 1<<11
	bmcrAutoneg  = 1 << 12
	bmcrLoopback = 1 << 14
	bmcrReset    = 0x1140
)

// Bits of the register of the ultra low power state.
const (
	ulpStart  = 1 << 0
	ulpSticky = 1 << 4
)

// SetBMCR puts the PHY's control register into a state that somebody left.
func (d *Device) SetBMCR(v uint32) { d.phy.bmcr = v }

// BMCR is the PHY's control register.
func (d *Device) BMCR() uint32 { return d.phy.bmcr }

// Sleep puts the PHY into the ultra low power state, and, if it listens to SMBus only, off
// MDIO.
func (d *Device) Sleep(smbus bool) {
	d.phy.ulp = ulpSticky
	if smbus {
		d.phy.smbus = 1
	}
}

// Vanish makes the PHY answer nothing before it is reset.
func (d *Device) Vanish() { d.phy.absent = true }

// linked tells whether there is a link.
func (d *Device) linked() bool {
	p := &d.phy
	return !d.LinkDown && !p.unheard && !p.absent && p.slow == 0 && p.ulp&ulpSticky == 0 && p.bmcr&bmcrOff == 0 && p.bmcr&bmcrAutoneg != 0 && d.time >= p.upAt
}

// negotiate begins anew.
func (d *Device) negotiate() {
	d.Negotiations++
	d.phy.upAt = d.time + d.LinkTime
	d.phy.unheard = false
	d.phy.resolve()
}

// controlPHY is a write of CTRL: the PHY's reset, and the chipset's switch of its power.
func (d *Device) controlPHY(old, v uint32) {
	const reset, override, value = 1 << 31, 1 << 16, 1 << 17
	if d.FirmwareBlocksReset && (v&reset != 0 || d.Chipset && v&override != 0) {
		d.complain("the PHY is reset although its firmware forbids it")
		return
	}
	if old&reset != 0 && v&reset == 0 {
		// One that a chipset's firmware has switched off comes back with power alone.
		d.phy = phy{bmcr: bmcrReset, ulp: d.phy.ulp, absent: d.Chipset && d.phy.absent, smbus: d.phy.smbus, slow: d.phy.slow}
		d.reg[eemngctl/4] |= 1 << 18
		d.reg[status/4] |= 1<<9 | 1<<10
		d.negotiate()
	}
	if d.Chipset && old&(override|value) == override && v&override == 0 {
		d.phy = phy{bmcr: bmcrReset, ulp: d.phy.ulp}
		d.reg[0x18/4] |= 1 << 2
		d.negotiate()
	}
}

// writePHY takes a command for MDIO, SDM 13.4.7.
func (d *Device) writePHY(v uint32) {
	const ready, failed = 1 << 28, 1 << 30
	if d.keepsPHY() {
		d.reg[mdic/4] = v &^ ready
		return
	}
	if d.Semaphore != Unshared && !d.owned() && !d.IgnoresReset {
		d.complain("MDIC used without the semaphore")
	}
	v |= ready
	if !d.transfer(&v) {
		v |= failed
	}
	d.reg[mdic/4] = v
}

// transfer does what the command says, and tells whether the PHY answered.
func (d *Device) transfer(v *uint32) bool {
	p := &d.phy
	address, register, write := *v>>21&31, *v>>16&31, *v>>26&3 == 1
	main := uint32(1)
	switch {
	case d.Chipset:
		main = 2
	case d.ID == I225.ID:
		main = 0
	}
	if d.MDIOErrors > 0 {
		d.MDIOErrors--
		return false
	}
	if p.absent || d.PHYErrors || p.smbus&1 != 0 && d.reg[0x18/4]&(1<<11) == 0 {
		return false
	}
	var at *uint32
	switch {
	case address == main && register == 0:
		at = &p.bmcr
	case address == main && register == 1:
		status := uint32(0x7949)
		if d.linked() || p.unheard {
			status |= 1 << 2
		}
		at = &status
	case d.Chipset && address == 1 && register == 31:
		at = &p.page
	case !d.Chipset && address == main && register == 22:
		at = &p.pageGS
	case !d.Chipset && address == main && p.pageGS == 0xFC && register == 14:
		clock := uint32(0x1205)
		if p.slow != 0 {
			clock = 0x12FF
		}
		at = &clock
	case d.Chipset && address == 1 && p.at(p.page>>5, register) != nil:
		at = p.at(p.page>>5, register)
	case d.Chipset && address == 1 && p.page == 769<<5 && register == 23:
		at = &p.smbus
	case d.Chipset && address == 1 && p.page == 779<<5 && register == 16:
		at = &p.ulp
	default:
		return false
	}
	if !write {
		*v = *v&^0xFFFF | *at
		return true
	}
	*at = *v & 0xFFFF
	switch at {
	case &p.bmcr:
		d.tx.loopback = p.bmcr&bmcrLoopback != 0
		if p.bmcr&bmcrRestart != 0 {
			p.bmcr &^= bmcrRestart
			d.negotiate()
		}
	case &p.paged[paged0]:
		if *at&oemNegotiate != 0 {
			*at &^= oemNegotiate
			d.negotiate()
		}
	case &p.ulp:
		if p.ulp&ulpStart != 0 && p.ulp&ulpSticky == 0 {
			d.negotiate()
		}
	}
	return true
}
