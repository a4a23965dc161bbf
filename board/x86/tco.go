//go:build tamago && amd64

package x86

import _ "unsafe" // go:linkname

// The watchdog of the chipset (Intel ICH9 data sheet, 13.9): when nobody reloads
// it, its second time-out resets the machine. It is the last resort, for a
// machine that not even non-maskable interrupts reach.
const (
	lpcDevice = 31 // on bus 0, function 0
	lpcID     = 0x00
	lpcPMBase = 0x40 // 13.1.13
	lpcACPI   = 0x44 // 13.1.14
	lpcRCBA   = 0xf0 // 13.1.35

	pmBaseMask = 0xff80
	acpiEnable = 1 << 7
	rcbaMask   = 0xffffc000
	rcbaEnable = 1 << 0

	gcsOffset   = 0x3410 // 10.1.75
	gcsNoReboot = 1 << 5

	tcoOffset   = 0x60 // from PMBASE
	tcoReload   = 0x00
	tcoStatus1  = 0x04
	tcoStatus2  = 0x06
	tcoControl1 = 0x08
	tcoTimer    = 0x12

	tcoTimeout   = 1 << 3  // in the first status
	tcoSecond    = 1 << 1  // in the second
	tcoHalt      = 1 << 11 // in control 1
	tcoMaxCount  = 0x3ff
	tcoCountTime = 600_000_000 // ns; twice for a reset

	tcoReloadAfter = 500_000_000 // ns
)

var tco struct {
	base     uint16 // 0: there is none, or it is not running
	reloaded int64  // when, in ns
}

// startTCO starts it with several times the patience of the watchdog, in ns. A
// chipset that is wired not to reset is left alone.
func startTCO(watchdog uint64) {
	const intel, ich9, ich10, family = 0x8086, 0x2910, 0x3a10, 0xfff0
	c := PCI{}
	id := c.Read32(0, lpcDevice, 0, lpcID)
	if device := id >> 16 & family; id&0xffff != intel || device != ich9 && device != ich10 {
		return
	}
	pm, rcba := c.Read32(0, lpcDevice, 0, lpcPMBase)&pmBaseMask, c.Read32(0, lpcDevice, 0, lpcRCBA)
	count := (4*watchdog + 20_000_000_000) / (2 * tcoCountTime)
	if count > tcoMaxCount || pm == 0 || c.Read32(0, lpcDevice, 0, lpcACPI)&acpiEnable == 0 || rcba&rcbaEnable == 0 {
		return
	}
	gcs := Window(uint64(rcba&rcbaMask)+gcsOffset, 4)
	if gcs == nil {
		return
	}
	gcs.Write32(0, gcs.Read32(0)&^gcsNoReboot)
	if gcs.Read32(0)&gcsNoReboot != 0 {
		return
	}
	tco.base = uint16(pm) + tcoOffset
	out16(tco.base+tcoStatus1, tcoTimeout)
	out16(tco.base+tcoStatus2, tcoSecond)
	out16(tco.base+tcoTimer, uint16(count))
	out16(tco.base+tcoReload, 1)
	out16(tco.base+tcoControl1, in16(tco.base+tcoControl1)&^tcoHalt)
}

// reloadTCO is a sign of life.
//
//go:linkname reloadTCO gasp/board/machine.reloadWatchdog
func reloadTCO(now int64) {
	if tco.base != 0 && now-tco.reloaded > tcoReloadAfter {
		tco.reloaded = now
		out16(tco.base+tcoReload, 1)
	}
}
