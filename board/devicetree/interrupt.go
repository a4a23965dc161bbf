package devicetree

// An Interrupt is one as its controller names it: up to four cells (DT 2.4; for Arm's controllers Linux
// Documentation/devicetree/bindings/interrupt-controller/arm,gic.yaml: kind, number, flags, and for version 3, arm,gic-v3.yaml, which processors
// of several kinds a private one is for).
type Interrupt struct {
	Controller Node
	Cells      [4]uint32
	N          int // how many cells there are
}

const (
	gicSPI = 0 // kinds: shared by all processors, or of each one
	gicPPI = 1

	firstPPI = 16 // their numbers in the controller (Arm IHI 0048, 2.2.1)
	firstSPI = 32
	maxPPI   = 16
	maxSPI   = 988
	levels   = 0xc // in the flags
)

// GIC is the number of an interrupt of Arm's Generic Interrupt Controller, and whether it is a level and not an edge. ok
// is false if it is none.
func (i Interrupt) GIC() (id uint32, level, ok bool) {
	level = i.Cells[2]&levels != 0
	switch {
	case i.N < 3:
	case i.Cells[0] == gicSPI && i.Cells[1] < maxSPI:
		return firstSPI + i.Cells[1], level, true
	case i.Cells[0] == gicPPI && i.Cells[1] < maxPPI:
		return firstPPI + i.Cells[1], level, true
	}
	return 0, false, false
}

// Interrupt is interrupt i of the node (DT 2.4.1). ok is false behind the last one.
func (n Node) Interrupt(i int) (v Interrupt, ok bool) {
	b, ok := n.Property("interrupts-extended")
	for ; ok; i-- {
		if len(b) < tokenSize {
			return v, false
		}
		if v.Controller, ok = n.tree.phandle(word(b)); !ok {
			return v, false
		}
		if b, ok = v.take(b[tokenSize:]); !ok || i == 0 {
			return v, ok
		}
	}
	if v.Controller, ok = n.controller(); !ok {
		return v, false
	}
	b, _ = n.Property("interrupts")
	for ; i >= 0; i-- {
		if b, ok = v.take(b); !ok {
			return v, false
		}
	}
	return v, true
}

// take reads the cells of an interrupt whose controller is known.
func (v *Interrupt) take(b []byte) (rest []byte, ok bool) {
	n, ok := v.Controller.Uint32("#interrupt-cells")
	if !ok || n == 0 || n > uint32(len(v.Cells)) || len(b) < int(n)*tokenSize {
		return nil, false
	}
	v.Cells, v.N = [4]uint32{}, int(n)
	for i := range v.N {
		v.Cells[i] = word(b[i*tokenSize:])
	}
	return b[v.N*tokenSize:], true
}

// controller is where the node's interrupts go: what it, or the nearest node above that says so, names.
func (n Node) controller() (Node, bool) {
	for ok := true; ok; n, ok = n.Parent() {
		if h, found := n.Uint32("interrupt-parent"); found {
			return n.tree.phandle(h)
		}
	}
	return Node{}, false
}

// phandle is the node that others name by this number (DT 2.3.3).
func (t *Tree) phandle(h uint32) (Node, bool) {
	n, ok := t.Root()
	for ; ok; n, ok = n.Next() {
		if v, found := n.Uint32("phandle"); found && v == h {
			return n, true
		}
	}
	return Node{}, false
}

// PCIInterrupt is where pin 1 to 4 (INTA to INTD) of a device on the root bus of a PCI host bridge leads to, by the
// bridge's interrupt map (DT 2.4.3.1; Open Firmware PCI Bus Binding 2.1, 6.4).
func (n Node) PCIInterrupt(device uint8, pin uint8) (v Interrupt, ok bool) {
	const unit, pins = 3, 1 // cells
	b, _ := n.Property("interrupt-map")
	mask, _ := n.Property("interrupt-map-mask")
	address := [unit + pins]uint32{uint32(device) << 11, 0, 0, uint32(pin)}
	last := uint32(0) // the controllers are one, mostly
	for len(b) >= (unit+pins+1)*tokenSize {
		same := true
		for i, a := range address {
			m := ^uint32(0)
			if len(mask) == len(address)*tokenSize {
				m = word(mask[i*tokenSize:])
			}
			same = same && (a^word(b[i*tokenSize:]))&m == 0
		}
		b = b[(unit+pins)*tokenSize:]
		if h := word(b); h != last || last == 0 {
			if v.Controller, ok = n.tree.phandle(h); !ok {
				return v, false
			}
			last = h
		}
		b = b[tokenSize:]
		up, found := v.Controller.Uint32("#address-cells")
		if found && (up > maxCells || len(b) < int(up)*tokenSize) {
			return v, false
		}
		if b, ok = v.take(b[up*tokenSize:]); !ok || same {
			return v, ok
		}
	}
	return v, false
}

// PCIInterruptDevices are the bits of a device number that PCIInterrupt looks at: those without them are alike.
func (n Node) PCIInterruptDevices() uint8 {
	const devices = 31
	mask, _ := n.Property("interrupt-map-mask")
	if len(mask) != 4*tokenSize {
		return devices
	}
	return uint8(word(mask)>>11) & devices
}
