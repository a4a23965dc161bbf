package reg

import "unsafe"

// Stores to registers come after all stores to memory before them, as the device sees it (store_arm64.s): what a
// doorbell tells of is to be there. Atomic stores would order them for other processors only.

//go:noescape
func store8(p unsafe.Pointer, v uint8)

//go:noescape
func store16(p unsafe.Pointer, v uint16)

//go:noescape
func store32(p unsafe.Pointer, v uint32)
