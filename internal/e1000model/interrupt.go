package e1000model

// Causes, SDM 13.4.17; the last one of 8257x, DS 10.2.4.1.
const (
	causeRXT0   = 1 << 7
	intAsserted = 1 << 31
)

// intxDisable is bit 10 of the PCI command register.
const intxDisable = 1 << 10

// cause sets causes, as an event of the device or a write of ICS does.
func (d *Device) cause(v uint32) {
	d.reg[icr/4] |= v
	d.pin()
}

// pin makes the interrupt pin what causes and mask say.
func (d *Device) pin() {
	on := d.reg[icr/4]&d.reg[ims/4] != 0 && d.command&intxDisable == 0
	if on && !d.asserted {
		d.Interrupts++
	}
	d.asserted = on
}

// Asserted tells whether the device asserts its interrupt pin.
func (d *Device) Asserted() bool { return d.asserted }

// Unmasked is the causes that may interrupt.
func (d *Device) Unmasked() uint32 { return d.reg[ims/4] }

// readCauses is a read of ICR: it clears what it gives (SDM 13.4.17), on 8257x only if
// all is masked or an interrupt is asserted (DS 10.2.4.1).
func (d *Device) readCauses() uint32 {
	v := d.reg[icr/4]
	pending := v&d.reg[ims/4] != 0
	if d.Express && pending {
		v |= intAsserted
	}
	if !d.Express || pending || d.reg[ims/4] == 0 {
		d.reg[icr/4] = 0
	}
	d.pin()
	return v
}

// writeCauses is a write of one of the interrupt registers (SDM 13.4.17 to 13.4.21).
func (d *Device) writeCauses(off, v uint32) {
	switch off {
	case icr:
		d.reg[icr/4] &^= v
	case ics:
		d.reg[icr/4] |= v
	case ims:
		d.reg[ims/4] |= v
	case imc:
		d.reg[ims/4] &^= v
	}
	d.pin()
}
