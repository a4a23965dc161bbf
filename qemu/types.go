package qemu

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
)

// MachineType is what the launcher knows of a kind of machine.
type MachineType struct {
	Name    string // as in Machine.Type
	Arch    string // of its images, by Go's name
	Program string // QEMU's
	Machine string // QEMU's name of it, with properties
	CPU     string // QEMU's name of the CPU unless a Machine says otherwise; empty where there is only one
	// Suffix is the ending of a file that it boots, without the point. The last part of it is the format, as mkimage
	// takes it from the output's name.
	Suffix string
	// Line is the address at which QEMU leaves the command line for boards that have no other way to get one from it
	// (board/arm/handover.go); 0: -append.
	Line uint64
	// Firmware is what loads the image; nil is QEMU's own loader, which gives it the command line too.
	Firmware *Firmware
	// EL3 has it start there, in firmware of ours (el3.go).
	EL3 bool
	// BuiltIn is the model of the network cards that are part of the machine, and take the place of others.
	BuiltIn string
	NIC     string // the one that it is shown with
	Board   string // what the demonstration calls it; empty for a variation of another type
	CPUs    int    // it has no more; 0: as many as anybody wants
	NoClock bool   // it does not know the time of day
	ROM     bool   // network cards have boot code of their own, which would only cost time
	KVM     bool   // may run under KVM on a host of its architecture
	NoFIQ   bool   // 64-bit ARM: firmware keeps the interrupt controller's group 0, so that urgent interrupts are IRQs
	// ExitDevice says that there can be an isa-debug-exit. Every machine can switch itself off and reset itself.
	ExitDevice bool
}

// QEMU's programs.
const (
	programX86   = "qemu-system-x86_64"
	programARM   = "qemu-system-arm"
	programARM64 = "qemu-system-aarch64"
)

// everything that the accelerator can do; under KVM this is the host's CPU.
const everything = "max"

// MachineTypes are all that the package knows.
var MachineTypes = []MachineType{
	{Name: "q35", Arch: "amd64", Program: programX86, Machine: "q35", CPU: everything, Suffix: "elf", Board: "pc", NIC: "e1000", ROM: true, KVM: true, ExitDevice: true},
	{Name: "pc", Arch: "amd64", Program: programX86, Machine: "pc", CPU: everything, Suffix: "elf", NIC: "e1000", ROM: true, KVM: true, ExitDevice: true},
	{Name: "microvm", Arch: "amd64", Program: programX86, Machine: "microvm", CPU: everything, Suffix: "elf", Board: "microvm", NIC: "virtio-net-device", KVM: true, ExitDevice: true},
	{Name: "q35-uefi", Arch: "amd64", Program: programX86, Machine: "q35", CPU: everything, Suffix: "efi", Firmware: &ovmf, Board: "pc-uefi", NIC: "e1000e", ROM: true, KVM: true, ExitDevice: true},
	{Name: "virt", Arch: "arm64", Program: programARM64, Machine: "virt", CPU: "cortex-a57", Suffix: "arm64.elf", Board: "virt", NIC: "virtio-net-pci", ROM: true},
	{Name: "virt-uefi", Arch: "arm64", Program: programARM64, Machine: "virt,acpi=off", CPU: "cortex-a57", Suffix: "arm64.efi", Firmware: &aavmf, Board: "virt-uefi", NIC: "virtio-net-pci", ROM: true},
	{Name: "virt-secure", Arch: "arm64", Program: programARM64, Machine: "virt,secure=on,gic-version=3", CPU: "cortex-a57", Suffix: "arm64.bin", NIC: "virtio-net-pci", ROM: true, NoFIQ: true},
	{Name: "virt-el3", Arch: "arm64", Program: programARM64, Machine: "virt,secure=on,virtualization=on,gic-version=3,acpi=off", CPU: "cortex-a57", Suffix: "arm64.bin", EL3: true, NIC: "virtio-net-pci", ROM: true, NoFIQ: true},
	{Name: "xlnx-versal-virt", Arch: "arm64", Program: programARM64, Machine: "xlnx-versal-virt", Suffix: "arm64.bin", NIC: "virtio-net-device", CPUs: 2, NoClock: true, NoFIQ: true},
	{Name: "mcimx6ul-evk", Arch: "arm", Program: programARM, Machine: "mcimx6ul-evk", Suffix: "arm.elf", Line: 0x80000000, BuiltIn: "imx.enet", Board: "mx6ul", NIC: "imx.enet", CPUs: 1, NoClock: true},
}

// NewSeed makes the entropy (Machine.Seed) for a machine that QEMU gives no source of it; nil for all others.
func (t *MachineType) NewSeed() []byte {
	if t.Line == 0 {
		return nil
	}
	seed := make([]byte, seedSize)
	rand.Read(seed)
	return seed
}

// TypeOf finds a type by its name. The error wraps ErrMachine.
func TypeOf(name string) (*MachineType, error) {
	i := slices.IndexFunc(MachineTypes, func(t MachineType) bool { return t.Name == name })
	if i < 0 {
		var known []string
		for _, t := range MachineTypes {
			known = append(known, t.Name)
		}
		return nil, fmt.Errorf("qemu: %w: type %q, known are %s", ErrMachine, name, strings.Join(known, ", "))
	}
	return &MachineTypes[i], nil
}

// BoardType finds the type that a board is shown on. The error wraps ErrMachine.
func BoardType(board string) (*MachineType, error) {
	var known []string
	for i := range MachineTypes {
		switch t := &MachineTypes[i]; t.Board {
		case "":
		case board:
			return t, nil
		default:
			known = append(known, t.Board)
		}
	}
	return nil, fmt.Errorf("qemu: %w: board %q, known are %s", ErrMachine, board, strings.Join(known, ", "))
}
