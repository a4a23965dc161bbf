//go:build !arm64

package reg

import "unsafe"

//go:noinline
func store16(p unsafe.Pointer, v uint16) { *(*uint16)(p) = v }

//go:noinline
func store8(p unsafe.Pointer, v uint8) { *(*uint8)(p) = v }
