//go:build tamago

package main

import (
	"errors"

	"gasp/board/x86"
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
}

var errNoNIC = errors.New("no network device")

// findNIC finds the device as the boards do. Interrupts are off while it looks at
// base address registers: the device does not answer then.
func findNIC() (n nic, err error) {
	interruptsOff()
	defer interruptsOn()
	if !x86.HasPCI() {
		return findMMIO()
	}
	err = errNoNIC
	pci.Scan(x86.PCI{}, func(f pci.Function) bool {
		const intel = 0x8086
		n = nic{pci: f}
		bar := func(i int) (reg.Space, error) { return x86.Registers(&f, i) }
		if _, ok := e1000.Lookup(f.Device); ok && f.Vendor == intel {
			n.driver = "gasp/drivers/e1000"
			n.regs, err = bar(0)
		} else if n.virtio, err = virtionet.NewPCI(&f, bar); err == nil {
			n.driver = "gasp/drivers/virtio-net"
		}
		return err != nil
	})
	return n, err
}

// QEMU's virtio-mmio slots (include/hw/i386/microvm.h).
const (
	mmioBase  = 0xfeb00000
	mmioSize  = 0x200
	mmioSlots = 24
)

func findMMIO() (n nic, err error) {
	for i := range uint64(mmioSlots) {
		if n.virtio, err = virtionet.NewMMIO(x86.Window(mmioBase+i*mmioSize, mmioSize)); err == nil {
			n.driver = "gasp/drivers/virtio-net"
			return n, nil
		}
	}
	return n, errNoNIC
}

// Registers (the drivers' packages name the manuals).
const (
	regCTRL = 0x0000
	ctrlRST = 1 << 26
	regTCTL = 0x0400

	statusDriverOK = 4

	pciCommand    = 0x04
	commandMaster = 1 << 2
)

// stopTransmit makes the device leave alone what it is given.
func (n *nic) stopTransmit() {
	if n.virtio != nil {
		n.virtio.SetStatus(n.virtio.Status() &^ statusDriverOK)
	} else {
		n.regs.Write32(regTCTL, 0)
	}
}

func (n *nic) reset() {
	if n.virtio != nil {
		n.virtio.SetStatus(0)
	} else {
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
