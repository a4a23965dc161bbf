//go:build tamago && arm64

package virt

import (
	"gasp/board/gic"
	"gasp/board/machine"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
)

// Messages of PCI functions, for a GIC of version 2: a frame turns a write of an interrupt's number into that interrupt (Arm
// Server Base System Architecture, DEN 0029, GICv2m). Version 3 has the ITS for it, which is not driven: pins do.
const (
	msiTYPER  = 0x008 // number of the first interrupt in bits 16 to 25, how many in 0 to 9
	msiSETSPI = 0x040
)

// message is where a function writes what; id is 0 if there is no frame.
var message struct {
	address uint64
	id      uint32
}

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
		message.address, message.id = uint64(r.Base)+msiSETSPI, id
	}
}

// enableMSI makes f interrupt by message, if it can.
func enableMSI(f *pci.Function) bool {
	return message.id != 0 && f.EnableMSI(message.address, uint16(message.id)) == nil
}

// enableMSIX makes f interrupt by entry 0 of its MSI-X table, if it can.
func enableMSIX(w windows) func(f *pci.Function) bool {
	return func(f *pci.Function) bool {
		return message.id != 0 && f.EnableMSIX(func(i int) (reg.Space, error) { return w.registers(f, i) }, message.address, message.id) == nil
	}
}

// listenMessage makes the network device interrupt by the message that one of them has set up.
func listenMessage(dev machine.Interrupts, name string) {
	line = nicLine{id: message.id, edge: true, message: "by " + name}
	line.Route()
	machine.UseInterrupts(dev, &line, true, nil)
}
