//go:build tamago && arm64

package virt

import (
	"strconv"
	_ "unsafe" // go:linkname

	"gasp/board/arm64"
	"gasp/board/inventory"
	"gasp/board/machine"
	"gasp/board/nic"
	"gasp/netlog"
)

// start is called before any package is initialized.
//
//go:linkname start runtime/goos.Hwinit1
func start() {
	loaderCommandLine() // TamaGo's runtime has not asked for it: the tree is read
	takeInventory()
	mapConfigurations()
	startSerial()
	findPSCI()
	arm64.Start(wallTime())
	startInterrupts()
	tryTick()
}

func init() {
	l := netlog.Default()
	if has.Source == inventory.Nobody {
		l.Log(netlog.Err, "neither a device tree nor ACPI tables: nothing is known of this machine")
	} else {
		l.Log(netlog.Info, "described by "+has.Source.String())
	}
	if byFirmware {
		machine.SayFirmwareTime()
	}
	startTick()
	startButton()
	mmio := nic.MMIO{Windows: virtioWindows(), Interrupts: virtioInterrupts, Relax: arm64.Relax}
	buses := pciBuses()
	for _, b := range buses {
		b.Quiet()
	}
	mmio.FindEntropy()
	for _, b := range buses {
		b.FindEntropy()
	}
	mmio.FindNetwork()
	for _, b := range buses {
		b.FindNetwork()
	}
	if hidden != 0 {
		l.Log(netlog.Err, "device registers at 0x"+strconv.FormatUint(hidden, 16)+" cannot be used: the image is mapped there")
	}
	if !machine.Attached() {
		l.Log(netlog.Err, "no usable network device, neither virtio-mmio nor on a PCI bus: records stay here")
	}
}

// virtioWindows lists those that the machine has (Linux Documentation/devicetree/bindings/virtio/mmio.yaml).
func virtioWindows() (all []nic.Window) {
	for _, s := range has.Slots[:has.SlotCount] {
		if r := registers(s.Range); r != nil {
			all = append(all, nic.Window{Regs: r, IRQ: s.Line.ID, Memory: memoryFor(s.Incoherent)})
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
