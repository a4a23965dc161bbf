package inventory

import (
	"gasp/board/acpi"
	"gasp/board/devicetree"
	"gasp/board/gic"
	"gasp/drivers/pci"
)

const keyPower = 116 // Linux include/uapi/linux/input-event-codes.h

// Order of the generic timer's interrupts (Linux Documentation/devicetree/bindings/timer/arm,arch_timer.yaml).
const (
	treePhysical = 1
	treeVirtual  = 2
)

// ReadTree fills m by a device tree.
func (m *Machine) ReadTree(t *devicetree.Tree) {
	*m = Machine{}
	m.Source = DeviceTree
	m.Console = treeConsole(t)
	m.Timer = Timer{Line{usualPhysical, false}, Line{usualVirtual, false}}
	if n, ok := find(t, "arm,armv8-timer", "arm,armv7-timer"); ok {
		if l := line(n, treePhysical); l.ID != 0 {
			m.Timer.Physical = l
		}
		if l := line(n, treeVirtual); l.ID != 0 {
			m.Timer.Virtual = l
		}
	}
	m.GIC.readTree(t)
	m.PSCI = treePSCI(t)
	m.Clock = first(t, "arm,pl031")
	m.Firmware = first(t, "qemu,fw-cfg-mmio")
	n, ok := t.Path("/cpus")
	for n, ok = n.Next(); ok && m.CPUCount < len(m.CPUs); n, ok = n.Next() {
		if id, found := n.Unit(); found && n.String("device_type") == "cpu" {
			m.CPUs[m.CPUCount] = id
			m.CPUCount++
		}
	}
	for n, ok = t.Root(); ok; n, ok = n.Next() {
		if n.Enabled() {
			m.readNode(n)
		}
	}
}

// readNode takes what there may be several of.
func (m *Machine) readNode(n devicetree.Node) {
	switch {
	case n.Compatible("virtio,mmio") && m.SlotCount < len(m.Slots):
		m.Slots[m.SlotCount] = Slot{nth(n, 0), line(n, 0), !n.DMACoherent()}
		m.SlotCount++
	case n.Compatible("pci-host-ecam-generic") && m.HostCount < len(m.Hosts):
		h := &m.Hosts[m.HostCount]
		if h.readTree(n, &m.GIC); h.Config.Size != 0 {
			m.HostCount++
		}
	}
	if code, ok := n.Uint32("linux,code"); ok && code == keyPower && m.PowerKey.Size == 0 {
		if c, pin, ok := n.GPIO("gpios"); ok && c.Compatible("arm,pl061") {
			m.PowerKey = Key{nth(c, 0), pin, line(c, 0)}
		}
	}
}

// treeConsole is the console that the tree names, or else the first PL011.
func treeConsole(t *devicetree.Tree) Console {
	n, ok := t.Console()
	if !ok || !n.Compatible("arm,pl011") {
		n, ok = t.Find("arm,pl011")
	}
	if !ok {
		return Console{}
	}
	return Console{Range: nth(n, 0), Kind: acpi.PL011, Bits: 32}
}

func (g *GIC) readTree(t *devicetree.Tree) {
	if n, ok := t.Find("arm,gic-v3"); ok {
		g.Version, g.Distributor = 3, nth(n, 0)
		regions, _ := n.Uint32("#redistributor-regions")
		for i := range min(max(int(regions), 1), len(g.Redistributors)) {
			g.Redistributors[i] = nth(n, 1+i)
		}
	} else if n, ok := find(t, "arm,cortex-a15-gic", "arm,gic-400", "arm,cortex-a7-gic", "arm,cortex-a9-gic"); ok {
		g.Version, g.Distributor, g.CPU = 2, nth(n, 0), nth(n, 1)
	}
	g.Messages = first(t, "arm,gic-v2m-frame")
	n := 0
	for node, ok := t.Root(); ok && g.Version == 3 && n < len(g.ITS); node, ok = node.Next() {
		if node.Enabled() && node.Compatible(itsModel) {
			g.ITS[n] = nth(node, 0)
			n++
		}
	}
}

// treePSCI: Linux Documentation/devicetree/bindings/arm/psci.yaml.
func treePSCI(t *devicetree.Tree) (p PSCI) {
	n, ok := find(t, "arm,psci-1.0", "arm,psci-0.2", "arm,psci")
	if !ok {
		return p
	}
	method := n.String("method")
	p.HVC, p.SMC = method == "hvc", method == "smc"
	if v, ok := n.Uint32("cpu_on"); ok && !n.Compatible("arm,psci-0.2") {
		p.CPUOn = uint64(v)
	}
	return p
}

func (h *Host) readTree(n devicetree.Node, g *GIC) {
	*h = Host{Config: nth(n, 0), Incoherent: !n.DMACoherent()}
	h.First, h.Last = n.BusRange()
	h.bound()
	for i, maps := 0, h.Maps[:0]; len(maps) < len(h.Maps); i++ {
		m, ok := n.MessageMap(i)
		if !ok {
			break
		}
		if its := g.its(nth(m.Controller, 0).Addr); its >= 0 && m.Controller.Compatible(itsModel) {
			maps = append(maps, MessageMap{m.First, m.Count, m.Device, its})
		}
	}
	for i, room := 0, h.Windows[:0]; len(room) < len(h.Windows); i++ {
		w, ok := n.PCIWindow(i)
		if !ok {
			break
		}
		if w.Kind != devicetree.PCIConfig {
			room = append(room, Window{kind(w.Kind), w.Bus, w.CPU, w.Size})
		}
	}
	devices := n.PCIInterruptDevices()
	for d := range uint8(pciDevices) {
		if same := d & devices; same != d {
			h.Pins[d] = h.Pins[same]
			continue
		}
		for p := range uint8(pciPins) {
			if v, ok := n.PCIInterrupt(d, p+1); ok {
				if id, level, ok := v.GIC(); ok {
					h.Pins[d][p] = Line{id, !level}
				}
			}
		}
	}
}

const itsModel = "arm,gic-v3-its"

// its is the index of the translation service at an address, -1 if it is none.
func (g *GIC) its(addr uint64) int {
	for i, r := range &g.ITS {
		if r.Size != 0 && r.Addr == addr {
			return i
		}
	}
	return -1
}

// bound leaves the buses that there is configuration space for.
func (h *Host) bound() {
	most := h.Config.Size / pci.ECAMBusSize
	if most == 0 {
		h.Config = Range{}
	} else if uint64(h.Last-h.First) >= most {
		h.Last = h.First + uint8(most-1)
	}
}

func kind(of int) pci.Kind {
	switch of {
	case devicetree.PCIIO:
		return pci.IO
	case devicetree.PCIMemory32:
		return pci.Mem32
	}
	return pci.Mem64
}

// find is the first enabled node that is one of the models.
func find(t *devicetree.Tree, models ...string) (n devicetree.Node, ok bool) {
	for _, m := range models {
		if n, ok = t.Find(m); ok {
			return n, true
		}
	}
	return n, false
}

// first is where the registers of the first device of a model are.
func first(t *devicetree.Tree, model string) Range {
	n, ok := t.Find(model)
	if !ok {
		return Range{}
	}
	return nth(n, 0)
}

func nth(n devicetree.Node, i int) Range {
	addr, size, ok := n.Reg(i)
	if !ok {
		return Range{}
	}
	return Range{addr, size}
}

// line is interrupt i of a node, if it is one of the controller's.
func line(n devicetree.Node, i int) Line {
	if v, ok := n.Interrupt(i); ok {
		if id, level, ok := v.GIC(); ok && id >= gic.FirstPPI {
			return Line{id, !level}
		}
	}
	return Line{}
}
