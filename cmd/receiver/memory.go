package main

import (
	"math"
	"runtime/debug"
)

// memoryLimit is what the program may use in bytes before the garbage collector works harder. What is kept
// of all senders is bounded below half of it (source.DefaultMemory).
const memoryLimit = 240 << 20

// limitMemory sets the limit, unless GOMEMLIMIT did.
func limitMemory() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memoryLimit)
	}
}
