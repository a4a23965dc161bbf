package runtime

import _ "unsafe" // go:linkname

// goosNanotime is not runtime/goos.Nanotime, which TamaGo's packages for a chip define here
// (soc/nxp/imx6ul) and which may be called on a goroutine's stack only.
//
//go:nosplit
//go:linkname goosNanotime gasp/board/machine.nanotime
func goosNanotime() int64

// gaspAddress is what TamaGo takes an address for.
type gaspAddress = uint32
