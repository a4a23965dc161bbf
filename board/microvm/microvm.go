//go:build tamago

package microvm

import (
	"strconv"
	"strings"

	"gasp/board/x86"
	"gasp/drivers/reg"
	"gasp/drivers/virtio"
	virtionet "gasp/drivers/virtio-net"
	virtiorng "gasp/drivers/virtio-rng"
	"gasp/netlog"
)

// Where QEMU puts virtio-mmio devices when the command line does not say (QEMU
// include/hw/i386/microvm.h).
const (
	mmioBase  = 0xfeb00000
	mmioSize  = 0x200
	mmioSlots = 24
)

func init() {
	if x86.HasPCI() {
		return
	}
	l := netlog.Default()
	all := windows()
	for _, w := range all {
		if err := openEntropy(w.regs); err != nil && err != virtio.ErrNoDevice {
			l.Log(netlog.Warning, "virtio-mmio: "+err.Error())
		}
	}
	for _, w := range all {
		t, err := virtionet.NewMMIO(w.regs)
		if err != nil {
			continue // an empty slot, or another kind of device
		}
		d, err := virtionet.New(t, x86.Memory(), virtionet.Config{Now: x86.Now, Relax: x86.Relax, MAC: x86.LocalMAC()})
		if err != nil {
			l.Log(netlog.Err, "virtio-mmio: "+err.Error())
			continue
		}
		x86.Attach(d, t.Name())
		x86.UseInterrupts(d, nil, "", w.irq)
		return
	}
	l.Log(netlog.Err, "no usable virtio-mmio network device: records stay here")
}

// openEntropy makes the device in a window a source of entropy, if it is one.
func openEntropy(w *reg.MMIO) error {
	t, err := virtio.NewMMIO(w, virtiorng.Kind)
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

// windows lists the register windows: by the command line as Linux reads it
// (drivers/virtio/virtio_mmio.c: virtio_mmio.device=<size>@<base>:<irq>), or
// else QEMU's slots.
func windows() []window {
	var list []window
	for _, v := range x86.CommandLine().All("virtio_mmio.device") {
		w := parseWindow(v)
		if w.regs == nil {
			netlog.Default().Log(netlog.Err, "virtio_mmio.device="+v+": want <size>@<base>:<irq>, below 4 GiB")
			continue
		}
		list = append(list, w)
	}
	if list == nil {
		for i := range uintptr(mmioSlots) {
			list = append(list, window{regs: &reg.MMIO{Base: mmioBase + i*mmioSize, Size: mmioSize}})
		}
	}
	return list
}

// A window is registers, and the global system interrupt of the device behind them; 0
// if that is not known.
type window struct {
	regs *reg.MMIO
	irq  uint32
}

// parseWindow returns no registers for what is no window. What follows the interrupt, an
// id, does not matter.
func parseWindow(v string) window {
	size, rest, ok := strings.Cut(v, "@")
	base, rest, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 {
		return window{}
	}
	irq, _, _ := strings.Cut(rest, ":")
	gsi, err3 := strconv.ParseUint(irq, 0, 32)
	size, kilo := strings.CutSuffix(strings.ToUpper(size), "K")
	n, err := strconv.ParseUint(size, 0, 32)
	if kilo {
		n <<= 10
	}
	b, err2 := strconv.ParseUint(base, 0, 64)
	if err != nil || err2 != nil || err3 != nil {
		return window{}
	}
	return window{x86.Window(b, n), uint32(gsi)}
}
