//go:build tamago && arm

package mx6ul

import (
	"runtime/goos"
	_ "unsafe" // go:linkname

	"github.com/usbarmory/tamago/soc/nxp/imx6ul"
)

// TamaGo's drivers of the chip's random number generators, RNGB (i.MX 6ULL) and CAAM (6UL),
// allocate, lock and panic, which nothing may that the kernel under the runtime calls. So what
// they give is taken ahead. Each byte is used once; when all are, the generator of the kernel goes
// on from what it had.
var entropy struct {
	bytes       [4096]byte
	start, left int
}

// findEntropy fills the room. It does so on real chips only: what TamaGo has for an emulator
// follows from the clock.
func findEntropy() {
	goos.InitRNG()
	if imx6ul.Native {
		goos.GetRandomData(entropy.bytes[:])
		entropy.left = len(entropy.bytes)
	}
}

//go:linkname cpuEntropy gasp/board/machine.cpuEntropy
func cpuEntropy(b []byte) bool {
	e := &entropy
	if len(b) > e.left {
		return false
	}
	fresh := e.bytes[e.start:][:len(b)]
	copy(b, fresh)
	clear(fresh)
	e.start, e.left = e.start+len(b), e.left-len(b)
	return true
}
