//go:build tamago && arm64

package virt

import (
	"gasp/board/arm64"
	"gasp/board/inventory"
	"gasp/board/machine"
	"gasp/board/ram"
	"gasp/board/uefi"
)

// has is what the machine has. It is no heap memory: interrupt handlers use it.
var has inventory.Machine

// firmwareMemory is what UEFI's memory map calls memory, whoever's, and ours what of it is free.
var firmwareMemory, ours ram.List

// takeInventory asks the device tree, or else, where firmware gives none, ACPI's tables. They are read now and never again: what
// is nobody's RAM is not mapped later on.
func takeInventory() {
	if treeSize != 0 {
		has.ReadTree(&tree)
		return
	}
	if uefi.Given.Valid() && uefi.Given.RSDP != 0 {
		firmwareMemory = uefi.Given.Cached()
		ours, _ = uefi.Given.RAM()
		if err := has.ReadTables(firmwareTable, uefi.Given.RSDP); err != nil {
			machine.Problem(err.Error())
		}
	}
}

// firmwareTable is memory of firmware's (acpi.Memory).
func firmwareTable(addr, n uint64) []byte {
	end := addr + n
	if end < addr || !firmwareMemory.Has(addr, end) {
		return nil
	}
	if !ours.Has(addr, end) {
		arm64.MapConstant(addr, n)
	}
	return bytes(addr, int(n))
}
