//go:build tamago && amd64

package x86

import (
	"sync/atomic"

	"gasp/board/machine"
	"gasp/board/x86/instep"
)

// The time stamp counters of the processors are one clock (clock.go). When one starts, its counter is compared with that of the
// processor that starts it.
const (
	msrTSCAdjust   = 0x3b   // IA32_TSC_ADJUST, which is added to the counter (Intel SDM volume 3, 17.17.3)
	cpuidTSCAdjust = 1 << 1 // of leaf 7, EBX
)

var meeting instep.Meeting

// tscInPlace reads the counter behind all loads before, and in front of all instructions behind it (cpu_amd64.s).
func tscInPlace() uint64

func adjustsTSC() bool {
	const features = 7
	if most, _, _, _ := cpuid(0, 0); most < features {
		return false
	}
	_, b, _, _ := cpuid(features, 0)
	return b&cpuidTSCAdjust != 0
}

func setTSCBack(ahead uint64) {
	if adjustsTSC() {
		writeMSR(msrTSCAdjust, readMSR(msrTSCAdjust)-ahead)
	}
}

// meet is called on the processor that starts another one, and tells whether that is up, and is not to be stopped again.
func meet(up *uint32, until int64) bool {
	patient := func() bool { relax(); return nanotime() < until }
	outcome := meeting.Ask(tscInPlace, adjustsTSC(), patient)
	switch outcome {
	case instep.Absent:
		machine.Problem("a processor does not start")
	case instep.Apart:
		machine.Problem("the time stamp counter of a processor is not in step with the first one's: it is not used")
	default:
		if outcome == instep.Corrected {
			machine.Problem("the time stamp counter of a processor was not in step with the first one's: corrected")
		}
		for atomic.LoadUint32(up) == 0 {
			if !patient() {
				machine.Problem("a processor does not start")
				return false
			}
		}
		return true
	}
	return false
}
