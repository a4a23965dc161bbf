//go:build tamago && arm64

package virt

import (
	"gasp/board/arm64"
	"gasp/board/uefi"
)

// wallTime is the time in ns since 1970 when the counter was at tick, 0 if nobody knows: that of the real-time clock, a PL031 (Arm DDI 0224C,
// 3.3), or what UEFI firmware told the boot stub.
func wallTime() (now int64, tick uint64) {
	const dr = 0x000 // seconds since 1970, if whoever set it keeps to that
	if r := registers(has.Clock); r != nil {
		return int64(r.Read32(dr)) * 1_000_000_000, arm64.Counter()
	}
	now, tick, byFirmware = uefi.Given.TimeOfDay()
	return now, tick
}

// byFirmware means that the time of day is firmware's.
var byFirmware bool
