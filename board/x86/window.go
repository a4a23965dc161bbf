//go:build tamago && amd64

package x86

import (
	"math"

	"gasp/board/machine"
	"gasp/board/ram"
	"gasp/board/x86/paging"
	"gasp/drivers/reg"
)

// deviceStart is where devices begin on a machine without a memory map, for which cpuinit maps the
// last GiB below 4 GiB uncached.
const deviceStart = 3 << 30

// Window is size bytes of device registers at base, nil where none can be: where there
// is RAM, or nothing that the processor can address. What is beyond 4 GiB of them is out of reach.
func Window(base, size uint64) *reg.MMIO {
	if !mapDevice(base, size, paging.Uncached) {
		return nil
	}
	return &reg.MMIO{Base: uintptr(base), Size: uint32(min(size, math.MaxUint32))}
}

// mapDevice makes what is no RAM accessible.
func mapDevice(base, size uint64, c paging.Caching) bool {
	end := base + size
	if base < firmwareEnd || end <= base || end > 1<<physicalAddressBits() || touches(machine.FreeRAM(), base, end) {
		return false
	}
	if found := loaderCached(); touches(&found, base, end) || len(found.Ranges()) == 0 && base < deviceStart {
		return false
	}
	mapped := false
	machine.Steady(func() {
		flags := openTables()
		mapped = mapRegisters(base, end, c) == nil
		closeTables(flags)
	})
	return mapped
}

// mapRegisters maps what is not yet mapped between two addresses.
func mapRegisters(base, end uint64, c paging.Caching) error {
	if start := max(base, lowEnd) &^ (paging.LargeSize - 1); end > start {
		for a := start; a < end; a += paging.LargeSize {
			if tables.Mapped(a) {
				continue
			}
			if err := tables.Map(a, a+paging.LargeSize, paging.ReadWrite|noExecute, paging.Uncached); err != nil {
				return err
			}
		}
	}
	return tables.Cache(base, end, c)
}

func touches(l *ram.List, start, end uint64) bool {
	for _, r := range l.Ranges() {
		if start < r.End && r.Start < end {
			return true
		}
	}
	return false
}

// setPAT gives the processor that it runs on the page attribute table that the page tables
// mean (Intel SDM volume 3, 11.12.4).
func setPAT() { writeMSR(msrPAT, paging.PAT) }

const msrPAT = 0x277
