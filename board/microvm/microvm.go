//go:build tamago && amd64

package microvm

import (
	"strconv"
	"strings"

	"gasp/board/machine"
	"gasp/board/nic"
	"gasp/board/x86"
	"gasp/drivers/reg"
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
	bus := nic.MMIO{
		Windows:    windows(),
		Interrupts: func(dev machine.Interrupts, w nic.Window) { x86.UseInterrupts(dev, nil, "", w.IRQ) },
		Relax:      x86.Relax,
	}
	bus.Find()
	if !machine.Attached() {
		netlog.Default().Log(netlog.Err, "no usable virtio-mmio network device: records stay here")
	}
}

// windows lists the register windows: by the command line as Linux reads it
// (drivers/virtio/virtio_mmio.c: virtio_mmio.device=<size>@<base>:<irq>), or
// else QEMU's slots.
func windows() []nic.Window {
	var list []nic.Window
	for _, v := range machine.CommandLine().All("virtio_mmio.device") {
		w := parseWindow(v)
		if w.Regs == nil {
			netlog.Default().Log(netlog.Err, "virtio_mmio.device="+v+": want <size>@<base>:<irq>, below 4 GiB")
			continue
		}
		list = append(list, w)
	}
	if list == nil {
		for i := range uintptr(mmioSlots) {
			list = append(list, nic.Window{Regs: &reg.MMIO{Base: mmioBase + i*mmioSize, Size: mmioSize}})
		}
	}
	return list
}

// parseWindow returns no registers for what is no window. What follows the interrupt, an
// id, does not matter.
func parseWindow(v string) nic.Window {
	size, rest, ok := strings.Cut(v, "@")
	base, rest, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 {
		return nic.Window{}
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
		return nic.Window{}
	}
	return nic.Window{Regs: x86.Window(b, n), IRQ: uint32(gsi)}
}
