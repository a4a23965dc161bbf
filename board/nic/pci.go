//go:build tamago

package nic

import (
	"strconv"

	"gasp/board/machine"
	"gasp/drivers/dma"
	"gasp/drivers/e1000"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
	"gasp/drivers/virtio"
	virtionet "gasp/drivers/virtio-net"
	virtiorng "gasp/drivers/virtio-rng"
	"gasp/netlog"
)

// PCI is a PCI bus as a board offers it.
type PCI struct {
	Config pci.Config
	// Root is the first bus behind the host bridge.
	Root uint8
	// Memory is for the rings and buffers of its devices; nil: machine.Memory().
	Memory *dma.Memory
	// Registers maps base address register i of f.
	Registers func(f *pci.Function, i int) (reg.Space, error)
	// MSI and MSIX make f interrupt by message, if it and the machine can; Interrupts then
	// has the machine listen to it, message being "MSI" or "MSI-X", or else "" for its pin.
	MSI, MSIX  func(f *pci.Function) bool
	Interrupts func(dev machine.Interrupts, f *pci.Function, message string)
	// Relax lets about a microsecond pass, in few instructions.
	Relax func()
}

// Classes of functions: the base class, and with its subclass (PCI Code and ID Assignment Specification 1.11, 1.3).
const (
	classNetwork  = 0x02
	classEthernet = 0x0200
)

// How a device interrupts.
const (
	byPin  = ""
	byMSI  = "MSI"
	byMSIX = "MSI-X"
	polled = "not at all"
)

// Quiet keeps the network devices of the root bus, and of what its bridges lead to, from reading and writing memory.
func (b *PCI) Quiet() { pci.ScanTree(b.Config, b.Root, quiet) }

// QuietAll does so on all other buses, too, which takes some 10,000 reads.
func (b *PCI) QuietAll() { pci.Scan(b.Config, quiet) }

func quiet(f pci.Function) bool {
	if f.Class>>16 == classNetwork {
		f.Quiet()
	}
	return true
}

// FindEntropy looks for an entropy device, and says what is wrong with one that cannot be used.
func (b *PCI) FindEntropy() {
	l := netlog.Default()
	entropy := false
	pci.ScanTree(b.Config, b.Root, func(f pci.Function) bool {
		if entropy || !virtiorng.Kind.Is(f.Vendor, f.Device) {
			return true
		}
		err := b.openEntropy(&f)
		if err != nil {
			l.Log(netlog.Warning, id(&f)+": "+err.Error())
		}
		entropy = err == nil
		return true
	})
}

// FindNetwork looks for a network device if there is none yet, and says what is wrong with those that cannot be used.
func (b *PCI) FindNetwork() {
	if machine.Attached() {
		return
	}
	l := netlog.Default()
	pci.Scan(b.Config, func(f pci.Function) bool {
		dev, name, message, err := b.open(&f)
		switch {
		case err != nil:
			f.Quiet() // who knows what it does
			l.Log(netlog.Err, id(&f)+": "+err.Error())
		case dev != nil:
			machine.Attach(dev, name)
			if machine.Attached() {
				found = Device{PCI: f, bus: b}
			}
			if message != polled {
				b.Interrupts(dev.(machine.Interrupts), &f, message)
			}
		case f.Class>>8 == classEthernet:
			l.Log(netlog.Warning, id(&f)+": a network device that there is no driver for")
		}
		return !machine.Attached()
	})
}

// open returns the driver for f, or nil if there is none, and how f interrupts.
func (b *PCI) open(f *pci.Function) (dev netlog.Device, name, how string, err error) {
	if _, ok := e1000.Lookup(f.Device); ok && f.Vendor == e1000.Vendor {
		return b.openE1000(f)
	}
	if virtionet.Kind.Is(f.Vendor, f.Device) {
		return b.openVirtio(f)
	}
	return nil, "", polled, nil
}

func (b *PCI) openE1000(f *pci.Function) (dev netlog.Device, name, how string, err error) {
	f.Decode()
	regs, err := b.Registers(f, 0)
	if err != nil {
		return nil, "", polled, err
	}
	d, err := e1000.New(regs, b.memory(), e1000.Config{PCI: f, Now: machine.Now})
	if err != nil {
		return nil, "", polled, err
	}
	if err := d.Warning(); err != nil {
		netlog.Default().Log(netlog.Warning, id(f)+": "+err.Error())
	}
	if d.MSI() && b.MSI(f) {
		return d, d.Name(), byMSI, nil
	}
	return d, d.Name(), byPin, nil
}

func (b *PCI) openVirtio(f *pci.Function) (dev netlog.Device, name, how string, err error) {
	t, err := b.reachVirtio(f, virtionet.Kind)
	if err != nil {
		return nil, "", polled, err
	}
	f.Save()
	if !t.Legacy() && b.MSIX(f) { // it would move a legacy device's registers
		how = byMSIX
	}
	d, err := virtionet.New(t, b.memory(), virtionet.Config{Now: machine.Now, Relax: b.Relax, MAC: machine.LocalMAC(), Bus: f, MSIX: how == byMSIX})
	if err != nil {
		return nil, "", polled, err
	}
	if !d.Interrupts() {
		how = polled
	}
	return d, t.Name(), how, nil
}

// openEntropy makes the entropy device f a source.
func (b *PCI) openEntropy(f *pci.Function) error {
	t, err := b.reachVirtio(f, virtiorng.Kind)
	if err != nil {
		return err
	}
	d, err := virtiorng.New(t, b.memory(), machine.Now)
	if err != nil {
		return err
	}
	machine.UseEntropy(d)
	return nil
}

// reachVirtio is the transport of a virtio device, which does not interrupt until somebody acknowledges, and has no rings of firmware's any more
// when it may master the bus.
func (b *PCI) reachVirtio(f *pci.Function, kind virtio.Kind) (virtio.Transport, error) {
	f.Decode()
	f.DisableINTx()
	t, err := virtio.NewPCI(f, b.registers(f), kind)
	if err != nil {
		return nil, err
	}
	t.SetStatus(0)
	f.Enable()
	return t, nil
}

func (b *PCI) registers(f *pci.Function) func(int) (reg.Space, error) {
	return func(i int) (reg.Space, error) { return b.Registers(f, i) }
}

func (b *PCI) memory() *dma.Memory {
	if b.Memory != nil {
		return b.Memory
	}
	return machine.Memory()
}

// id is how lspci names a function.
func id(f *pci.Function) string {
	hex := func(v uint64) string { return strconv.FormatUint(v, 16) }
	return "PCI " + hex(uint64(f.Bus)) + ":" + hex(uint64(f.Dev)) + "." + hex(uint64(f.Fn)) +
		" [" + hex(uint64(f.Vendor)) + ":" + hex(uint64(f.Device)) + "]"
}
