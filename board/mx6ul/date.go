//go:build tamago && arm

package mx6ul

import (
	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/drivers/reg"
)

// The secure real-time counter of SNVS (IMX6ULLRM, 46.7): 47 bits, counting at 32,768 Hz. Linux
// keeps the seconds since 1970 in it (drivers/rtc/rtc-snvs.c).
const (
	snvsLPCR   = 0x38
	snvsSRTCMR = 0x50
	snvsSRTCLR = 0x54

	lpcrSRTC = 1 << 0 // it counts

	srtcHz      = 32_768
	nsPerSecond = 1_000_000_000
	maxReads    = 10 // until two reads are the same: it changes every 30 us
)

var snvs = reg.MMIO{Base: imx6ul.SNVS_HP_BASE, Size: 0x1000}

// date is the time since 1970, in ns; 0 if nobody has set the clock.
func date() int64 {
	modify(imx6ul.CCM_CCGR5, 0, 3<<imx6ul.CCGRx_CG9) // its clock, or the access would not end
	if snvs.Read32(snvsLPCR)&lpcrSRTC == 0 {
		return 0
	}
	last := uint64(0)
	for range maxReads {
		v := uint64(snvs.Read32(snvsSRTCMR))<<32 | uint64(snvs.Read32(snvsSRTCLR))
		if v == last {
			break
		}
		last = v
	}
	return int64(last / srtcHz * nsPerSecond)
}
