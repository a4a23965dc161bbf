package pci

import "gasp/drivers/reg"

// The MSI-X capability, LB 6.8.2.
const (
	capMSIX = 0x11

	msixControl = 0x02
	msixTable   = 0x04
	msixSize    = 0x0C

	msixControlCount = 0x7FF // entries of the table, less 1
	msixControlMask  = 1 << 14
	msixControlOn    = 1 << 15
	msixBAR          = 7 // of msixTable; the rest is an offset

	// An entry of the table: address, data, vector control.
	msixEntry       = 16
	msixAddress     = 0
	msixAddressHigh = 4
	msixData        = 8
	msixVector      = 12
	msixVectorMask  = 1 << 0
)

// EnableMSIX makes the function interrupt by MSI-X in place of its pin: entry 0 of the
// table writes data to address, the others stay masked. bar maps a base address
// register. ErrNoMSI if the function cannot, or what it says of its table cannot be.
func (f *Function) EnableMSIX(bar func(i int) (reg.Space, error), address uint64, data uint32) error {
	at, ok := f.capability(capMSIX, msixSize)
	if !ok {
		return ErrNoMSI
	}
	control := f.Read16(at + msixControl)
	entries := uint64(control&msixControlCount) + 1
	table := f.Read32(at + msixTable)
	n, base := int(table&msixBAR), table&^uint32(msixBAR)
	window, err := f.BAR(n)
	if err != nil || window.Kind == IO || uint64(base)+entries*msixEntry > window.Size {
		return ErrNoMSI
	}
	regs, err := bar(n)
	if err != nil || regs == nil {
		return ErrNoMSI
	}
	// The table can be written while the function as a whole is masked.
	f.Write16(at+msixControl, control|msixControlOn|msixControlMask)
	for i := range uint32(entries) {
		entry := base + i*msixEntry
		regs.Write32(entry+msixVector, msixVectorMask)
		if i == 0 {
			regs.Write32(entry+msixAddress, uint32(address))
			regs.Write32(entry+msixAddressHigh, uint32(address>>32))
			regs.Write32(entry+msixData, data)
			regs.Write32(entry+msixVector, 0)
		}
	}
	f.Write16(at+msixControl, control&^msixControlMask|msixControlOn)
	if f.Read16(at+msixControl)&msixControlOn == 0 {
		return ErrNoMSI
	}
	return nil
}
