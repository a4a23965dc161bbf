package pci

// Function is one function of a PCI device.
type Function struct {
	// Bus, Dev and Fn are where it is: 0 to 255, 31 and 7.
	Bus, Dev, Fn uint8
	// Vendor and Device are its identifiers (LB 6.2.1).
	Vendor, Device uint16
	// Class is base class, subclass and programming interface, 8 bits each, the
	// base class uppermost (LB 6.2.1).
	Class uint32
	// HeaderType is the layout of the header without the multi-function bit: 0
	// for a device, 1 for a bridge.
	HeaderType uint8

	cfg     Config
	bridge  *Function // that leads to it, nil on the bus of a host bridge
	saved   bool
	command uint16
	bars    [barsDevice]uint32
	bridges [maxBridges]savedBridge // from the function on
}

// Read32 reads the 32-bit register that holds offset off, all ones beyond the
// configuration space.
func (f *Function) Read32(off uint16) uint32 {
	if off >= configSize {
		return ^uint32(0)
	}
	return f.cfg.Read32(f.Bus, f.Dev, f.Fn, off&^3)
}

// Read16 reads 16 bits at off, a multiple of 2.
func (f *Function) Read16(off uint16) uint16 {
	return uint16(f.Read32(off) >> (8 * (off & 2)))
}

// Read8 reads 8 bits at off.
func (f *Function) Read8(off uint16) uint8 {
	return uint8(f.Read32(off) >> (8 * (off & 3)))
}

// Write32 writes the 32-bit register that holds offset off. Beyond the
// configuration space it writes nothing.
func (f *Function) Write32(off uint16, v uint32) {
	if off < configSize {
		f.cfg.Write32(f.Bus, f.Dev, f.Fn, off&^3, v)
	}
}

// Write16 writes 16 bits at off, a multiple of 2. The status bits beside the command register
// clear when written as one (LB 6.2.3), so they are never written back.
func (f *Function) Write16(off uint16, v uint16) {
	old, shift := f.Read32(off), 8*(off&2)
	if off&^3 == regCommand {
		old &= 0xFFFF
	}
	f.Write32(off, old&^(0xFFFF<<shift)|uint32(v)<<shift)
}

// Bridge is the bridge that leads to the function, nil if it is on the bus of a host
// bridge.
func (f *Function) Bridge() *Function { return f.bridge }

// Decode lets the function decode memory and I/O (LB 6.2.2), and the bridges on the way to it pass that on. One that
// sleeps is woken. It may not master the bus before Enable: what it was told to do before, by firmware, it is to be told not to
// first.
func (f *Function) Decode() {
	f.reach()
	f.Quiet()
	f.wake()
	f.Write16(regCommand, f.Read16(regCommand)&^commandMaster|commandIO|commandMemory)
}

// Enable is Decode, and lets the function master the bus.
func (f *Function) Enable() {
	f.reach()
	f.wake()
	f.Write16(regCommand, f.Read16(regCommand)|commandIO|commandMemory|commandMaster)
}

// reach opens the bridges on the way to the function.
func (f *Function) reach() {
	for b := f.bridge; b != nil; b = b.bridge {
		b.forward()
	}
}

// Quiet ends the function's DMA: what firmware had it do may write where there is
// something else now.
func (f *Function) Quiet() {
	f.Write16(regCommand, f.Read16(regCommand)&^commandMaster)
}

// DisableINTx keeps the function from asserting its interrupt pin (LB 6.2.2,
// bit 10).
func (f *Function) DisableINTx() {
	f.Write16(regCommand, f.Read16(regCommand)|commandINTxDisable)
}

// EnableINTx lets it assert its interrupt pin again.
func (f *Function) EnableINTx() {
	f.Write16(regCommand, f.Read16(regCommand)&^commandINTxDisable)
}

// InterruptLine is what the firmware says of where the function's interrupt arrives at
// the legacy interrupt controllers, 0 to 15 (LB 6.2.4); 255: it does not say.
func (f *Function) InterruptLine() uint8 { return f.Read8(regInterruptLine) }

// HasINTx tells whether the function has an interrupt pin (LB 6.2.4).
func (f *Function) HasINTx() bool {
	pin := f.Read8(regInterruptPin)
	return pin >= 1 && pin <= interruptPins
}

// RootPin is where the function's interrupt pin arrives on the bus of the host bridge: at pin 1 to 4 of this device. On the
// way each bridge turns pins by the number of the device behind it (BR 9.1). ok is false if it has none.
func (f *Function) RootPin() (device, pin uint8, ok bool) {
	if !f.HasINTx() {
		return 0, 0, false
	}
	pin = f.Read8(regInterruptPin)
	for n := 0; f.bridge != nil && n < maxBridges; n++ {
		pin = (pin-1+f.Dev)%interruptPins + 1
		f = f.bridge
	}
	return f.Dev, pin, true
}

// Save remembers the command register for Intact, and it and the base addresses
// for Restore; and of up to 8 bridges on the way what they pass on.
func (f *Function) Save() {
	f.command = f.Read16(regCommand)
	for i := range f.bars {
		f.bars[i] = f.Read32(regBAR0 + 4*uint16(i))
	}
	b := f.bridge
	for i := 0; i < maxBridges && b != nil; i++ {
		f.bridges[i] = b.saveBridge()
		b = b.bridge
	}
	f.saved = true
}

// Intact tells whether the command register reads as it was saved, and so whether
// the function may master the bus, and those of the bridges on the way do. It is true if nothing was saved. Base addresses
// are not looked at: a driver that finds in its registers what it wrote there knows
// that they are where they were.
func (f *Function) Intact() bool {
	if !f.saved {
		return true
	}
	b := f.bridge
	for i := 0; i < maxBridges && b != nil; i++ {
		if !b.intactBridge(&f.bridges[i]) {
			return false
		}
		b = b.bridge
	}
	return uint16(f.Read32(regCommand)) == f.command
}

// Restore writes back what Save remembered, bridges first, base addresses with decoding off.
// Mastering stays on meanwhile: QEMU's virtio devices forget without it that they
// were at work. It allocates nothing and may be called from any context.
func (f *Function) Restore() {
	if !f.saved {
		return
	}
	f.restoreBridges(f.bridge, 0)
	f.Write16(regCommand, f.command&^(commandIO|commandMemory))
	for i := range f.bars {
		f.Write32(regBAR0+4*uint16(i), f.bars[i])
	}
	f.Write16(regCommand, f.command)
}

// restoreBridges begins with the one farthest away: what is behind a bridge can only be
// reached through it.
func (f *Function) restoreBridges(b *Function, i int) {
	if i < maxBridges && b != nil {
		f.restoreBridges(b.bridge, i+1)
		b.restoreBridge(&f.bridges[i])
	}
}
