//go:build tamago

package stub

const (
	areaLimit = 1<<48 - 1
	ramLimit  = 1<<64 - 1
	leastHeap = 16 << 20 // beside the image
)

// prepare has nothing to do: the last steps need no tables.
func prepare(uint64) {}
