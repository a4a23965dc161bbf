//go:build tamago && arm

package mx6ul

import (
	_ "unsafe" // go:linkname

	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/machine"
	"gasp/drivers/reg"
)

// WDOG1 (IMX6ULLRM, 59.7), 16-bit registers.
const (
	wdogWCR = 0x00
	wdogWSR = 0x02

	wcrWT  = 8      // half seconds - 1
	wcrWDA = 1 << 5 // 0 asserts WDOG_B
	wcrSRS = 1 << 4 // 0 resets
	wcrWDT = 1 << 3 // a timeout asserts WDOG_B, too
	wcrWDE = 1 << 2 // until the next reset

	settle = 50_000_000 // ns until the machine is gone
)

var wdog = reg.MMIO{Base: imx6ul.WDOG1_BASE, Size: 0x4000}

// coldResets makes a reset by WDOG1 a cold one. A warm one, which it is otherwise, first has the memory controller answer, and does not always
// come back (U-Boot, Linux, barebox and TamaGo switch it off: SRC_SCR).
func coldResets() { modify(imx6ul.SRC_SCR, 1<<imx6ul.SCR_WARM_RESET_ENABLE, 0) }

// reset resets the chip, and the board where WDOG_B is wired up. Memory keeps its contents.
//
//go:linkname reset gasp/board/machine.reset
func reset() {
	for range 2 { // erratum ERR004346: the first write may be lost
		wdog.Write16(wdogWCR, wcrWDA|wcrWDE)
		wdog.Write16(wdogWCR, wcrWDA|wcrWDE)
	}
	machine.Pause(settle)
}

// powerOff: SNVS holds the power on (IMX6ULLRM, 46.7): LPCR.TOP and LPCR.DP_EN take it away.
//
//go:linkname powerOff gasp/board/machine.powerOff
func powerOff() {
	const (
		snvsLPCR = 0x38

		lpcrTOP = 1 << 6
		lpcrDP  = 1 << 5
	)
	snvs.Write32(snvsLPCR, snvs.Read32(snvsLPCR)|lpcrTOP|lpcrDP)
	machine.Pause(settle)
}
