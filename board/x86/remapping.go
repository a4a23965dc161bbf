//go:build tamago && amd64

package x86

import (
	"gasp/board/acpi"
	"gasp/board/iommu"
	"gasp/netlog"
)

const maxRemappers = 32

// endRemapping switches DMA remapping off that firmware has left on.
func endRemapping(rsdp uint64) {
	var list [maxRemappers]acpi.Remapper
	n, _ := acpi.Remappers(at, rsdp, list[:])
	for _, r := range list[:n] {
		w := Window(r.Addr, iommu.WindowSize)
		if w == nil {
			continue
		}
		switch was, err := iommu.Disable(w, r.AMD); {
		case err != nil:
			netlog.Default().Log(netlog.Err, err.Error())
		case was:
			netlog.Default().Log(netlog.Notice, "DMA remapping was on: switched off")
		}
	}
}
