package pci

import "errors"

// ErrNoMSI means that a function has no usable capability for message signalled
// interrupts of the kind that was asked for.
var ErrNoMSI = errors.New("pci: no message signalled interrupts")

// The MSI capability, LB 6.8.1. With 64-bit addresses the data lie 4 bytes further on.
const (
	capMSI = 0x05

	msiControl     = 0x02
	msiAddress     = 0x04
	msiAddressHigh = 0x08
	msiData        = 0x08
	msiData64      = 0x0C

	msiControlEnable = 1 << 0
	msiControlCount  = 7 << 4 // vectors that are enabled, as a power of two
	msiControl64     = 1 << 7

	msiSize   = msiData + 2
	msiSize64 = msiData64 + 2
)

// conventionalSize is what capabilities lie in, bytes.
const conventionalSize = 256

// capability finds the first capability of a kind that has size bytes in conventional
// configuration space.
func (f *Function) capability(kind uint8, size uint16) (off uint16, ok bool) {
	f.Capabilities(func(id uint8, at uint16) bool {
		ok = id == kind && at+size <= conventionalSize
		off = at
		return !ok
	})
	return off, ok
}

// EnableMSI makes the function interrupt by writing data to address, with one vector
// and in place of its pin (LB 6.8.3). ErrNoMSI if it cannot.
func (f *Function) EnableMSI(address uint64, data uint16) error {
	at, ok := f.capability(capMSI, msiSize)
	if !ok {
		return ErrNoMSI
	}
	control := f.Read16(at + msiControl)
	wide := control&msiControl64 != 0
	if wide && at+msiSize64 > conventionalSize || !wide && address>>32 != 0 {
		return ErrNoMSI
	}
	control &^= msiControlCount | msiControlEnable
	f.Write16(at+msiControl, control)
	f.Write32(at+msiAddress, uint32(address))
	if wide {
		f.Write32(at+msiAddressHigh, uint32(address>>32))
		f.Write16(at+msiData64, data)
	} else {
		f.Write16(at+msiData, data)
	}
	f.Write16(at+msiControl, control|msiControlEnable)
	if f.Read16(at+msiControl)&msiControlEnable == 0 {
		return ErrNoMSI
	}
	return nil
}
