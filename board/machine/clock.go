//go:build tamago

package machine

import (
	"time"

	"gasp/netlog"
)

// bootTime is when the image's first instruction ran, in ns since 1970. The runtime's
// time is the wall clock's from the start, as on TamaGo; what counts from boot takes
// bootTime away.
var bootTime int64

// Now is the time since the image's first instruction, in ns: the clock for drivers.
func Now() int64 { return nanotime() - bootTime }

// SayFirmwareTime logs the time of day, for a board that has it from firmware's GetTime.
func SayFirmwareTime() {
	netlog.Default().Log(netlog.Info, "time of day by firmware: "+time.Now().UTC().Format(time.RFC3339))
}
