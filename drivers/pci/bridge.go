package pci

// The PCI Express capability (PCI Express Base Specification 5.0, 7.5.3.2).
const (
	capExpress   = 0x10
	expressFlags = 0x02
	expressSize  = 0x14

	expressType           = 0xF << 4
	expressRootPort       = 4 << 4
	expressDownstreamPort = 6 << 4
)

// Windows of a bridge (BR 3.2.5): the limit is in the upper half of a register, the
// base in the lower one, and a base above the limit is none.
const (
	regIOWindow           = 0x1C // 8 bits each, 4 of them address bits 12-15
	regMemoryWindow       = 0x20 // 16 bits each, 12 of them address bits 20-31
	regPrefetchableWindow = 0x24
	regPrefetchableBase   = 0x28 // upper 32 bits
	regPrefetchableLimit  = 0x2C
	regIOWindowUpper      = 0x30
	regBuses              = 0x18 // primary, secondary, subordinate, a byte each
	regBridgeControl      = 0x3E

	ioWindowMask     = 0xF0
	memoryWindowMask = 0xFFF0
	busNumbers       = 0x00FFFFFF

	bridgeReset = 1 << 6 // of the secondary bus (BR 3.2.5.18)
)

// bridgeRegisters are what Save remembers of a bridge: what tells it which cycles to
// pass on.
var bridgeRegisters = [...]uint16{regBuses, regIOWindow, regMemoryWindow, regPrefetchableWindow,
	regPrefetchableBase, regPrefetchableLimit, regIOWindowUpper}

// isDownstreamPort tells whether it is a bridge to a link of PCI Express.
func (f *Function) isDownstreamPort() bool {
	at, ok := f.capability(capExpress, expressSize)
	if !ok {
		return false
	}
	kind := f.Read16(at+expressFlags) & expressType
	return kind == expressRootPort || kind == expressDownstreamPort
}

// forward makes a bridge pass on memory and I/O to the devices behind it, and their
// DMA to memory. A window that firmware has not set is not opened: from 0 on it would
// take what is the board's.
func (f *Function) forward() {
	command := f.Read16(regCommand) | commandMaster
	io := f.Read32(regIOWindow)
	if base, limit := io&ioWindowMask, io>>8&ioWindowMask; base != 0 && base <= limit {
		command |= commandIO
	}
	if opens(f.Read32(regMemoryWindow), 0, 0) ||
		opens(f.Read32(regPrefetchableWindow), f.Read32(regPrefetchableBase), f.Read32(regPrefetchableLimit)) {
		command |= commandMemory
	}
	f.Write16(regCommand, command)
	if control := f.Read16(regBridgeControl); control&bridgeReset != 0 {
		f.Write16(regBridgeControl, control&^bridgeReset)
	}
}

// opens tells whether a window of memory is set and passes anything on.
func opens(window, highBase, highLimit uint32) bool {
	base := uint64(highBase)<<32 | uint64(window&memoryWindowMask)<<16
	limit := uint64(highLimit)<<32 | uint64(window>>16&memoryWindowMask)<<16
	return base != 0 && base <= limit
}

// savedBridge is what Save remembers of one.
type savedBridge struct {
	command, control uint16
	words            [len(bridgeRegisters)]uint32
}

func (f *Function) saveBridge() (s savedBridge) {
	s.command, s.control = f.Read16(regCommand), f.Read16(regBridgeControl)
	for i, off := range bridgeRegisters {
		s.words[i] = f.Read32(off)
	}
	return s
}

// intactBridge looks at the bus numbers, too: without them what is behind the bridge
// cannot be asked.
func (f *Function) intactBridge(s *savedBridge) bool {
	return f.Read16(regCommand) == s.command && (f.Read32(regBuses)^s.words[0])&busNumbers == 0
}

func (f *Function) restoreBridge(s *savedBridge) {
	for i, off := range bridgeRegisters {
		f.Write32(off, s.words[i])
	}
	f.Write16(regBridgeControl, s.control)
	f.Write16(regCommand, s.command)
}
