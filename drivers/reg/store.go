//go:build !amd64 && !arm64

package reg

import (
	"sync/atomic"
	"unsafe"
)

// store32 comes after all stores to memory before it.
func store32(p unsafe.Pointer, v uint32) { atomic.StoreUint32((*uint32)(p), v) }
