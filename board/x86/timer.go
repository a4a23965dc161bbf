//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
)

// The local APIC and its timer (Intel SDM volume 3, 11.4 and 11.5.4).
const (
	apicEOI          = 0x0b0
	apicSVR          = 0x0f0
	apicLVTTimer     = 0x320
	apicInitialCount = 0x380
	apicCurrentCount = 0x390
	apicDivide       = 0x3e0

	svrEnable   = 1 << 8
	svrSpurious = 0xff
	lvtMasked   = 1 << 16
	divideBy1   = 0xb

	timerVector = 80
)

// enableAPIC lets the interrupts of the processor that it runs on come, whatever firmware has left; its timer does not interrupt yet.
func enableAPIC() {
	apic.Write32(apicTPR, 0)
	apic.Write32(apicSVR, svrEnable|svrSpurious)
	apic.Write32(apicLVTTimer, lvtMasked|timerVector)
	apic.Write32(apicDivide, divideBy1)
}

// apicStart counts down from all ones, without an interrupt: none was asked for yet.
func apicStart() { apic.Write32(apicInitialCount, ^uint32(0)) }

func apicCount() uint32 { return apic.Read32(apicCurrentCount) }

// alarm asks for an interrupt at the given time, after machine.PollInterval at the latest.
//
//go:linkname alarm gasp/board/machine.alarm
func alarm(at int64) {
	const atLeast = 1_000 // ns; shorter ones would only cost
	ns := min(max(at-nanotime(), atLeast), machine.PollInterval)
	ticks := mulDiv(uint64(ns), clock.apicHz, 1_000_000_000)
	apic.Write32(apicLVTTimer, timerVector)
	apic.Write32(apicInitialCount, uint32(min(max(ticks, 1), 1<<32-1)))
}

// interrupt is the timer's, unless it is a kick or the network device's. On the first
// processor it is time to look after the network then.
//
//go:linkname interrupt runtime/goos.Interrupt
func interrupt(cpu, vector uint64) (kick bool) {
	if vector >= frameVector && vector < frameVector+maxLines {
		machine.FrameInterrupt(int(vector - frameVector))
		apic.Write32(apicEOI, 0) // once the device has let go of its line
		return true
	}
	if vector != svrSpurious {
		apic.Write32(apicEOI, 0)
	}
	if vector == kickVector {
		return true
	}
	if cpu == 0 {
		machine.Tick()
		tickScreen(nanotime())
	}
	return false
}
