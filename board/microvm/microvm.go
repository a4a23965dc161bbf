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
		if err := openEntropy(w); err != nil && err != virtio.ErrNoDevice {
			l.Log(netlog.Warning, "virtio-mmio: "+err.Error())
		}
	}
	for _, w := range all {
		t, err := virtionet.NewMMIO(w)
		if err != nil {
			continue // an empty slot, or another kind of device
		}
		d, err := virtionet.New(t, x86.Memory(), virtionet.Config{Now: x86.Now, MAC: x86.LocalMAC()})
		if err != nil {
			l.Log(netlog.Err, "virtio-mmio: "+err.Error())
			continue
		}
		x86.Attach(d, t.Name())
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
func windows() []*reg.MMIO {
	var list []*reg.MMIO
	for _, v := range x86.CommandLine().All("virtio_mmio.device") {
		w := parseWindow(v)
		if w == nil {
			netlog.Default().Log(netlog.Err, "virtio_mmio.device="+v+": want <size>@<base>:<irq>, below 4 GiB")
			continue
		}
		list = append(list, w)
	}
	if list == nil {
		for i := range uintptr(mmioSlots) {
			list = append(list, &reg.MMIO{Base: mmioBase + i*mmioSize, Size: mmioSize})
		}
	}
	return list
}

// parseWindow returns nil for what is no window.
func parseWindow(v string) *reg.MMIO {
	size, rest, ok := strings.Cut(v, "@")
	base, _, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 {
		return nil
	}
	size, kilo := strings.CutSuffix(strings.ToUpper(size), "K")
	n, err := strconv.ParseUint(size, 0, 32)
	if kilo {
		n <<= 10
	}
	b, err2 := strconv.ParseUint(base, 0, 64)
	if err != nil || err2 != nil {
		return nil
	}
	return x86.Window(b, n)
}
