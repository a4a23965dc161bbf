package e1000

// What the PHY beside a chipset's MAC has to be told: how fast it may be, how long the MAC takes to wake, and what goes
// with the link's speed. It forgets some of that whenever the machine is reset, and nothing but a driver tells it anew. I217DS is
// Intel's I217 Datasheet 2.0, I219DS the I219 Datasheet of May 2015. Registers and values that neither has are from
// Linux, e1000e/ich8lan.c.
const (
	regPHYCTRL          = 0x0F10 // I217DS 11.1.2.2.19
	phyCtrlSlowest      = 1 << 1 // LPLU in D0a
	phyCtrlNoThousand   = 1 << 6 // Global GbE Disable
	pageOEM             = 0      // I217DS table 64, I219DS 9.5.8.2
	phyOEM              = 25
	oemSlowest          = 1 << 2 // rev_aneg: the slowest speed first
	oemNoThousand       = 1 << 6 // a1000_dis
	oemNegotiate        = 1 << 10
	pageTimeouts        = 770 // I217DS table 53, I219DS 9.5.5.5
	phyTimeouts         = 21
	timeoutsK1Exit      = 0x3F << 6 // in 80 ns
	timeoutsK1ExitLong  = 0x3C << 6
	pageClockGate       = 772 // I217_PLL_CLOCK_GATE_REG
	phyClockGate        = 28
	clockGate           = 0x7FF
	clockGateThousand   = 0xFA
	clockGateSlower     = 0x3E8
	powerClockInK1      = 1 << 9 // of phyPower: HV_PM_CTRL_K1_CLK_REQ
	pageGap             = 776
	phyGap              = 20
	gapPointers         = 0x3FF << 2
	gapPointersThousand = 0x18 << 2
	gapSlower           = 0xC023
)

// speedUp undoes what keeps the PHY below 1000 Mb/s while a machine sleeps, and negotiates anew if it has to. The
// reset of a machine sets the first of these bits (I217DS table 64), which hardware clears by itself only if the NVM says so
// (Linux, e1000_oem_bits_config_ich8lan).
func (d *Device) speedUp() {
	old, ok := d.readPage(pageOEM, phyOEM)
	if !ok {
		return
	}
	v, control := old&^(oemSlowest|oemNoThousand), d.regs.Read32(regPHYCTRL)
	if control&phyCtrlSlowest != 0 {
		v |= oemSlowest
	}
	if control&phyCtrlNoThousand != 0 {
		v |= oemNoThousand
	}
	if v == old {
		return
	}
	if d.regs.Read32(regFWSM)&fwsmResetAllowed != 0 {
		v |= oemNegotiate
	}
	d.writePage(pageOEM, phyOEM, v)
}

// awaitK1 makes the PHY give a MAC of Meteor Lake and later the time it needs to wake from K1 (Linux,
// e1000_reconfigure_k1_exit_timeout).
func (d *Device) awaitK1() {
	if v, ok := d.readPage(pageTimeouts, phyTimeouts); ok {
		d.writePage(pageTimeouts, phyTimeouts, v&^timeoutsK1Exit|timeoutsK1ExitLong)
	}
}

// tune sets the PHY's clocks for the link's speed, without which frames are lost (Linux,
// e1000_check_for_copper_link_ich8lan). The PHY is left alone from the first TakeOver on: a crash
// has no time for it, and what was set stays.
func (d *Device) tune(status uint32) {
	if status&statusLU == 0 || d.stats.TakeOvers != 0 || !d.acquire(0) {
		return
	}
	thousand := status&statusSpeed == statusSpeed1000
	gate := uint32(clockGateSlower)
	if thousand {
		gate = clockGateThousand
	}
	if v, ok := d.readPage(pageClockGate, phyClockGate); ok {
		d.writePage(pageClockGate, phyClockGate, v&^clockGate|gate)
		if power, ok := d.readPage(pagePower, phyPower); ok && thousand {
			// Out of K1 the MAC's frames come before the clock otherwise (kernel.org, bug 204057).
			d.writePage(pagePower, phyPower, power|powerClockInK1)
		}
		if d.family.flushes {
			d.tuneGap(thousand)
		}
	}
	d.release(0)
}

// tuneGap is what I219 needs beside that.
func (d *Device) tuneGap(thousand bool) {
	v, ok := d.readPage(pageGap, phyGap)
	switch {
	case !ok:
	case !thousand:
		d.writePage(pageGap, phyGap, gapSlower)
	case v&gapPointers < gapPointersThousand:
		d.writePage(pageGap, phyGap, v&^gapPointers|gapPointersThousand)
	}
}
