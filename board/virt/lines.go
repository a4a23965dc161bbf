//go:build tamago && arm64

package virt

import (
	"gasp/board/gic"
	"gasp/board/inventory"
	"gasp/board/machine"
	"gasp/drivers/pci"
)

// A nicLine is the one line that the network device interrupts by.
type nicLine struct {
	id   uint32 // its number in the controller; 0: there is none
	edge bool
	live bool // it is listened to

	message string // "by MSI"; "" for a line
}

var line nicLine

// Route listens to the line.
func (l *nicLine) Route() {
	l.live = true
	controller.Enable(0, l.id, gic.IRQ, gic.Device, l.edge)
}

// Mask masks the line.
func (l *nicLine) Mask(int) {
	if l.live {
		l.live = false
		controller.Disable(0, l.id)
	}
}

// Keep masks the line if it is not kept.
func (l *nicLine) Keep(i int) {
	if i != 0 {
		l.Mask(0)
	}
}

// MaskAll masks the line.
func (l *nicLine) MaskAll() { l.Mask(0) }

// Where tells where the interrupts arrive.
func (l *nicLine) Where(int) (text string, number uint32) {
	if l.message != "" {
		return l.message, 0
	}
	return "at line", l.id
}

// listen makes the network device interrupt at a line of the controller. setUp is called when nothing comes in yet.
func listen(dev machine.Interrupts, id uint32, edge bool, setUp func()) {
	if id < gic.FirstSPI || !hasGIC {
		return
	}
	line = nicLine{id: id, edge: edge}
	machine.UseInterrupts(dev, &line, false, func() bool {
		setUp()
		return true
	})
}

// listenPCI does so for functions behind a host bridge, by message or by their pin.
func listenPCI(host *inventory.Host) func(dev machine.Interrupts, f *pci.Function, message string) {
	return func(dev machine.Interrupts, f *pci.Function, message string) {
		if message != "" {
			listenMessage(dev, message)
			return
		}
		device, pin, ok := f.RootPin()
		if !ok {
			return
		}
		l := host.Pins[device%uint8(len(host.Pins))][(pin-1)%uint8(len(host.Pins[0]))]
		listen(dev, l.ID, l.Edge, func() {
			f.EnableINTx()
			f.Save()
		})
	}
}
