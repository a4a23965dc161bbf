package e1000

// readAddress reads the station address from RAL and RAH, which the device fills
// from its EEPROM (SDM 13.5.2, 13.5.3), or else from the EEPROM's words 0 to 2
// (SDM 5.6.1).
func (d *Device) readAddress() ([6]byte, error) {
	low, high := d.regs.Read32(regRAL), d.regs.Read32(regRAH)
	mac := [6]byte{byte(low), byte(low >> 8), byte(low >> 16), byte(low >> 24), byte(high), byte(high >> 8)}
	if low != allOnes && usable(mac) {
		return mac, nil
	}
	for i := 0; i < 3; i++ {
		w, ok := d.eeprom(uint32(i))
		if !ok {
			return [6]byte{}, ErrAddress
		}
		mac[2*i], mac[2*i+1] = byte(w), byte(w>>8)
	}
	// The second port of a dual controller has the first one's address plus one.
	mac[5] ^= byte(d.regs.Read32(regSTATUS) >> 2 & 1)
	if !usable(mac) {
		return [6]byte{}, ErrAddress
	}
	return mac, nil
}

// address is RAL and RAH for the station address.
func (d *Device) address() (low, high uint32) {
	m := &d.mac
	low = uint32(m[0]) | uint32(m[1])<<8 | uint32(m[2])<<16 | uint32(m[3])<<24
	return low, uint32(m[4]) | uint32(m[5])<<8 | rahAV
}

// usable tells whether an address is that of one station.
func usable(mac [6]byte) bool {
	return mac != [6]byte{} && mac[0]&1 == 0
}

// eeprom reads one 16-bit word through EERD (SDM 13.4.4).
func (d *Device) eeprom(word uint32) (uint16, bool) {
	var start, done uint32
	switch d.id.family {
	case family82544:
		return 0, false
	case family82540:
		start, done = word<<8|eerdStart, eerdDone
	default:
		start, done = word<<2|eerdStart, eerdDoneEarly
	}
	d.regs.Write32(regEERD, start)
	if !d.until(regEERD, done, done, eepromWait) {
		return 0, false
	}
	return uint16(d.regs.Read32(regEERD) >> 16), true
}
