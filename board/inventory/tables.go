package inventory

import (
	"gasp/board/acpi"
	"gasp/board/gic"
	"gasp/drivers/pci"
)

// Sizes of registers that the tables only give the start of.
const (
	uartSize       = 0x1000
	distributor2   = 0x1000  // Arm IHI 0048B, 4.1.2
	cpuInterface   = 0x2000  // likewise
	distributor3   = 0x10000 // Arm IHI 0069H, 12.8
	redistributor3 = 0x20000 // likewise
	redistributor4 = 0x40000
	messageFrame   = 0x1000 // Arm Server Base System Architecture, DEN 0029, GICv2m
	addressable    = 1 << 48
)

// ReadTables fills m by ACPI's static tables, which rsdp, the address of the root pointer, leads to. What only
// AML tells is left out: the windows of PCI hosts and where their pins lead to, real-time clock, keys, virtio-mmio. Errors: acpi.ErrRSDP, acpi.ErrRSDT.
func (m *Machine) ReadTables(mem acpi.Memory, rsdp uint64) error {
	*m = Machine{}
	psci, hvc, err := acpi.ParsePSCI(mem, rsdp)
	if err == acpi.ErrRSDP || err == acpi.ErrRSDT {
		return err
	}
	m.Source = ACPI
	m.PSCI = PSCI{HVC: psci && hvc, SMC: psci && !hvc}
	m.Console = tableConsole(mem, rsdp)
	m.Timer = Timer{Line{usualPhysical, false}, Line{usualVirtual, false}}
	if p, v, err := acpi.ParseGTDT(mem, rsdp); err == nil {
		if p.ID != 0 {
			m.Timer.Physical = Line(p)
		}
		if v.ID != 0 {
			m.Timer.Virtual = Line(v)
		}
	}
	g, cpus, err := acpi.ParseGIC(mem, rsdp, m.CPUs[:])
	if err == nil {
		m.CPUCount = cpus
		m.GIC.readTables(&g)
	}
	var windows [MaxHosts]acpi.ConfigWindow
	n, _ := acpi.ConfigWindows(mem, rsdp, windows[:])
	var maps [MaxMaps]acpi.MessageMap
	for _, w := range windows[:n] {
		h := &m.Hosts[m.HostCount]
		*h = Host{Config: Range{w.Start(), w.Size()}, First: w.First, Last: w.Last, Placed: true}
		count, _ := acpi.MessageMaps(mem, rsdp, w.Segment, maps[:])
		for i, r := 0, h.Maps[:0]; i < count; i++ {
			for its, service := range g.ITS[:g.ITSCount] {
				if service.ID == maps[i].ITS && m.GIC.Version == 3 {
					r = append(r, MessageMap{maps[i].First, maps[i].Count, maps[i].Device, its})
					break
				}
			}
		}
		if coherent, err := acpi.ParseCoherence(mem, rsdp, w.Segment); err == nil { // what tells nothing is taken for coherent, as AML mostly says (_CCA)
			h.Incoherent = !coherent
		}
		h.Windows[0] = Window{Kind: pci.Mem64, Size: addressable} // one to one
		m.HostCount++
	}
	return nil
}

func tableConsole(mem acpi.Memory, rsdp uint64) Console {
	s, kind, err := acpi.ParseArmSerial(mem, rsdp)
	if err != nil {
		return Console{}
	}
	c := Console{Range{s.Addr, uartSize}, kind, s.Bits, s.Stride}
	if kind != acpi.UART16550 { // they have 32-bit registers, whatever older tables say
		c.Bits, c.Stride = 32, 0
	}
	return c
}

func (g *GIC) readTables(t *acpi.GIC) {
	switch {
	case t.Version == 2, t.Version <= 1 && t.Regions == 0:
		g.Version = 2
		g.Distributor, g.CPU = Range{t.Distributor, distributor2}, Range{t.CPU, cpuInterface}
	default:
		g.Version = 3
		g.Distributor = Range{t.Distributor, distributor3}
		for i, r := range t.Redistributors[:min(t.Regions, len(g.Redistributors))] {
			if r.Size == 0 {
				if r.Size = redistributor3; t.Version >= 4 {
					r.Size = redistributor4
				}
			}
			g.Redistributors[i] = Range{r.Start, r.Size}
		}
	}
	for i, service := range t.ITS[:t.ITSCount] {
		if g.Version == 3 {
			g.ITS[i] = Range{service.Addr, gic.ITSSize}
		}
	}
	if t.Messages != 0 {
		g.Messages = Range{t.Messages, messageFrame}
		g.FirstMessage, g.MessageCount = uint32(t.FirstMessage), uint32(t.MessageCount)
	}
}
