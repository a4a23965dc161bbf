package devicetree

// A MessageMap says as whom a controller of messages knows the functions of a PCI bus: by their requester ids, bus<<8 | device<<3 | function, from
// First on, Count of them, which have the numbers from Device on there.
type MessageMap struct {
	Controller           Node
	First, Count, Device uint32
}

// allRequesters is how many requester ids there are.
const allRequesters = 1 << 16

// MessageMap is map i of a host bridge (Linux Documentation/devicetree/bindings/pci/pci-msi.txt): where there is none, msi-parent stands
// for one of all. ok is false behind the last one, and for ids that are masked.
func (n Node) MessageMap(i int) (m MessageMap, ok bool) {
	const step = 4 * tokenSize
	b, found := n.Property("msi-map")
	if !found {
		parent, _ := n.Property("msi-parent")
		if i != 0 || len(parent) < tokenSize {
			return m, false
		}
		m = MessageMap{Count: allRequesters}
		m.Controller, ok = n.tree.phandle(word(parent))
		return m, ok
	}
	if mask, masked := n.Uint32("msi-map-mask"); masked && mask&(allRequesters-1) != allRequesters-1 {
		return m, false
	}
	if i < 0 || i >= maxEntries || len(b) < (i+1)*step {
		return m, false
	}
	b = b[i*step:]
	m = MessageMap{First: word(b), Device: word(b[2*tokenSize:]), Count: word(b[3*tokenSize:])}
	m.Controller, ok = n.tree.phandle(word(b[tokenSize:]))
	return m, ok
}
