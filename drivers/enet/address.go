package enet

import "gasp/drivers/reg"

// Address is the station address that whoever ran before left in PALR and PAUR
// (RM 22.5): a boot loader, or an emulator. After power-on there is none. Errors: ErrAddress.
func Address(regs reg.Space) (mac [6]byte, err error) {
	low, high := regs.Read32(regPALR), regs.Read32(regPAUR)
	mac = [6]byte{byte(low >> 24), byte(low >> 16), byte(low >> 8), byte(low), byte(high >> 24), byte(high >> 16)}
	if low == allBits && high == allBits || !usable(mac) {
		return [6]byte{}, ErrAddress
	}
	return mac, nil
}

// address is PALR and PAUR for the station address.
func address(mac [6]byte) (low, high uint32) {
	low = uint32(mac[0])<<24 | uint32(mac[1])<<16 | uint32(mac[2])<<8 | uint32(mac[3])
	return low, uint32(mac[4])<<24 | uint32(mac[5])<<16
}

// addressOurs are the bits of PAUR that are of the address; the others are the type of
// PAUSE frames.
const addressOurs = 0xFFFF0000

// usable tells whether an address is that of one station.
func usable(mac [6]byte) bool {
	return mac != [6]byte{} && mac[0]&1 == 0
}
