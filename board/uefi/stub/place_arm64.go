//go:build tamago

package stub

const (
	areaLimit  = 1<<46 - 1 // of the place too: below where the image is mapped
	earlyLimit = 1<<40 - 1 // what board/arm64 maps of RAM
)

// placeLimits are the last addresses of the image's place, from best to worst.
var placeLimits = [...]uint64{1<<32 - 1, areaLimit}

// prepare has nothing to do: the last steps need no tables.
func prepare(uint64) {}
