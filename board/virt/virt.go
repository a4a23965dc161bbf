//go:build tamago && arm64

package virt

import (
	_ "unsafe" // go:linkname

	"gasp/board/arm64"
	"gasp/board/machine"
	"gasp/board/nic"
	"gasp/netlog"
)

// start is called before any package is initialized.
//
//go:linkname start runtime/goos.Hwinit1
func start() {
	loaderCommandLine() // TamaGo's runtime has not asked for it: the tree is read
	startSerial()
	findPSCI()
	arm64.Start(wallTime())
	startInterrupts()
	tryTick()
}

func init() {
	l := netlog.Default()
	if treeSize == 0 {
		l.Log(netlog.Err, "no device tree: nothing is known of this machine")
	}
	startTick()
	startButton()
	mmio := nic.MMIO{Windows: virtioWindows(), Interrupts: virtioInterrupts, Relax: arm64.Relax}
	bus := pciBus()
	mmio.FindEntropy()
	if bus != nil {
		bus.FindEntropy()
	}
	mmio.FindNetwork()
	if bus != nil {
		bus.FindNetwork()
	}
	if !machine.Attached() {
		l.Log(netlog.Err, "no usable network device, neither virtio-mmio nor on a PCI bus: records stay here")
	}
}

// maxWindows bounds the virtio-mmio devices; QEMU has 32.
const maxWindows = 64

// virtioWindows lists those that the tree has (Linux Documentation/devicetree/bindings/virtio/mmio.yaml).
func virtioWindows() (all []nic.Window) {
	n, ok := tree.Root()
	for ; ok && len(all) < maxWindows; n, ok = n.Next() {
		if !n.Compatible("virtio,mmio") || !n.Enabled() {
			continue
		}
		if r := registers(n, 0); r != nil {
			all = append(all, nic.Window{Regs: r, IRQ: number(n, 0, 0)})
		}
	}
	return all
}

// virtioInterrupts makes the network device in a window interrupt.
func virtioInterrupts(dev machine.Interrupts, w nic.Window) {
	if w.IRQ != 0 {
		listen(dev, w.IRQ, true, func() {})
	}
}
