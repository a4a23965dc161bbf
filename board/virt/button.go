//go:build tamago && arm64

package virt

import (
	"gasp/board/gic"
	"gasp/board/machine"
	"gasp/drivers/reg"
)

// The power key is the machine's button for an interrupt that masks do not stop: what is to be done at one, gasp.nmi= says. It
// is a pin of a PL061 (Arm DDI 0190B, 3.2), whose interrupt is an urgent one.

const (
	gpioDIR = 0x400
	gpioIS  = 0x404
	gpioIBE = 0x408
	gpioIEV = 0x40c
	gpioIE  = 0x410
	gpioMIS = 0x418
	gpioIC  = 0x41c
	pins    = 8
)

var button struct {
	regs reg.MMIO // not heap memory
	id   uint32   // of its interrupt; 0: there is none
	pin  uint32   // its bit
}

// startButton listens to the key, if the machine has one.
func startButton() {
	k := &has.PowerKey
	r := registers(k.Range)
	if r == nil || k.Pin >= pins || k.Line.ID < gic.FirstSPI || !hasGIC || !controller.HasUrgent() {
		return
	}
	b := &button
	b.regs, b.pin, b.id = *r, 1<<k.Pin, k.Line.ID
	b.regs.Write32(gpioIE, 0)
	b.regs.Write32(gpioDIR, b.regs.Read32(gpioDIR)&^b.pin)
	b.regs.Write32(gpioIS, b.regs.Read32(gpioIS)&^b.pin) // an edge
	b.regs.Write32(gpioIBE, b.regs.Read32(gpioIBE)&^b.pin)
	b.regs.Write32(gpioIEV, b.regs.Read32(gpioIEV)|b.pin) // rising
	b.regs.Write32(gpioIC, b.pin)
	controller.Enable(0, b.id, gic.Urgent, gic.Watchdog, false)
	b.regs.Write32(gpioIE, b.pin)
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
