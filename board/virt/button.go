//go:build tamago && arm64

package virt

import (
	"gasp/board/gic"
	"gasp/board/machine"
	"gasp/drivers/reg"
)

// The power key is the machine's button for an interrupt that masks do not stop: what is to be done at one, gasp.nmi= says. It
// is a pin of a PL061 (Arm DDI 0190B, 3.2), whose interrupt comes as FIQ.

const (
	gpioDIR = 0x400
	gpioIS  = 0x404
	gpioIBE = 0x408
	gpioIEV = 0x40c
	gpioIE  = 0x410
	gpioMIS = 0x418
	gpioIC  = 0x41c
	pins    = 8

	keyPower = 116 // Linux include/uapi/linux/input-event-codes.h
)

var button struct {
	regs reg.MMIO // not heap memory
	id   uint32   // of its interrupt; 0: there is none
	pin  uint32   // its bit
}

// startButton listens to the key that the tree tells of.
func startButton() {
	n, ok := tree.Root()
	for ; ok; n, ok = n.Next() {
		if code, found := n.Uint32("linux,code"); !found || code != keyPower {
			continue
		}
		c, pin, found := n.GPIO("gpios")
		r := registers(c, 0)
		id := number(c, 0, 0)
		if !found || !c.Compatible("arm,pl061") || pin >= pins || r == nil || id < gic.FirstSPI || !hasGIC || !controller.HasFIQ {
			continue
		}
		b := &button
		b.regs, b.pin, b.id = *r, 1<<pin, id
		b.regs.Write32(gpioIE, 0)
		b.regs.Write32(gpioDIR, b.regs.Read32(gpioDIR)&^b.pin)
		b.regs.Write32(gpioIS, b.regs.Read32(gpioIS)&^b.pin) // an edge
		b.regs.Write32(gpioIBE, b.regs.Read32(gpioIBE)&^b.pin)
		b.regs.Write32(gpioIEV, b.regs.Read32(gpioIEV)|b.pin) // rising
		b.regs.Write32(gpioIC, b.pin)
		controller.Enable(0, id, gic.FIQ, gic.Watchdog, false)
		b.regs.Write32(gpioIE, b.pin)
		return
	}
}

// pressed takes the button's interrupt, and says what is to be done.
func pressed() machine.Verdict {
	b := &button
	mine := b.regs.Read32(gpioMIS)&b.pin != 0
	b.regs.Write32(gpioIC, b.pin)
	if !mine {
		return machine.GoOn
	}
	return machine.Outside()
}
