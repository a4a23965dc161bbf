//go:build tamago && arm64

package virt

import (
	_ "unsafe" // go:linkname

	"gasp/board/arm64"
	"gasp/board/machine"
)

// Sources of entropy besides devices: the processor's RNDR instruction, and the 256 bits that a loader puts into the tree
// (/chosen/rng-seed: Linux drivers/of/fdt.c), of which a generator makes more.
var (
	seedLooked bool
	seeded     machine.Seeded
)

const (
	rndrTries  = 10
	rndrNumber = 8 // bytes
)

//go:linkname cpuEntropy gasp/board/machine.cpuEntropy
func cpuEntropy(b []byte) bool {
	if !seedLooked && treeRead {
		seedLooked = true
		takeSeed()
	}
	clear(b)
	random := arm64.HasRNDR() && fromRNDR(b)
	if !random {
		clear(b)
	}
	return seeded.Mix(b) || random
}

func fromRNDR(b []byte) bool {
	for i := 0; i < len(b); i += rndrNumber {
		v, ok := uint64(0), false
		for n := 0; n < rndrTries && !ok; n++ {
			v, ok = arm64.RNDR()
		}
		if !ok {
			return false
		}
		mix(b[i:], v)
	}
	return true
}

// mix adds up to eight bytes.
func mix(b []byte, v uint64) {
	for i := range b[:min(len(b), rndrNumber)] {
		b[i] ^= byte(v >> (8 * i))
	}
}

// takeSeed takes the seed out of the tree: nobody else is to see it.
func takeSeed() {
	chosen, ok := tree.Path("/chosen")
	if !ok {
		return
	}
	b, _ := chosen.Property("rng-seed")
	seeded.Take(b)
}
