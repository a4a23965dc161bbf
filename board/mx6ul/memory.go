//go:build tamago && arm

package mx6ul

import (
	_ "unsafe" // go:linkname

	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/arm"
	"gasp/board/machine"
	"gasp/drivers/reg"
)

// The memory controller (IMX6ULLRM, chapter 35) says where chip select 0 ends, in steps of 32 MiB,
// as the loader set it up; an emulator has none.
const (
	mmdcBase    = 0x021b0000
	mmdcMDCTL   = 0x000
	mdctlSDE0   = 1 << 31
	mmdcMDASP   = 0x040
	maspEnd     = 0x7f
	maspUnit    = 32 << 20
	ramBase     = 0x80000000
	leastRAM    = 128 << 20
	mostRAM     = 2<<30 - 1<<20
	emulatedRAM = 512 << 20 // QEMU's mcimx6ul-evk has so much if -m does not say otherwise

	// OP-TEE keeps the end of RAM for itself, and for what it shares with others (core/arch/arm/plat-imx/conf.mk:
	// CFG_TZDRAM_START, CFG_SHMEM_SIZE): an access is an abort. With another layout it takes mem=.
	secureRAM = 32 << 20
)

//go:linkname ramBytes gasp/board/arm.ramBytes
func ramBytes() uint32 {
	arm.FindGIC(imx6ul.GIC_BASE)
	n := installed()
	if arm.NonSecure() {
		n -= secureRAM
	}
	if wanted, ok := machine.MemoryLimit(); ok {
		n = uint32(min(max(wanted&^(1<<20-1), leastRAM), uint64(n)))
	}
	return n
}

func installed() uint32 {
	r := reg.MMIO{Base: mmdcBase, Size: 0x1000}
	if r.Read32(mmdcMDCTL)&mdctlSDE0 == 0 {
		return emulatedRAM
	}
	end := uint64(r.Read32(mmdcMDASP)&maspEnd+1) * maspUnit
	return uint32(min(max(end, ramBase+leastRAM), ramBase+mostRAM) - ramBase)
}
