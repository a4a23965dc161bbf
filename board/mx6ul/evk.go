//go:build tamago && arm

package mx6ul

import (
	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/machine"
	"gasp/board/mx6ul/kit"
	"gasp/drivers/reg"
)

const gpio5Gate = 15 // of CCM_CCGR1

// wakePHYs does what it takes to have PHYs answer that no loader has woken, on a board of NXP's: its console is UART1. The USB
// armory's is UART2, and its PHY sleeps never. On other boards the lines lead elsewhere: there it does nothing.
func wakePHYs() bool {
	if !fromROM || serial.Base != consoles[0].base || load(consoles[0].muxTX)&muxMode != usedUART {
		return false
	}
	modify(imx6ul.CCM_CCGR1, 0, 3<<(2*gpio5Gate))
	for _, p := range kit.Pads(imx6ul.Family == imx6ul.IMX6ULL) {
		store(p.Mux, p.Use)
		store(p.Control, p.Drives)
	}
	for i := range macs {
		macs[i].freeStraps()
	}
	kit.WakePHYs(&reg.MMIO{Base: imx6ul.GPIO5_BASE, Size: kit.Size}, machine.Pause)
	return true
}
