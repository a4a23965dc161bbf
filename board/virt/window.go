//go:build tamago && arm64

package virt

import (
	"gasp/board/arm64"
	"gasp/board/arm64/paging"
	"gasp/board/inventory"
	"gasp/drivers/reg"
)

// window maps size bytes of device registers at addr. It returns nil where none can be.
func window(addr, size uint64) *reg.MMIO {
	if !canBeRegisters(addr, size) {
		return nil
	}
	if addr+size > earlyDevices {
		arm64.MapDevice(addr, size)
	}
	return space(addr, size)
}

func space(addr, size uint64) *reg.MMIO {
	return &reg.MMIO{Base: uintptr(addr), Size: uint32(min(size, largest-1))}
}

// largest is the most that registers can take, in bytes.
const largest = 1 << 32

func canBeRegisters(addr, size uint64) bool {
	if size == 0 || size > largest || addr+size < addr || addr+size > paging.Limit || addr < firstDevice || inRAM(addr, size) {
		return false
	}
	if arm64.IsImage(addr, size) {
		hidden = addr
		return false
	}
	return true
}

// hidden is the address of registers that the image is mapped over; 0: there are none.
var hidden uint64

// firstDevice is the first address of registers: below it nothing is mapped, so that a nil pointer faults.
const firstDevice = 2 << 20

// earlyDevices is the end of the registers that cpuinit has mapped (board/arm64/boot_arm64.s).
const earlyDevices = 1 << 30

// inRAM tells whether some of it is RAM.
func inRAM(addr, size uint64) bool {
	for _, r := range firmwareMemory.Ranges() {
		if addr < r.End && r.Start < addr+size {
			return true
		}
	}
	for i := 0; ; i++ {
		start, n, ok := tree.Memory(i)
		switch {
		case !ok:
			return false
		case addr < start+n && start < addr+size:
			return true
		}
	}
}

// registers maps registers, nil if there are none.
func registers(r inventory.Range) *reg.MMIO { return window(r.Addr, r.Size) }
