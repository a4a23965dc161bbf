package pci

// The power management capability (PCI Bus Power Management Interface Specification 1.2, 3.2).
const (
	capPower = 0x01

	powerControl = 0x04
	powerSize    = 0x08

	powerState  = 3       // D0 to D3hot
	powerStatus = 1 << 15 // PME_Status clears when written as one

	// A function takes 10 ms from D3hot to D0 (5.4), a read of its configuration space no less
	// than half a microsecond.
	wakeReads = 20_000
)

// Sleep puts the function into D3hot, where nothing but its configuration space answers until Enable. It tells whether
// the function can.
func (f *Function) Sleep() bool {
	at, ok := f.capability(capPower, powerSize)
	if ok {
		f.Write16(at+powerControl, f.Read16(at+powerControl)&^powerStatus|powerState)
	}
	return ok
}

// wake brings a function to D0, in which firmware does not leave each. Base addresses that it has forgotten
// meanwhile are set again: it may reset itself.
func (f *Function) wake() {
	at, ok := f.capability(capPower, powerSize)
	if !ok {
		return
	}
	control := f.Read16(at + powerControl)
	if control&powerState == 0 {
		return
	}
	var bars [barsDevice]uint32
	for i := range bars {
		bars[i] = f.Read32(regBAR0 + 4*uint16(i))
	}
	f.Write16(at+powerControl, control&^(powerState|powerStatus))
	for range wakeReads {
		f.Read16(at + powerControl)
	}
	for i, v := range bars {
		if off := regBAR0 + 4*uint16(i); f.Read32(off) != v {
			f.Write32(off, v)
		}
	}
}
