//go:build tamago && arm

package mx6ul

import (
	"gasp/board/machine"
	"gasp/board/mx6ul/fuses"
	"gasp/drivers/enet"
	"gasp/drivers/reg"
)

// address is what the fuses say, or what a boot loader or an emulator left in the registers, or else
// one of our own making. TamaGo's init function has started the clock of the fuses' module; its Read knows the fuses
// only of a chip that it has recognized, which it has not on the stock toolchain.
func (m *mac) address() [6]byte {
	n := 0
	if m == &macs[1] {
		n = 1
	}
	if a, ok := fuses.Address(&reg.MMIO{Base: fuses.Base, Size: fuses.Size}, n); ok {
		return a
	}
	if a, err := enet.Address(window(m.base)); err == nil {
		return a
	}
	return machine.LocalMAC()
}
