//go:build tamago

package stub

const (
	areaLimit = 1<<48 - 1
	ramLimit  = 1<<64 - 1
	leastHeap = 16 << 20 // beside the image
)

// earlyLimit is the last address of what board/arm64's cpuinit maps: the GiB of the image.
func earlyLimit(start uint64) uint64 { return start | (1<<30 - 1) }

// prepare has nothing to do: the last steps need no tables.
func prepare(uint64) {}
