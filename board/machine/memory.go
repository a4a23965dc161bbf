//go:build tamago

package machine

import (
	"unsafe"

	"gasp/board/ram"
	"gasp/drivers/dma"
)

var freeRAM ram.List // what the runtime may have

// FreeRAM is the RAM that the program may have besides the image.
func FreeRAM() *ram.List { return &freeRAM }

// freeMemory gives the kernel under the runtime the RAM that it may use, range by
// range; size 0 ends it. The first call finds it.
//
//go:linkname freeMemory runtime/goos.Memory
func freeMemory(i int) (start, size uint64) {
	if i == 0 {
		findMemory(&freeRAM)
	}
	if ranges := freeRAM.Ranges(); i < len(ranges) {
		return ranges[i].Start, ranges[i].Size()
	}
	return 0, 0
}

const (
	pageSize  = ram.PageSize
	dmaMemory = 2 << 20
)

// ImageOffset is how far the image lies above its addresses in physical memory, modulo 1<<64. The package of the processor sets it
// before Start; 0 is where all addresses are physical.
var ImageOffset uint64

// deviceMemory is for the rings and buffers of the NIC. It is part of the image.
var deviceMemory [dmaMemory + pageSize]byte

func newDeviceMemory() dma.Memory {
	return dma.Memory{Bytes: deviceMemory[:], Phys: uint64(uintptr(unsafe.Pointer(&deviceMemory))) + ImageOffset}
}

// DeviceMemory is all of it.
func DeviceMemory() []byte { return deviceMemory[:] }

// memory is what is left of it.
var memory dma.Memory

// Memory is for the rings and buffers of the NIC.
func Memory() *dma.Memory { return &memory }
