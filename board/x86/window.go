//go:build tamago

package x86

import "gasp/drivers/reg"

// What cpuinit maps uncached, for devices: the last GiB below 4 GiB.
const (
	deviceStart = 3 << 30
	deviceEnd   = 4 << 30
)

// Window is size bytes of device registers at base, nil where none can be.
func Window(base, size uint64) *reg.MMIO {
	if size == 0 || base < deviceStart || base >= deviceEnd || size > deviceEnd-base {
		return nil
	}
	return &reg.MMIO{Base: uintptr(base), Size: uint32(size)}
}
