//go:build tamago && arm

package mx6ul

import (
	_ "unsafe" // go:linkname

	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/machine"
	"gasp/board/mx6ul/uart"
	"gasp/drivers/reg"
)

// A console is where one may be: UART1 on NXP's boards and QEMU's, UART2 on the USB armory. The pads are those that
// the DCD of the image routes there (toolchain/imx), and U-Boot.
type console struct {
	base         uintptr
	gates        uintptr // of CCM
	gate         uint32
	muxTX, padTX uintptr // the receiver's follow
	inputRX      uintptr // which pad the receiver hears: which, on it
	which        uint32
}

var consoles = [...]console{
	{imx6ul.UART1_BASE, imx6ul.CCM_CCGR5, imx6ul.CCGRx_CG12, iomuxc + 0x084, iomuxc + 0x310, iomuxc + 0x624, 3},
	{imx6ul.UART2_BASE, imx6ul.CCM_CCGR0, imx6ul.CCGRx_CG14, iomuxc + 0x094, iomuxc + 0x320, iomuxc + 0x62c, 1},
}

// How a pad is used and drives: U-Boot's UART_PAD_CTRL.
const (
	useUART    = 0
	drivesUART = 0x0001b0b1
	muxMode    = 0xf
)

var serial = reg.MMIO{Base: imx6ul.UART1_BASE, Size: uart.Size}

// startSerial finds the console. A loader has set it up and is to find it as it was, if it comes back. After the boot ROM nobody has,
// but the pads tell which one it is; without those it is UART1.
func startSerial() {
	for i := range consoles {
		modify(consoles[i].gates, 0, 3<<consoles[i].gate) // or the access would not end
	}
	for i := range consoles {
		serial.Base = consoles[i].base
		if uart.Running(&serial) {
			return
		}
	}
	c := &consoles[0]
	if load(c.muxTX)&muxMode != useUART && load(consoles[1].muxTX)&muxMode == useUART {
		c = &consoles[1]
	}
	c.setUp()
}

func (c *console) setUp() {
	store(c.muxTX, useUART)
	store(c.muxTX+4, useUART)
	store(c.padTX, drivesUART)
	store(c.padTX+4, drivesUART)
	store(c.inputRX, c.which)
	// CCM_CSCDR1 (IMX6ULLRM, 18.6): all UARTs get the crystal's clock, undivided. That needs no PLL.
	modify(imx6ul.CCM_CSCDR1, podfBits<<imx6ul.CSCDR1_UART_CLK_PODF, 1<<imx6ul.CSCDR1_UART_CLK_SEL)
	serial.Base = c.base
	uart.SetUp(&serial)
}

const podfBits = 0x3f

// writeSerial puts text on the serial line. A line that does not take it costs a bounded time.
//
//go:linkname writeSerial gasp/board/machine.writeSerial
func writeSerial(p []byte) { machine.SerialLines(p, putSerial) }

func putSerial(c byte) {
	uart.Put(&serial, c)
	machine.Touch()
}
