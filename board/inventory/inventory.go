// Package inventory is what a 64-bit Arm machine has and where, whoever tells it: a device tree or ACPI's static tables. Boards read
// the one plain struct, and need not know who filled it. Nothing is allocated, so that it can be filled before there is
// a heap. Neither source is believed: what is told is bounded, and whoever maps registers looks whether they can be there.
package inventory

import (
	"gasp/board/acpi"
	"gasp/board/gic"
	"gasp/drivers/pci"
)

// Bounds of what a Machine holds.
const (
	MaxCPUs       = 64
	MaxHosts      = 8
	MaxWindows    = 8
	MaxSlots      = 64
	MaxITS        = acpi.MaxITS
	MaxMaps       = 16
	pciDevices    = 32
	pciPins       = 4
	usualPhysical = gic.FirstPPI + 14 // Arm Base System Architecture (DEN 0094), 3.8
	usualVirtual  = gic.FirstPPI + 11
)

// A Range is one of physical addresses, in bytes. Without Size there is none.
type Range struct{ Addr, Size uint64 }

// A Line is an interrupt of the controller: its number, and whether it is an edge. Number 0 is none.
type Line struct {
	ID   uint32
	Edge bool
}

// A Machine is one. What there is none of is zero.
type Machine struct {
	Source  Source
	Console Console
	GIC     GIC
	Timer   Timer
	PSCI    PSCI
	// CPUs are the affinities (MPIDR_EL1) of the processors that can be used, CPUCount of them.
	CPUs     [MaxCPUs]uint64
	CPUCount int
	Hosts    [MaxHosts]Host // of PCI, HostCount of them
	// Slots are windows of virtio-mmio, SlotCount of them.
	Slots                [MaxSlots]Slot
	HostCount, SlotCount int
	Clock                Range // a PL031 (Arm DDI 0224C)
	Firmware             Range // QEMU's firmware configuration device
	PowerKey             Key
}

// A Source is who told.
type Source int

// The sources.
const (
	Nobody Source = iota
	DeviceTree
	ACPI
)

// String is what the log calls it.
func (s Source) String() string {
	return [...]string{"nobody", "a device tree", "ACPI tables"}[min(max(s, 0), ACPI)]
}

// A Console is a serial port.
type Console struct {
	Range
	Kind   acpi.UART
	Bits   uint8  // width of an access: 8, 16 or 32
	Stride uint32 // bytes from one register of a 16550 to the next
}

// A GIC is the interrupt controller.
type GIC struct {
	Version     int // 2, or 3 for it and 4; 0: there is none
	Distributor Range
	CPU         Range // version 2
	// Redistributors are ranges of them, as many as have a size.
	Redistributors [gic.MaxRedistributors]Range
	Messages       Range // the frame of GICv2m
	// FirstMessage, and how many there are; if that is 0, the frame says so.
	FirstMessage, MessageCount uint32
	// ITS are the interrupt translation services of version 3, those with a size.
	ITS [MaxITS]Range
}

// A Timer is the generic timer.
type Timer struct{ Physical, Virtual Line }

// PSCI is how firmware is asked: by HVC, SMC, or not.
type PSCI struct {
	HVC, SMC bool
	CPUOn    uint64 // number of the function if it is not the usual one, else 0
}

// A Host is a PCI host bridge whose configuration space is memory (ECAM), from bus First on.
type Host struct {
	Config      Range
	First, Last uint8
	Windows     [MaxWindows]Window // those that have a size
	// Pins are where those of the devices on the root bus lead to, INTA first.
	Pins [pciDevices][pciPins]Line
	// Maps are as whom translation services know its functions, those with a Count.
	Maps [MaxMaps]MessageMap
	// Incoherent tells that its devices do not see what the processors' caches hold.
	Incoherent bool
	// Placed tells that the windows are not known: what firmware has placed on the bus must stay where it is.
	Placed bool
}

// A MessageMap stands for the functions with Count requester ids (bus<<8 | device<<3 | function) from First on: they have the numbers from Device on at
// a translation service, by its index in the GIC.
type MessageMap struct {
	First, Count, Device uint32
	ITS                  int
}

// Message finds as whom a translation service knows a function.
func (h *Host) Message(requester uint32) (its int, device uint32, ok bool) {
	for _, m := range &h.Maps {
		if requester >= m.First && requester-m.First < m.Count {
			return m.ITS, m.Device + requester - m.First, true
		}
	}
	return 0, 0, false
}

// A Window is a range of addresses that a host bridge passes on.
type Window struct {
	Kind           pci.Kind
	Bus, CPU, Size uint64
}

// A Slot is a window of virtio-mmio.
type Slot struct {
	Range
	Line       Line
	Incoherent bool // as of a Host
}

// A Key is a pin of a PL061 (Arm DDI 0190B), which interrupts at Line.
type Key struct {
	Range
	Pin  uint32
	Line Line
}
