// Package srtc reads the time of day from the secure real-time counter of SNVS, which i.MX6UL and i.MX6ULL keep while they are off if the board has
// a battery for it: i.MX 6ULL Applications Processor Reference Manual, Rev. 1, 46.7. It has 47 bits and counts at 32,768 Hz; Linux keeps the
// seconds since 1970 in it (drivers/rtc/rtc-snvs.c).
package srtc

import "gasp/drivers/reg"

// Registers, from SNVS's base on.
const (
	lpcr   = 0x38
	srtcmr = 0x50 // the upper 15 bits
	srtclr = 0x54

	lpcrSRTCENV = 1 << 0 // it counts
	upperBits   = 0x7fff

	// Size of the window, in bytes.
	Size = 0x1000
)

const (
	hz          = 32_768
	nsPerSecond = 1_000_000_000
	maxReads    = 10 // until two reads are the same: it changes every 30 us
)

// Read is the time since 1970, in ns. It is 0 if nobody has set the counter, or it gives no time. The module's clock must run.
func Read(r reg.Space) int64 {
	if r.Read32(lpcr)&lpcrSRTCENV == 0 {
		return 0
	}
	last := read(r)
	for range maxReads {
		now := read(r)
		if now == last {
			return int64(now/hz)*nsPerSecond + int64(now%hz*nsPerSecond/hz)
		}
		last = now
	}
	return 0
}

func read(r reg.Space) uint64 {
	return uint64(r.Read32(srtcmr)&upperBits)<<32 | uint64(r.Read32(srtclr))
}
