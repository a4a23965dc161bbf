//go:build tamago

package main

import (
	"errors"

	found "gasp/board/nic"
	"gasp/drivers/e1000"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
	"gasp/drivers/virtio"
	virtionet "gasp/drivers/virtio-net"
)

// A nic is the network device, reached behind its driver's back.
type nic struct {
	driver string       // package path of its driver
	pci    pci.Function // not with virtio-mmio
	regs   reg.Space    // e1000 only
	virtio virtio.Transport
	enet   *reg.MMIO
}

var errNoNIC = errors.New("no network device")

// findNIC reaches the device that the board has found. Interrupts are off while it looks at
// base address registers: the device does not answer then.
func findNIC() (n nic, err error) {
	interruptsOff()
	defer interruptsOn()
	d := found.Found()
	n.pci = d.PCI
	_, isE1000 := e1000.Lookup(d.PCI.Device)
	switch {
	case d.ENET != nil:
		n.driver, n.enet = "gasp/drivers/enet", d.ENET
	case d.MMIO != nil:
		n.driver = "gasp/drivers/virtio-net"
		n.virtio, err = virtionet.NewMMIO(d.MMIO)
	case d.PCI.Vendor == e1000.Vendor && isE1000:
		n.driver = "gasp/drivers/e1000"
		n.regs, err = d.Registers(0)
	case d.PCI.Vendor != 0:
		n.driver = "gasp/drivers/virtio-net"
		n.virtio, err = virtionet.NewPCI(&n.pci, d.Registers)
	default:
		err = errNoNIC
	}
	return n, err
}

// Registers (the drivers' packages name the manuals).
const (
	regCTRL = 0x0000
	ctrlRST = 1 << 26
	regTCTL = 0x0400

	statusDriverOK = 4

	pciCommand    = 0x04
	commandMaster = 1 << 2

	enetECR  = 0x0024
	ecrRESET = 1 << 0
	ecrDBSWP = 1 << 8 // and not ETHEREN
)

// stopTransmit makes the device leave alone what it is given.
func (n *nic) stopTransmit() {
	switch {
	case n.virtio != nil:
		n.virtio.SetStatus(n.virtio.Status() &^ statusDriverOK)
	case n.enet != nil:
		n.enet.Write32(enetECR, ecrDBSWP)
	default:
		n.regs.Write32(regTCTL, 0)
	}
}

func (n *nic) reset() {
	switch {
	case n.virtio != nil:
		n.virtio.SetStatus(0)
	case n.enet != nil:
		n.enet.Write32(enetECR, ecrRESET)
	default:
		n.regs.Write32(regCTRL, n.regs.Read32(regCTRL)|ctrlRST)
	}
}

// stopBus takes the bus away from the device; without PCI that takes a reset.
func (n *nic) stopBus() {
	if n.pci.Vendor != 0 {
		n.pci.Write16(pciCommand, n.pci.Read16(pciCommand)&^commandMaster)
	} else {
		n.reset()
	}
}
