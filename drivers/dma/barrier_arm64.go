package dma

// Publish makes what was stored into device memory before it visible to devices before
// what is stored after it, and loads after it later than those before.
func Publish()
