//go:build tamago && arm

package mx6ul

import (
	_ "unsafe" // go:linkname

	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/arm"
	"gasp/board/machine"
	"gasp/drivers/reg"
)

// start is called before any package is initialized.
//
//go:linkname start runtime/goos.Hwinit1
func start() {
	arm.FindGIC(imx6ul.GIC_BASE) // ramBytes has, but for TamaGo's toolchain
	fromROM = !startCounter() && !arm.NonSecure()
	startSerial()
	stayAwake()
	if !arm.NonSecure() { // or the registers may be the other world's, whose loader has done it
		coldResets()
	}
	arm.StartClock(counterHz, date())
	if machine.Bare { // the runtime asks TamaGo's clock
		imx6ul.ARM.InitGenericTimers(0, 0)
		imx6ul.ARM.SetTime(arm.Time())
	}
	arm.Start(devices[:])
}

// fromROM: no loader was there before the image.
var fromROM bool

// devices are where registers are (IMX6ULLRM, tables 2-1 to 2-5).
var devices = [...]arm.Devices{
	{Start: 0x00900000, End: 0x00b00000}, // on-chip RAM, GIC
	{Start: 0x01800000, End: 0x01900000}, // APBH DMA, GPMI, BCH
	{Start: 0x02000000, End: 0x02400000}, // AIPS 1 to 3
}

func init() {
	findEntropy()
	startTick()
	startWatchdog()
	findNIC()
}

// The system counter's control frame (IMX6ULLRM, table 2-3; ARM ARM ARMv7-A, D5.7): U-Boot
// starts the counter, with 8 MHz; the boot ROM does not.
const (
	counterBase = 0x021dc000
	counterCR   = 0x000
	counterFID0 = 0x020
	counterHz   = 8_000_000

	crEnable  = 1 << 0
	crHalt    = 1 << 1 // when debugged
	crRequest = 1 << 8 // the frequency of FID0
)

// startCounter tells whether a loader has started it. If not, what CNTFRQ holds is unknown, too (ARM ARM ARMv7-A, B4.1.21). An
// emulator has a counter of its own, without these registers, and a CNTFRQ that is right.
func startCounter() (ran bool) {
	r := reg.MMIO{Base: counterBase, Size: 0x1000}
	if r.Read32(counterCR)&crEnable != 0 {
		return true
	}
	r.Write32(counterFID0, counterHz)
	r.Write32(counterCR, crRequest|crHalt|crEnable)
	if r.Read32(counterCR)&crEnable != 0 {
		arm.SetFrequency(counterHz)
	}
	return false
}

// CLPCR.LPM (IMX6ULLRM, chapter 18): what WFI does. 0 stays in RUN mode; the reset value is WAIT mode, which not each interrupt
// ends (Linux, arch/arm/mach-imx/pm-imx6.c: WAIT_CLOCKED), nor the processor's timer (cpuidle-imx6sx.c: CPUIDLE_FLAG_TIMER_STOP).
const (
	ccmCLPCR = 0x020c4054
	clpcrLPM = 3
)

func stayAwake() { modify(ccmCLPCR, clpcrLPM, 0) }
