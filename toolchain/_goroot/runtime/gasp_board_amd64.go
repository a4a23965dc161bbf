package runtime

import _ "unsafe" // go:linkname

//go:nosplit
//go:linkname goosNanotime runtime/goos.Nanotime
func goosNanotime() int64

// gaspAddress is what TamaGo takes an address for.
type gaspAddress = uint64
