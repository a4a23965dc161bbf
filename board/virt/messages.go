//go:build tamago && arm64

package virt

import (
	"gasp/board/gic"
	"gasp/board/inventory"
	"gasp/board/machine"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
)

// Messages of PCI functions, for a GIC of version 2: a frame turns a write of an interrupt's number into that interrupt (Arm
// Server Base System Architecture, DEN 0029, GICv2m). Version 3 has translation services for it (translate.go).
const (
	msiTYPER  = 0x008 // number of the first interrupt in bits 16 to 25, how many in 0 to 9
	msiSETSPI = 0x040
)

// A message is what a function writes where, and the interrupt that this is; id is 0 if there is none.
type message struct {
	address uint64
	data    uint32
	id      uint32
}

// frameMessage is the one of the frame, and sent the one that the network device has been given.
var frameMessage, sent message

func findMessages() {
	r := registers(has.GIC.Messages)
	if r == nil || !hasGIC {
		return
	}
	id, n := has.GIC.FirstMessage, has.GIC.MessageCount
	if n == 0 {
		typer := r.Read32(msiTYPER)
		id, n = typer>>16&0x3ff, typer&0x3ff
	}
	if id >= gic.FirstSPI && id < controller.Lines() && n > 0 {
		frameMessage = message{uint64(r.Base) + msiSETSPI, id, id}
	}
}

// messageOf is the message of a function behind a host bridge.
func messageOf(host *inventory.Host, f *pci.Function) message {
	if frameMessage.id != 0 {
		return frameMessage
	}
	return translated(host, f)
}

// enableMSI makes functions behind a host bridge interrupt by message, if they can.
func enableMSI(host *inventory.Host) func(f *pci.Function) bool {
	return func(f *pci.Function) bool {
		m := messageOf(host, f)
		if m.id == 0 || f.EnableMSI(m.address, uint16(m.data)) != nil {
			return false
		}
		sent = m
		return true
	}
}

// enableMSIX does so by entry 0 of their MSI-X tables.
func enableMSIX(host *inventory.Host, w windows) func(f *pci.Function) bool {
	return func(f *pci.Function) bool {
		m := messageOf(host, f)
		if m.id == 0 || f.EnableMSIX(func(i int) (reg.Space, error) { return w.registers(f, i) }, m.address, m.data) != nil {
			return false
		}
		sent = m
		return true
	}
}

// listenMessage makes the network device interrupt by the message that one of them has set up.
func listenMessage(dev machine.Interrupts, name string) {
	line = nicLine{id: sent.id, edge: true, message: "by " + name}
	line.Route()
	machine.UseInterrupts(dev, &line, true, nil)
}
