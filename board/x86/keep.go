//go:build tamago && amd64

package x86

import _ "unsafe" // go:linkname

// Memory that outlives a warm reset: below the image, so that loading it again
// does not write there, and above what a PC's firmware uses: OVMF unpacks itself to
// 8 to 21 MiB (edk2 OvmfPkg/OvmfPkgX64.fdf, MEMFD). It must not move from one build
// to the next.
const (
	keepStart = 0x1800000
	keepSize  = 256 << 10
)

// keepMemory returns that memory, nil if this machine has none: if the loader's
// memory map does not say so, or something that the loader left lies there.
//
//go:linkname keepMemory gasp/board/machine.keepMemory
func keepMemory() []byte {
	if !loaderFree(keepStart, keepSize) {
		return nil
	}
	return at(keepStart, keepSize)
}
