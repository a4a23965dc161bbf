//go:build tamago

package pc

import (
	"strconv"

	"gasp/board/x86"
	"gasp/drivers/e1000"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
	"gasp/drivers/virtio"
	virtionet "gasp/drivers/virtio-net"
	virtiorng "gasp/drivers/virtio-rng"
	"gasp/netlog"
)

const (
	classEthernet = 0x0200
	vendorIntel   = 0x8086
)

func init() {
	if !x86.HasPCI() {
		return
	}
	l := netlog.Default()
	pci.Scan(x86.PCI{}, func(f pci.Function) bool {
		if !virtiorng.Kind.Is(f.Vendor, f.Device) {
			return true
		}
		err := openEntropy(&f)
		if err != nil {
			l.Log(netlog.Warning, id(&f)+": "+err.Error())
		}
		return err != nil
	})
	pci.Scan(x86.PCI{}, func(f pci.Function) bool {
		dev, name, message, err := open(&f)
		switch {
		case err != nil:
			l.Log(netlog.Err, id(&f)+": "+err.Error())
		case dev != nil:
			x86.Attach(dev, name)
			if message != polled {
				x86.UseInterrupts(dev.(x86.Interrupts), &f, message, 0)
			}
		case f.Class>>8 == classEthernet:
			l.Log(netlog.Warning, id(&f)+": a network device that there is no driver for")
		}
		return !x86.Attached()
	})
	if !x86.Attached() {
		l.Log(netlog.Err, "no usable network device on the PCI bus: records stay here")
	}
}

// How a device interrupts.
const (
	byPin  = ""
	byMSI  = "MSI"
	byMSIX = "MSI-X"
	polled = "not at all"
)

// open returns the driver for f, or nil if there is none, and how f interrupts.
func open(f *pci.Function) (dev netlog.Device, name, how string, err error) {
	if _, ok := e1000.Lookup(f.Device); ok && f.Vendor == vendorIntel {
		return openE1000(f)
	}
	if virtionet.Kind.Is(f.Vendor, f.Device) {
		return openVirtio(f)
	}
	return nil, "", polled, nil
}

func openE1000(f *pci.Function) (dev netlog.Device, name, how string, err error) {
	f.Enable()
	regs, err := x86.Registers(f, 0)
	if err != nil {
		return nil, "", polled, err
	}
	d, err := e1000.New(regs, x86.Memory(), e1000.Config{PCI: f, Now: x86.Now})
	if err != nil {
		return nil, "", polled, err
	}
	if x86.MSI(f) {
		return d, d.Name(), byMSI, nil
	}
	return d, d.Name(), byPin, nil
}

func openVirtio(f *pci.Function) (dev netlog.Device, name, how string, err error) {
	f.Enable()
	f.DisableINTx() // until somebody acknowledges
	t, err := virtionet.NewPCI(f, func(i int) (reg.Space, error) { return x86.Registers(f, i) })
	if err != nil {
		return nil, "", polled, err
	}
	f.Save()
	if !t.Legacy() && x86.MSIX(f) { // it would move a legacy device's registers
		how = byMSIX
	}
	d, err := virtionet.New(t, x86.Memory(), virtionet.Config{Now: x86.Now, Relax: x86.Relax, MAC: x86.LocalMAC(), Bus: f, MSIX: how == byMSIX})
	if err != nil {
		return nil, "", polled, err
	}
	if !d.Interrupts() {
		how = polled
	}
	return d, t.Name(), how, nil
}

// openEntropy makes the entropy device f a source.
func openEntropy(f *pci.Function) error {
	f.Enable()
	f.DisableINTx()
	t, err := virtio.NewPCI(f, func(i int) (reg.Space, error) { return x86.Registers(f, i) }, virtiorng.Kind)
	if err != nil {
		return err
	}
	d, err := virtiorng.New(t, x86.Memory(), x86.Now)
	if err != nil {
		return err
	}
	x86.UseEntropy(d)
	return nil
}

// id is how lspci names a function.
func id(f *pci.Function) string {
	hex := func(v uint64) string { return strconv.FormatUint(v, 16) }
	return "PCI " + hex(uint64(f.Bus)) + ":" + hex(uint64(f.Dev)) + "." + hex(uint64(f.Fn)) +
		" [" + hex(uint64(f.Vendor)) + ":" + hex(uint64(f.Device)) + "]"
}
