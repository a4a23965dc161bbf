//go:build tamago && arm

package mx6ul

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
)

// WDOG1 resets a chip that not even FIQs reach. It is started if the machine is to be reset after
// a crash, and serviced in any case: a loader may have started it.
const (
	wsrFirst  = 0x5555
	wsrSecond = 0xaaaa

	serviceEvery = 500_000_000 // ns
	leastTimeout = 10          // s, beyond twice what the watchdog by FIQ waits
	mostTimeout  = 128         // s
)

// startsWatchdog tells whether the command line wants that.
func startsWatchdog() bool {
	s := machine.Settings()
	return s.Panic != 0 && s.Watchdog != 0
}

func startWatchdog() {
	if !startsWatchdog() {
		return
	}
	s := machine.Settings()
	seconds := min(2*uint64(s.Watchdog)+leastTimeout, mostTimeout)
	wdog.Write16(wdogWCR, uint16(seconds*2-1)<<wcrWT|wcrWDA|wcrSRS|wcrWDT|wcrWDE)
	service()
}

var serviced int64

//go:linkname reloadWatchdog gasp/board/machine.reloadWatchdog
func reloadWatchdog(now int64) {
	if since := now - serviced; since < 0 || since > serviceEvery {
		serviced = now
		service()
	}
}

func service() {
	wdog.Write16(wdogWSR, wsrFirst)
	wdog.Write16(wdogWSR, wsrSecond)
}
