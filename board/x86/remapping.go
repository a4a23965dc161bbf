//go:build tamago && amd64

package x86

import (
	"gasp/board/acpi"
	"gasp/board/iommu"
	"gasp/netlog"
)

const maxRemappers = 32

// EndRemapping switches DMA remapping off that firmware has left on. Before that it calls quiet, which ends DMA: an address that was
// remapped may be anybody's.
func EndRemapping(quiet func()) {
	var list [maxRemappers]acpi.Remapper
	n, _ := acpi.Remappers(at, rootPointer(), list[:])
	for _, r := range list[:n] {
		w := Window(r.Addr, iommu.WindowSize)
		if w == nil || !iommu.Works(w, r.AMD) {
			continue
		}
		if quiet != nil {
			quiet()
			quiet = nil
		}
		if err := iommu.Disable(w, r.AMD); err != nil {
			netlog.Default().Log(netlog.Err, err.Error())
		} else {
			netlog.Default().Log(netlog.Notice, "DMA remapping was on: switched off")
		}
	}
}
