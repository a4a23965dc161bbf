//go:build tamago && arm

package mx6ul

import (
	_ "unsafe" // go:linkname

	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/machine"
	"gasp/board/mx6ul/uart"
	"gasp/drivers/reg"
)

// A console is where one may be: UART1 on NXP's boards and QEMU's, UART2 on the USB armory.
type console struct {
	base  uintptr
	gates uintptr // of CCM
	gate  uint32
	muxTX uintptr // what the pad is used for
	padTX uintptr // how it drives
}

var consoles = [...]console{
	{imx6ul.UART1_BASE, imx6ul.CCM_CCGR5, imx6ul.CCGRx_CG12, iomuxc + 0x084, iomuxc + 0x310},
	{imx6ul.UART2_BASE, imx6ul.CCM_CCGR0, imx6ul.CCGRx_CG14, iomuxc + 0x094, iomuxc + 0x320},
}

const (
	muxMode  = 0xf
	usedUART = 0
	podfBits = 0x3f

	drivesUART = 0x0001b0b1 // as the DCD has it
)

var serial = reg.MMIO{Base: imx6ul.UART1_BASE, Size: uart.Size}

// startSerial finds the console. A loader has set it up and is to find it as it was, if it comes back. After the boot ROM nobody has, but
// the DCD of the image (toolchain/imx) has routed the board's pads, which tell which one it is. UART1 itself does not: the ROM's serial
// downloader listens there, too, while it waits for USB. On a board that is neither known nor behind a loader that said it,
// UART1 works to no end: what its pads lead to there nobody knows.
func startSerial() {
	for i := range consoles {
		modify(consoles[i].gates, 0, 3<<consoles[i].gate) // or the access would not end
	}
	for i := range consoles {
		serial.Base = consoles[i].base
		if !fromROM && uart.Running(&serial) {
			return
		}
	}
	serial.Base = consoles[0].base
	if c := &consoles[1]; load(c.muxTX)&muxMode == usedUART && load(c.padTX) == drivesUART {
		serial.Base = c.base
	}
	// CCM_CSCDR1 (IMX6ULLRM, 18.6): all UARTs get the crystal's clock, undivided. That needs no PLL.
	modify(imx6ul.CCM_CSCDR1, podfBits<<imx6ul.CSCDR1_UART_CLK_PODF, 1<<imx6ul.CSCDR1_UART_CLK_SEL)
	uart.SetUp(&serial)
}

// writeSerial puts text on the serial line. A line that does not take it costs a bounded time.
//
//go:linkname writeSerial gasp/board/machine.writeSerial
func writeSerial(p []byte) { machine.SerialLines(p, putSerial) }

func putSerial(c byte) {
	uart.Put(&serial, c)
	machine.Touch()
}
