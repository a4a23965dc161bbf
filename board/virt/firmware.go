//go:build tamago && arm64

package virt

import (
	"math/bits"
	_ "unsafe" // go:linkname

	"gasp/board/fwcfg"
	"gasp/drivers/reg"
)

// firmwareRegisters are those of QEMU's firmware configuration device (QEMU docs/specs/fw_cfg): the selector is big-endian.
type firmwareRegisters struct{ regs *reg.MMIO }

const (
	firmwareData     = 0x0
	firmwareSelector = 0x8
)

func (f firmwareRegisters) Select(key uint16) {
	f.regs.Write16(firmwareSelector, bits.ReverseBytes16(key))
}
func (f firmwareRegisters) Next() byte { return f.regs.Read8(firmwareData) }

//go:linkname firmwareFile gasp/board/machine.firmwareFile
func firmwareFile(name string, b []byte) (n int, err error) {
	if r := registers(has.Firmware); r != nil {
		return fwcfg.Read(firmwareRegisters{r}, name, b)
	}
	return 0, fwcfg.ErrNoDevice
}
