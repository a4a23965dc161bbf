package enetmodel

// Events, RM 22.5.1.
const (
	eventRXF   = 1 << 25
	eventTXF   = 1 << 27
	eventMII   = 1 << 23
	eventEBERR = 1 << 22
	eventLC    = 1 << 21
)

// event is something that happened.
func (d *Device) event(v uint32) {
	d.reg[eir/4] |= v
	d.line()
}

// line makes the interrupt line what events and mask say.
func (d *Device) line() {
	on := d.reg[eir/4]&d.reg[eimr/4] != 0
	if on && !d.asserted {
		d.Interrupts++
	}
	d.asserted = on
}

// Asserted tells whether the device asserts its interrupt line.
func (d *Device) Asserted() bool { return d.asserted }

// Unmasked is the events that may interrupt.
func (d *Device) Unmasked() uint32 { return d.reg[eimr/4] }
