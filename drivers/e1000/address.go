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
	mac, ok := d.programmed()
	if !ok || !usable(mac) {
		return [6]byte{}, ErrAddress
	}
	return mac, nil
}

// programmed is the address in the EEPROM. It is read even if the firmware does not let go of
// it: the worst is a word that is not there, or not the address.
func (d *Device) programmed() (mac [6]byte, ok bool) {
	granted := d.acquire(syncNVM)
	for i := range uint32(3) {
		w, read := d.eeprom(i)
		if !read {
			break
		}
		mac[2*i], mac[2*i+1] = byte(w), byte(w>>8)
		ok = i == 2
	}
	if granted {
		d.release(syncNVM)
	}
	// The other ports of a controller have the first one's address and their number.
	mac[5] ^= byte(d.regs.Read32(regSTATUS) >> statusPortShift & 3)
	return mac, ok
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

// eerd is how EERD is laid out: where the number of the word begins, and the bit that says
// that the word is there. Zero: there is no EERD (82544, chipsets).
type eerd struct{ shift, done uint32 }

var (
	eerdSmall = eerd{8, 1 << 4} // SDM 13.4.4, 82540, 82545, 82546
	eerdLarge = eerd{2, 1 << 1} // 82541, 82547; 8257x and later
)

// eeprom reads one 16-bit word through EERD (SDM 13.4.4).
func (d *Device) eeprom(word uint32) (uint16, bool) {
	l := d.family.eerd
	if l.done == 0 {
		return 0, false
	}
	d.regs.Write32(regEERD, word<<l.shift|eerdStart)
	if !d.clock.Until(regEERD, l.done, l.done, eepromWait) {
		return 0, false
	}
	return uint16(d.regs.Read32(regEERD) >> 16), true
}
