//go:build tamago && arm

package mx6ul

import (
	_ "unsafe" // go:linkname

	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/arm"
	"gasp/board/machine"
	"gasp/drivers/reg"
	"gasp/netlog"
)

// The tick is EPIT1's (IMX6ULLRM, chapter 24), as an FIQ: it comes through when IRQs are masked. It
// counts the peripherals' clock down, divided to about 1 MHz, and interrupts at CMP.
const (
	epitBase = 0x020d0000
	epitIRQ  = 32 + 56
	epitGate = 6 // clock gate of CCM_CCGR1

	epitCR  = 0x00
	epitSR  = 0x04
	epitLR  = 0x08
	epitCMP = 0x0c
	epitCNT = 0x10

	crEN       = 1 << 0
	crENMOD    = 1 << 1 // begin at the highest
	crOCIEN    = 1 << 2
	crPrescale = 65 << 4
	crIOVW     = 1 << 17 // what is written to LR is counted from at once
	crWAITEN   = 1 << 19
	crIPG      = 1 << 24

	crRuns = crEN | crENMOD | crOCIEN | crPrescale | crIOVW | crWAITEN | crIPG

	srOCIF = 1 << 0

	firstTick     = 1_000_000   // ns
	firstTickWait = 500_000_000 // ns: an emulator on a busy machine is late
	firstTickLook = 1_000_000   // ns
	maxTickLooks  = 1 << 26

	mostTicks = 1<<32 - 1
	tickTries = 16
)

var (
	epit   = reg.MMIO{Base: epitBase, Size: 0x4000}
	epitHz uint64
)

// startTick starts the watchdog, if the command line wants one and an FIQ does come.
func startTick() {
	if machine.Bare || machine.Settings().Watchdog == 0 {
		return
	}
	if arm.NonSecure() {
		text := nonSecure
		if startsWatchdog() {
			text += ": it ends in a reset by WDOG1, without a report"
		}
		netlog.Default().Log(netlog.Warning, text)
		return
	}
	ccgr := reg.MMIO{Base: imx6ul.CCM_CCGR1, Size: 4}
	ccgr.Write32(0, ccgr.Read32(0)|3<<(2*epitGate))
	epitHz = uint64(imx6ul.GetPeripheralClock()) / (crPrescale>>4 + 1)
	from := machine.Ticks()
	runTick()
	arm.EnableFIQ(epitIRQ)
	armTick(firstTick)
	waited, last := int64(0), machine.Now()
	for n := 0; machine.Ticks() == from; n++ {
		if n == maxTickLooks || waited >= firstTickWait {
			epit.Write32(epitCR, 0)
			netlog.Default().Log(netlog.Notice, "no FIQ comes of EPIT1: a hang with interrupts off is not noticed")
			return
		}
		now := machine.Now()
		waited += min(now-last, firstTickLook) // all of us may be stopped for longer
		last = now
	}
	ticking = true
	machine.TicksBegin()
}

// nonSecure is what there is no help for: the kernel below the runtime masks all IRQs, which all that comes is.
const nonSecure = "the image was started in the non-secure world (OP-TEE?), which has no FIQs: a hang with interrupts off is not noticed"

// windTick is a sign of life.
//
//go:linkname windTick gasp/board/machine.windTick
func windTick(now int64) {
	const windAfter = 20_000_000 // ns: more often would only cost
	if !ticking {                // the first tick, which is waited for, must not be put off
		return
	}
	if since := now - wound; since < 0 || since > windAfter {
		wound = now
		armTick(machine.TickNs)
	}
}

// ticking: ticks do come. wound is when the timer was wound up, in ns.
var (
	ticking bool
	wound   int64
)

// nmi takes the FIQ. There is no other one than the tick. One that is no more was wound up just as it came: the processor had taken the
// FIQ before the line fell. QEMU lets both happen at once.
//
//go:linkname nmi runtime/goos.NMI
func nmi() machine.Verdict {
	expired := epit.Read32(epitSR)&srOCIF != 0
	arm.TakeFIQ()
	if !expired {
		return machine.GoOn
	}
	armTick(machine.TickNs)
	return machine.Ticked()
}

// runTick starts the timer. It counts on and on.
func runTick() {
	epit.Write32(epitCR, 0)
	epit.Write32(epitLR, mostTicks)
	epit.Write32(epitCMP, 0)
	epit.Write32(epitSR, srOCIF)
	epit.Write32(epitCR, crRuns)
}

// armTick makes the next tick come after ns, and forgets one that came. One whose time passes before it is
// set, on an emulator that was stopped for so long, would come in 71 minutes.
func armTick(ns uint64) {
	n := uint32(ns * epitHz / 1_000_000_000)
	for range tickTries {
		now := epit.Read32(epitCNT)
		if now < mostTicks/2 { // no tick is behind the end
			epit.Write32(epitLR, mostTicks)
			now = epit.Read32(epitCNT)
		}
		epit.Write32(epitCMP, now-n)
		epit.Write32(epitSR, srOCIF)
		if int32(epit.Read32(epitCNT)-(now-n)) > 0 {
			return
		}
	}
}

//go:linkname takeTicks gasp/board/machine.takeTicks
func takeTicks() {}
