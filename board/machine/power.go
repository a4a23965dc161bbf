//go:build tamago

package machine

import (
	"math"
	"strconv"

	"gasp/netlog"
)

// panicSeconds is panic=: what follows a crash. 0 stays, n resets after n
// seconds, less than 0 at once.
var panicSeconds int

// exits counts the calls of exit: a fault in the last report or behind it leads
// here again. From some number on the logger is left alone.
var exits int

const maxExits = 20

// exit ends the program: off after a success, else what panic= says.
func exit(code int32) {
	l := netlog.Default()
	exits++
	if !l.Crashed() { // TamaGo's toolchain does not announce an exit
		var room [32]byte
		text := strconv.AppendInt(append(room[:0], "exit status "...), int64(code), 10)
		l.Crash(&netlog.Cause{Text: text})
	}
	if exits <= maxExits {
		l.End()
	}
	switch {
	case code == 0:
		l.EndAsOrdered()
		l.Forget()
		powerOff()
	case panicSeconds < 0:
		reset()
	case panicSeconds > 0:
		stay(nanotime() + int64(panicSeconds)*1_000_000_000)
		reset()
	}
	stay(math.MaxInt64)
}

// stay keeps the dead machine on the network until the given time: it answers
// ARP, and sends its headline again.
func stay(until int64) {
	wakes := canDoze()
	for nanotime() < until {
		alive()
		if exits <= maxExits {
			netlog.Default().Poll()
		}
		if wakes {
			doze(until)
		} else {
			Pause(PollInterval)
		}
	}
}

// Pause waits ns, polled.
func Pause(ns int64) {
	for end := nanotime() + ns; nanotime() < end; {
	}
}
