//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/fwcfg"
)

// firmwarePorts are the I/O ports of QEMU's firmware configuration device.
type firmwarePorts struct{}

const (
	firmwareSelector = 0x510
	firmwareData     = 0x511
)

func (firmwarePorts) Select(key uint16) { out16(firmwareSelector, key) }
func (firmwarePorts) Next() byte        { return in8(firmwareData) }

// hasHypervisor tells whether this is a virtual machine (cpu_amd64.s). The ports of the device are nobody's, or
// somebody else's, on others.
func hasHypervisor() bool

//go:linkname firmwareFile gasp/board/machine.firmwareFile
func firmwareFile(name string, b []byte) (n int, err error) {
	if !hasHypervisor() {
		return 0, fwcfg.ErrNoDevice
	}
	return fwcfg.Read(firmwarePorts{}, name, b)
}
