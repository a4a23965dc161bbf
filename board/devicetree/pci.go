package devicetree

// Kinds of address space of a PCI bus (Open Firmware PCI Bus Binding 2.1, 2.2.1.1).
const (
	PCIConfig = iota
	PCIIO
	PCIMemory32
	PCIMemory64
)

// A PCIWindow is a range of addresses that a host bridge passes on to its PCI bus.
type PCIWindow struct {
	Kind         int // PCIIO, PCIMemory32, PCIMemory64
	Prefetchable bool
	Bus          uint64 // first address on the PCI bus
	CPU          uint64 // as the processor has it
	Size         uint64 // bytes
}

// PCIWindow is window i of a host bridge (DT 2.3.8). ok is false behind the last one.
func (n Node) PCIWindow(i int) (w PCIWindow, ok bool) {
	bus, ok := n.Parent()
	if !ok || i < 0 || i >= maxEntries || n.addressCells() != 3 || n.sizeCells() != 2 {
		return w, false
	}
	parent := bus.addressCells()
	if parent <= 0 || parent > 2 {
		return w, false
	}
	step := (3 + parent + 2) * tokenSize
	b, _ := n.Property("ranges")
	if len(b) < (i+1)*step {
		return w, false
	}
	b = b[i*step:]
	high := word(b)
	w = PCIWindow{
		Kind:         int(high >> 24 & 3),
		Prefetchable: high&(1<<30) != 0,
		Bus:          cells(b[tokenSize:], 2),
		CPU:          cells(b[3*tokenSize:], parent),
		Size:         cells(b[(3+parent)*tokenSize:], 2),
	}
	return w, w.Bus+w.Size >= w.Bus && w.CPU+w.Size >= w.CPU
}

// BusRange is which bus numbers a host bridge has: all if it does not say.
func (n Node) BusRange() (first, last uint8) {
	b, _ := n.Property("bus-range")
	if len(b) != 2*tokenSize || word(b) > 255 || word(b[tokenSize:]) > 255 || word(b) > word(b[tokenSize:]) {
		return 0, 255
	}
	return uint8(word(b)), uint8(word(b[tokenSize:]))
}
