//go:build tamago && arm

package mx6ul

import (
	_ "unsafe" // go:linkname

	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/machine"
	"gasp/drivers/reg"
)

// A UART (IMX6ULLRM, 55.15), as the loader has set it up: 115200 8N1. UART1 is the console of NXP's
// board and of QEMU's, UART2 that of the USB armory.
const (
	uartUTXD = 0x40
	uartUCR1 = 0x80
	uartUCR2 = 0x84
	uartUTS  = 0xb4

	ucr1Enable = 1 << 0
	ucr2Work   = 1<<14 | 1<<5 | 1<<2 | 1<<1 | 1<<0 // IRTS, 8 bits, TXEN, RXEN, no reset
	utsFull    = 1 << 4

	// A character takes 87 us; an access about 0.1 us.
	maxSerialPolls = 10_000
)

// uarts are where a console may be: the first one that the loader has enabled is it.
var uarts = [...]uintptr{imx6ul.UART1_BASE, imx6ul.UART2_BASE}

var uart = reg.MMIO{Base: imx6ul.UART1_BASE, Size: 0x4000}

func startSerial() {
	for _, base := range uarts {
		uart.Base = base
		if uart.Read32(uartUCR1)&ucr1Enable != 0 {
			return
		}
	}
	uart.Base = uarts[0]
	uart.Write32(uartUCR1, ucr1Enable)
	uart.Write32(uartUCR2, ucr2Work)
}

// writeSerial puts text on the serial line. A line that does not take it costs a bounded time.
//
//go:linkname writeSerial gasp/board/machine.writeSerial
func writeSerial(p []byte) { machine.SerialLines(p, putSerial) }

func putSerial(c byte) {
	for range maxSerialPolls {
		if uart.Read32(uartUTS)&utsFull == 0 {
			break
		}
	}
	uart.Write32(uartUTXD, uint32(c))
	machine.Touch()
}
