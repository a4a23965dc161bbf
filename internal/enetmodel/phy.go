package enetmodel

// Registers of the PHY and their bits, IEEE 802.3 22.2.4.
const (
	bmcr   = 0
	bmsr   = 1
	id1    = 2
	id2    = 3
	anar   = 4
	anlpar = 5

	linkUp   = 1 << 2
	complete = 1 << 5
)

const (
	managementTime  = 27_000 // of a frame at 2.36 MHz, in nanoseconds
	negotiationTime = 2_000_000_000
)

// phyState is what the PHY does at the moment.
type phyState struct {
	busy       bool
	frame      uint32
	due        int64
	resetting  int64 // until when, 0 if it is not
	negotiated int64 // when it will have a link, 0 if it has
	down       bool  // latched
}

// phyReset is the state after its reset: a KSZ8081's identifier, all offered, negotiating.
func (d *Device) phyReset() {
	d.PHY = [32]uint16{bmcr: 0x3100, bmsr: 0x7849, id1: 0x0022, id2: 0x1560, anar: 0x01E1}
	d.restart()
}

func (d *Device) restart() {
	d.PHY[bmsr] &^= linkUp | complete
	d.PHY[anlpar] = 0
	d.phy.negotiated = d.time + negotiationTime
	if d.QEMU {
		d.phy.negotiated = d.time
	}
	d.phy.down = true
}

// startPHY begins a management frame, RM 22.5.
func (d *Device) startPHY(v uint32) {
	d.phy.busy, d.phy.frame, d.phy.due = true, v, d.time+managementTime
	if d.QEMU {
		d.phy.due = d.time
		d.managePHY()
	}
}

// managePHY does what is due by now.
func (d *Device) managePHY() {
	p := &d.phy
	if p.resetting > 0 && d.time >= p.resetting {
		p.resetting = 0
		d.phyReset()
	}
	if p.negotiated != 0 && d.time >= p.negotiated {
		p.negotiated = 0
		d.PHY[anlpar] = 0x45E1
		if d.PHY[anar]&d.PHY[anlpar]&0x1E0 != 0 {
			d.PHY[bmsr] |= linkUp | complete
		}
	}
	if d.LinkDown {
		p.down = true
	}
	if !p.busy || d.time < p.due || d.MDIONever {
		return
	}
	p.busy = false
	if !d.NoPHY && p.frame>>30 == 1 && p.frame>>16&3 == 2 && p.frame>>23&31 == PHYAddress {
		d.registerPHY(p.frame)
	} else if p.frame>>28&3 == 2 {
		d.reg[mmfr/4] |= 0xFFFF
	}
	d.event(eventMII)
}

func (d *Device) registerPHY(frame uint32) {
	p, n := &d.phy, frame>>18&31
	if frame>>28&3 == 1 {
		v := uint16(frame)
		switch {
		case n == bmcr && v&(1<<15) != 0:
			d.PHY[bmcr] = v
			switch {
			case d.PHYResetTime < 0:
				p.resetting = -1
			case d.PHYResetTime > 0:
				p.resetting = d.time + d.PHYResetTime
			default:
				d.phyReset()
			}
		case p.resetting != 0:
			d.complain("PHY register %d written in its reset", n)
		case n == bmcr:
			d.PHY[bmcr] = v &^ (1 << 9)
			if v&(1<<9) != 0 {
				d.restart()
			}
		case n != bmsr:
			d.PHY[n] = v
		}
		return
	}
	v := d.PHY[n]
	if n == bmsr {
		if p.down || d.LinkDown {
			v &^= linkUp
		}
		p.down = d.LinkDown || d.PHY[bmsr]&linkUp == 0
	}
	d.reg[mmfr/4] = d.reg[mmfr/4]&^0xFFFF | uint32(v)
}
