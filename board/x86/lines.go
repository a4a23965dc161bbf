//go:build tamago && amd64

package x86

import (
	"gasp/board/acpi"
	"gasp/board/machine"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
)

// Which line of the machine a device's interrupt pin leads to, only the firmware's
// programs tell, in a language that is not interpreted here. It is found out by
// trying: all that it can be are listened to, the device is made to interrupt, and
// the one where that arrives is kept.

// A line is a pin of an I/O APIC, or a message, which has none.
type line struct {
	ioapic ioAPIC
	pin    uint32
	level  uint32 // redirectLow, or redirectHigh
	live   bool   // it is listened to
	gsi    uint32 // number of the global system interrupt
}

// frameVector is the first of maxLines vectors that devices' interrupts have. The
// timer's is of a higher class (Intel SDM volume 3, 11.8.3.1), so that it gets
// through whatever devices do.
const frameVector = 32

// maxLines bounds the lines that are listened to: an I/O APIC has 24 pins, the first
// 16 of them for the ISA bus, and a machine for microvm two.
const maxLines = 40

// lines are those that a device may interrupt by, each with a vector of its own.
type lines struct {
	list    [maxLines]line
	n       int
	message string
}

var nicLines lines

const (
	isaLines    = 16
	noLine      = 0 // as a hint: ISA's interrupt 0 is the timer's
	firstISA    = 3
	realTime    = 8  // no PCI device is there, nor at the two next ones
	coprocessor = 13 // (IBM PC AT)

	// Message address and data (Intel SDM volume 3, 11.11): the local APIC's id, fixed
	// delivery of an edge.
	messageBase   = 0xfee00000
	messageTarget = 12
	mostTarget    = 0xfe // 8 bits, all ones being everybody; an I/O APIC has as many
)

// UseInterrupts makes the network device that was given to Attach interrupt. f is its
// PCI function, which interrupts by message if MSI or MSIX said so, message being "MSI"
// or "MSI-X" then, or else "" by its pin. f is nil for a device without PCI, hint then the number of its
// global system interrupt, 0 if that is not known. With TamaGo's toolchain the device
// is polled.
func UseInterrupts(dev machine.Interrupts, f *pci.Function, message string, hint uint32) {
	l := &nicLines
	if message != "" {
		l.message = "by " + message
	}
	machine.UseInterrupts(dev, l, message != "", func() bool {
		switch {
		case f == nil:
			l.find(hint, true)
		case f.HasINTx():
			l.find(uint32(f.InterruptLine()), false)
			f.EnableINTx()
			f.Save()
		}
		return l.n > 0
	})
}

// MSI makes f interrupt by message, if it can.
func MSI(f *pci.Function) bool {
	address, data, ok := message()
	return ok && f.EnableMSI(address, uint16(data)) == nil
}

// MSIX makes f interrupt by entry 0 of its MSI-X table, if it can.
func MSIX(f *pci.Function) bool {
	address, data, ok := message()
	return ok && f.EnableMSIX(func(i int) (reg.Space, error) { return Registers(f, i) }, address, data) == nil
}

// message is what interrupts the first processor; not ok if a message cannot name that.
func message() (address uint64, data uint32, ok bool) {
	id := cpus.online[0]
	return messageBase | uint64(id)<<messageTarget, frameVector, id <= mostTarget && !machine.Bare
}

// find makes the list: the line of the hint, and all that are not the ISA bus's unless
// the hint is sure. One found first has a lower vector and so is looked at last: on
// some machines an interrupt arrives at a line of either kind.
func (l *lines) find(hint uint32, sure bool) {
	rsdp := rootPointer()
	var all [acpi.MaxIOAPICs]acpi.IOAPIC
	n := acpi.IOAPICs(at, rsdp, all[:])
	if n == 0 {
		all[0], n = acpi.IOAPIC{Addr: ioapicUsual}, 1
	}
	isa := hint >= firstISA && hint < isaLines && (sure || hint != realTime && hint != coprocessor)
	for _, hinted := range [...]bool{true, false} {
		for i := range all[:n] {
			var a ioAPIC
			if w := Window(all[i].Addr, ioapicSize); w != nil {
				a.regs.Base, a.regs.Size = w.Base, w.Size
			}
			for pin := range a.pins() {
				gsi := all[i].Base + pin
				wanted := gsi == hint && (isa || gsi >= isaLines)
				if wanted != hinted || !wanted && (gsi < isaLines || sure && hint != noLine) || l.n == maxLines {
					continue
				}
				e := &l.list[l.n]
				e.ioapic, e.pin, e.gsi, e.level = a, pin, gsi, redirectLow
				if gsi < isaLines && acpi.ActiveHigh(at, rsdp, uint8(gsi)) {
					e.level = redirectHigh
				}
				l.n++
			}
		}
	}
}

// Route listens to the lines of the list that nobody else uses.
func (l *lines) Route() {
	for i := range l.list[:l.n] {
		if e := &l.list[i]; e.ioapic.free(e.pin) {
			e.live = true
			e.ioapic.routeLevel(e.pin, cpus.online[0], uint8(frameVector+i), e.level)
		}
	}
}

func (l *lines) Mask(i int) {
	if e := &l.list[i%maxLines]; e.live {
		e.live = false
		e.ioapic.mask(e.pin)
	}
}

func (l *lines) MaskAll() { l.Keep(maxLines) }

// Keep masks all lines but one.
func (l *lines) Keep(mine int) {
	for i := range l.n {
		if i != mine {
			l.Mask(i)
		}
	}
}

// Where tells where the interrupts of a line arrive.
func (l *lines) Where(line int) (text string, number uint32) {
	if l.message != "" {
		return l.message, 0
	}
	return "at line", l.list[line%maxLines].gsi
}
