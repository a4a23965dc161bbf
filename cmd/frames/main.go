//go:build tamago

// Command frames is an image that shows how received frames reach a goroutine: it
// awaits them, and says of each how it was come by. The kernel command line says more:
//
//	gasp.frames=N      then end, after so many wake-ups for frames
//	gasp.busy=1        a goroutine computes meanwhile
//	gasp.await=0       nobody awaits frames: the board looks after the device
//	gasp.quiet=1       say so ten times a second, and not at each frame
//	gasp.storm=1       a second e1000 asserts its interrupt pin without end
package main

import (
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	_ "gasp/board/all"

	"gasp/board/machine"
	"gasp/netlog"
)

// longest is for how long nothing may come, far longer than a tick of the timer.
const longest = 30 * time.Second

func main() {
	slog.SetDefault(slog.New(netlog.NewHandler(nil)))
	wanted := number("gasp.frames")
	if number("gasp.busy") != 0 {
		go busy()
	}
	awaitKnown()
	if number("gasp.storm") != 0 {
		storm()
	}
	if v, _ := machine.CommandLine().Get("gasp.await"); v == "0" {
		letBoard(uint64(wanted))
		return
	}
	l := netlog.Default()
	machine.AwaitFrame(0) // from now on it is told
	quiet := number("gasp.quiet") != 0
	if quiet {
		go sayOften()
	}
	seen := l.Received()
	say("awaiting frames", 0)
	for n := 0; n < wanted; {
		machine.AwaitFrame(longest)
		l.Poll()
		if all := l.Received(); all > seen {
			n++
			if !quiet {
				say("frames came", all-seen)
			}
			seen = all
		}
	}
}

// sayOften tells the counters now and then, and not at each frame.
func sayOften() {
	for {
		time.Sleep(100 * time.Millisecond)
		say("frames came", 0)
	}
}

// letBoard sleeps until the board has taken so many frames.
func letBoard(wanted uint64) {
	const pause = time.Second
	from := netlog.Default().Received()
	say("awaiting frames", 0)
	if number("gasp.quiet") != 0 {
		go sayOften()
	}
	for netlog.Default().Received()-from < wanted {
		time.Sleep(pause)
	}
	say("frames came", netlog.Default().Received()-from)
}

// awaitKnown gives the board time to find out where the interrupts arrive. A record is
// something to transmit, which some devices need for that.
func awaitKnown() {
	const pause, most = 10 * time.Millisecond, 500
	for range most {
		if machine.Frames().Known {
			return
		}
		slog.Info("finding out where interrupts arrive")
		time.Sleep(pause)
	}
}

// say tells the board's counters.
func say(what string, taken uint64) {
	s := machine.Frames()
	slog.Info(what, "taken", taken, "known", s.Known, "wakes", s.Wakes, "found", s.Found, "early", s.Early, "together", s.Together, "interrupts", s.Interrupts, "unclaimed", s.Unclaimed, "polls", s.Polls, "delay", s.Delay)
}

var sum atomic.Uint64

func busy() {
	for i := uint64(0); ; i++ {
		sum.Store(sum.Load()*31 + i)
	}
}

// number reads key=N, 0 if there is none.
func number(key string) int {
	v, _ := machine.CommandLine().Get(key)
	n, _ := strconv.Atoi(v)
	return n
}
