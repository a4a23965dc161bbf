package devicetree

const (
	defaultAddressCells = 2 // DT 2.3.5
	defaultSizeCells    = 1
	maxCells            = 3 // PCI has that many
	maxEntries          = 1024
)

// addressCells and sizeCells are of the addresses of the node's children (DT 2.3.5).
func (n Node) addressCells() int { return n.cellCount("#address-cells", defaultAddressCells) }
func (n Node) sizeCells() int    { return n.cellCount("#size-cells", defaultSizeCells) }

func (n Node) cellCount(name string, usual int) int {
	v, ok := n.Uint32(name)
	switch {
	case !ok:
		return usual
	case v > maxCells:
		return -1
	}
	return int(v)
}

// Reg is range i of the node's registers or memory, as the processor addresses it (DT 2.3.6 and
// 2.3.8). ok is false behind the last one, and for one that the processor does not reach.
func (n Node) Reg(i int) (addr, size uint64, ok bool) {
	bus, ok := n.Parent()
	if !ok || i < 0 || i >= maxEntries {
		return 0, 0, false
	}
	b, _ := n.Property("reg")
	a, s := bus.addressCells(), bus.sizeCells()
	if a <= 0 || s < 0 || len(b) < (i+1)*(a+s)*tokenSize {
		return 0, 0, false
	}
	b = b[i*(a+s)*tokenSize:]
	addr, size = cells(b, a), cells(b[a*tokenSize:], s)
	for ok {
		up, above := bus.Parent()
		if !above {
			return addr, size, addr+size >= addr
		}
		addr, ok = bus.translate(up, addr, size)
		bus = up
	}
	return 0, 0, false
}

// Unit is the node's first address on its own bus: what a processor's affinity is (DT 3.8.1).
func (n Node) Unit() (addr uint64, ok bool) {
	bus, ok := n.Parent()
	b, _ := n.Property("reg")
	a := bus.addressCells()
	if !ok || a <= 0 || len(b) < a*tokenSize {
		return 0, false
	}
	return cells(b, a), true
}

// translate makes an address on the bus that the node is one on the bus above.
func (n Node) translate(up Node, addr, size uint64) (uint64, bool) {
	b, ok := n.Property("ranges")
	if ok && len(b) == 0 {
		return addr, true // one to one
	}
	child, parent, s := n.addressCells(), up.addressCells(), n.sizeCells()
	if !ok || child <= 0 || child == maxCells || parent <= 0 || s <= 0 {
		return 0, false
	}
	step := (child + parent + s) * tokenSize
	for ; len(b) >= step; b = b[step:] {
		from, to, n := cells(b, child), cells(b[child*tokenSize:], parent), cells(b[(child+parent)*tokenSize:], s)
		if addr >= from && addr-from < n && size <= n-(addr-from) {
			return to + (addr - from), true
		}
	}
	return 0, false
}

// Memory is range i of the machine's RAM, in bytes (DT 3.4). ok is false behind the last one.
func (t *Tree) Memory(i int) (addr, size uint64, ok bool) {
	n, ok := t.Root()
	for ; ok; n, ok = n.Next() {
		if n.String("device_type") != "memory" || !n.Enabled() {
			continue
		}
		if addr, size, i = n.nth(i); i < 0 {
			return addr, size, true
		}
	}
	return 0, 0, false
}

// Reserved is range i of the RAM that is not to be used: of what the header lists (DT 5.3), then of what
// /reserved-memory has (DT 3.5). ok is false behind the last one.
func (t *Tree) Reserved(i int) (addr, size uint64, ok bool) {
	const entry = 16
	for b := t.reserved; len(b) >= entry; b = b[entry:] {
		addr, size := cells(b, 2), cells(b[8:], 2)
		if addr == 0 && size == 0 {
			break
		}
		if i == 0 {
			return addr, size, true
		}
		i--
	}
	return t.reservedNodes(i, false)
}

// Unmapped is range i of the RAM that is not even to be mapped, as a processor may read ahead whatever is: what is no-map in /reserved-memory (DT 3.5.2), which
// Reserved has as well. ok is false behind the last one.
func (t *Tree) Unmapped(i int) (addr, size uint64, ok bool) { return t.reservedNodes(i, true) }

// reservedNodes is range i of /reserved-memory, or of what is no-map there.
func (t *Tree) reservedNodes(i int, unmapped bool) (addr, size uint64, ok bool) {
	top, ok := t.Path("/reserved-memory")
	if !ok {
		return 0, 0, false
	}
	n, ok := top.Next()
	for ; ok && n.depth > top.depth; n, ok = n.Next() {
		if _, noMap := n.Property("no-map"); unmapped && !noMap {
			continue
		}
		if addr, size, i = n.nth(i); i < 0 {
			return addr, size, true
		}
	}
	return 0, 0, false
}

// nth is range i of the node; if it has less, left is how many to go on with, else -1.
func (n Node) nth(i int) (addr, size uint64, left int) {
	for j := 0; ; j++ {
		addr, size, ok := n.Reg(j)
		switch {
		case !ok:
			return 0, 0, i - j
		case j == i:
			return addr, size, -1
		}
	}
}
