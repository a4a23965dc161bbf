package reg

import "unsafe"

// store32 is no atomic store: on this processor that is an exchange, which locks the
// bus, and reads the register before it writes it.
//
//go:noinline
func store32(p unsafe.Pointer, v uint32) { *(*uint32)(p) = v }
