//go:build tamago

package nic

import (
	"gasp/board/machine"
	"gasp/drivers/dma"
	"gasp/drivers/reg"
	"gasp/drivers/virtio"
	virtionet "gasp/drivers/virtio-net"
	virtiorng "gasp/drivers/virtio-rng"
	"gasp/netlog"
)

// MMIO are the register windows of a machine where virtio-mmio devices may be.
type MMIO struct {
	Windows []Window
	// Interrupts has the machine listen to the interrupts of the network device in a window.
	Interrupts func(dev machine.Interrupts, w Window)
	// Relax lets about a microsecond pass, in few instructions.
	Relax func()
}

// A Window is registers, and the number of the interrupt of the device behind them as the board
// numbers them.
type Window struct {
	Regs *reg.MMIO
	IRQ  uint32
	// Memory is for rings and buffers of the device; nil: machine.Memory().
	Memory *dma.Memory
}

func (w *Window) memory() *dma.Memory {
	if w.Memory != nil {
		return w.Memory
	}
	return machine.Memory()
}

// Find looks for entropy devices, then for a network device. It says what is wrong with those that cannot
// be used.
func (b *MMIO) Find() {
	b.FindEntropy()
	b.FindNetwork()
}

// FindEntropy looks for entropy devices.
func (b *MMIO) FindEntropy() {
	l := netlog.Default()
	for _, w := range b.Windows {
		if err := openEntropy(&w); err != nil && err != virtio.ErrNoDevice {
			l.Log(netlog.Warning, "virtio-mmio: "+err.Error())
		}
	}
}

// FindNetwork looks for a network device if there is none yet.
func (b *MMIO) FindNetwork() {
	l := netlog.Default()
	for _, w := range b.Windows {
		if machine.Attached() {
			return
		}
		t, err := virtionet.NewMMIO(w.Regs)
		if err != nil {
			continue // an empty slot, or another kind of device
		}
		d, err := virtionet.New(t, w.memory(), virtionet.Config{Now: machine.Now, Relax: b.Relax, MAC: machine.LocalMAC()})
		if err != nil {
			l.Log(netlog.Err, "virtio-mmio: "+err.Error())
			continue
		}
		machine.Attach(d, t.Name())
		if machine.Attached() {
			found = Device{MMIO: w.Regs}
		}
		b.Interrupts(d, w)
	}
}

// openEntropy makes the device in a window a source of entropy, if it is one.
func openEntropy(w *Window) error {
	t, err := virtio.NewMMIO(w.Regs, virtiorng.Kind)
	if err != nil {
		return err
	}
	d, err := virtiorng.New(t, w.memory(), machine.Now)
	if err != nil {
		return err
	}
	machine.UseEntropy(d)
	return nil
}
