//go:build tamago && arm

package mx6ul

import (
	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/mx6ul/srtc"
	"gasp/drivers/reg"
)

var snvs = reg.MMIO{Base: imx6ul.SNVS_HP_BASE, Size: srtc.Size}

// date is the time since 1970, in ns; 0 if nobody has set the clock.
func date() int64 {
	modify(imx6ul.CCM_CCGR5, 0, 3<<imx6ul.CCGRx_CG9) // its clock, or the access would not end
	return srtc.Read(&snvs)
}
