package enet

import (
	"gasp/drivers/dma"
	"gasp/drivers/inuse"
)

// setUp programs a device that came out of reset for the rings of s, and makes
// those the active ones.
func (d *Device) setUp(s inuse.Rings) {
	w := d.regs.Write32

	// 1. Everything before ETHEREN: most of it must not change behind it.
	w(regECR, ecrDBSWP)
	for i := range settings {
		w(settings[i].register, settings[i].value)
	}
	w(regPALR, d.palr)
	w(regPAUR, d.paur)

	// 2. Rings.
	t, x := d.tx(s), d.rx(s)
	t.fillTransmit()
	t.move(0, 0)
	t.clean, t.skew, t.stuck = 0, 0, false
	x.fillReceive()
	x.move(0)
	x.skip = false
	w(regTDSR, t.descPhys)
	w(regRDSR, x.descPhys)

	// 3. Go. The receiver looks at its descriptors when it is told to.
	dma.Publish()
	w(regECR, ecrValue)
	d.listen()

	d.active = s
}
