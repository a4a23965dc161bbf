//go:build tamago && arm

package mx6ul

import (
	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/machine"
	"gasp/drivers/enet"
)

// The fuses with the station addresses, bank 4 (IMX6ULLRM, chapter 37, OCOTP_MAC0 to MAC2). MAC1 holds the first two
// bytes of ENET1's and the last two of ENET2's, as U-Boot reads them (arch/arm/mach-imx/mac.c).
const (
	fuseBank            = 4
	fuse0, fuse1, fuse2 = 2, 3, 4
)

// address is what the fuses say, or what a boot loader or an emulator left in the registers, or else
// one of our own making.
func (m *mac) address() [6]byte {
	low, _ := imx6ul.OCOTP.Read(fuseBank, fuse0)
	mid, _ := imx6ul.OCOTP.Read(fuseBank, fuse1)
	high, _ := imx6ul.OCOTP.Read(fuseBank, fuse2)
	a := [6]byte{byte(mid >> 8), byte(mid), byte(low >> 24), byte(low >> 16), byte(low >> 8), byte(low)}
	if m == &macs[1] {
		a = [6]byte{byte(high >> 24), byte(high >> 16), byte(high >> 8), byte(high), byte(mid >> 24), byte(mid >> 16)}
	}
	// The USB armory has its model in a byte of them.
	if fused := a[0]|a[1] != 0 && a[0]&1 == 0; fused {
		return a
	}
	if a, err := enet.Address(window(m.base)); err == nil {
		return a
	}
	return machine.LocalMAC()
}
