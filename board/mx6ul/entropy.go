//go:build tamago && arm

package mx6ul

import (
	_ "unsafe" // go:linkname

	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/arm"
	"gasp/board/machine"
	"gasp/board/mx6ul/rngb"
	"gasp/board/mx6ul/trng"
	"gasp/drivers/reg"
	"gasp/netlog"
)

// The chip has a source of random numbers, RNGB (i.MX 6ULL) or that of CAAM (6UL), which takes up to seconds to be asked. So what it
// gives is taken ahead: of the one as it is, of the other as a seed. Each byte is used once; when all are, the generator of the
// kernel goes on from what it had. An emulator has none, but may leave a seed.
var entropy struct {
	bytes       [4096]byte
	start, left int

	looked bool
	seeded machine.Seeded
}

// findEntropy asks the chip. Version 0.0 is an emulator's, as for TamaGo, whose variables say which chip it is.
func findEntropy() {
	_, family, major, minor := imx6ul.SiliconVersion()
	imx6ul.Family, imx6ul.Native = family, major != 0 || minor != 0
	if !imx6ul.Native {
		return
	}
	var err error
	switch e := &entropy; family {
	case imx6ul.IMX6ULL:
		modify(imx6ul.CCM_CCGR6, 0, 3<<imx6ul.CCGRx_CG9) // AIPS 3, which RNGB is behind
		if err = rngb.Read(&reg.MMIO{Base: rngb.Base, Size: rngb.Size}, machine.Now, e.bytes[:]); err == nil {
			e.left = len(e.bytes)
		}
	case imx6ul.IMX6UL:
		modify(imx6ul.CCM_CCGR0, 0, 3<<imx6ul.CCGRx_CG4|3<<imx6ul.CCGRx_CG5|3<<imx6ul.CCGRx_CG6)
		var seed [32]byte
		if seed, err = trng.Seed(&reg.MMIO{Base: trng.Base, Size: trng.Size}, machine.Now); err == nil {
			e.seeded.Take(seed[:])
		}
	}
	if err != nil {
		netlog.Default().Log(netlog.Warning, err.Error())
	}
}

//go:linkname cpuEntropy gasp/board/machine.cpuEntropy
func cpuEntropy(b []byte) bool {
	e := &entropy
	if !e.looked {
		e.looked = true
		if seed := arm.TakeSeed(); seed != nil {
			e.seeded.Take(seed)
		}
	}
	clear(b)
	fresh := len(b) <= e.left
	if fresh {
		taken := e.bytes[e.start:][:len(b)]
		copy(b, taken)
		clear(taken)
		e.start, e.left = e.start+len(b), e.left-len(b)
	}
	return e.seeded.Mix(b) || fresh
}
