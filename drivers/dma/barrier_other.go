//go:build !arm && !arm64

package dma

// Publish makes what was stored into device memory before it visible to devices before
// what is stored after it, and loads after it later than those before. Where devices see
// the processor's stores in order, as on x86, atomic stores are enough for that.
func Publish() {}
