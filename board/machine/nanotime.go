//go:build tamago && !arm

package machine

import _ "unsafe" // go:linkname

// nanotime is the time in ns since 1970; what the boot time is taken from counts too
// (Start).
//
//go:linkname nanotime runtime/goos.Nanotime
func nanotime() int64
