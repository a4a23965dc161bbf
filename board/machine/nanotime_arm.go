//go:build tamago

package machine

import _ "unsafe" // go:linkname

// nanotime is the time in ns since 1970; what the boot time is taken from counts too
// (Start). It must not use more stack than a nosplit function may. runtime/goos.Nanotime is
// TamaGo's here (soc/nxp/imx6ul).
//
//go:linkname nanotime
func nanotime() int64
