//go:build tamago && arm64

package virt

import (
	"unsafe"

	"gasp/board/arm64"
	"gasp/drivers/dma"
	"gasp/netlog"
)

// uncached is memory for devices that do not see what the caches hold, which processors read and write past them. Only a machine that has such
// devices has it: a block of the translation tables, which nobody else has a part of.
var uncached struct {
	asked  bool
	memory dma.Memory
}

// memoryFor is memory for devices, nil for that of all others.
func memoryFor(incoherent bool) *dma.Memory {
	if !incoherent {
		return nil
	}
	u := &uncached
	if u.asked {
		return &u.memory
	}
	u.asked = true
	room := make([]byte, 2*arm64.BlockSize)
	start := uint64(uintptr(unsafe.Pointer(&room[0])))
	skip := -start & (arm64.BlockSize - 1)
	block := room[skip : skip+arm64.BlockSize]
	if !arm64.Uncache(block) { // without memory no device of these is used
		netlog.Default().Log(netlog.Err, "DMA is not coherent, and memory for it cannot be mapped uncached")
		return &u.memory
	}
	u.memory = dma.Memory{Bytes: block, Phys: start + skip}
	netlog.Default().Log(netlog.Info, "DMA is not coherent, says "+has.Source.String()+": memory for it is not cached")
	return &u.memory
}
