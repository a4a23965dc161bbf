//go:build tamago

package machine

// bootTime is when the image's first instruction ran, in ns since 1970. The runtime's
// time is the wall clock's from the start, as on TamaGo; what counts from boot takes
// bootTime away.
var bootTime int64

// Now is the time since the image's first instruction, in ns: the clock for drivers.
func Now() int64 { return nanotime() - bootTime }
