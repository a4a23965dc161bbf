//go:build tamago

package main

import (
	"slices"
	"time"

	"gasp/netlog"
)

func init() { figures = append(figures, figure{name: "line", alone: true, run: lines}) }

// lines is what a line of 100 bytes costs until the network device has it. It logs in bursts that the device's ring holds,
// with pauses in which an emulated device gets to take them, so that it never waits for the device. A sender that seals
// may keep the last lines of a burst for a while: they count for nothing, and their cost for the others.
func lines() {
	const (
		bursts, burst = 51, 128
		pause         = 5 * time.Millisecond
		maxPauses     = 2000 // before the first: a sender with a key says nothing for seconds when nobody answers
	)
	text := slices.Repeat([]byte("."), 100)
	text[len(text)-1] = '\n'
	l := netlog.Default()
	for n := 0; l.Stats().Sent == 0 && n < maxPauses; n++ {
		time.Sleep(pause)
	}
	var costs [bursts]float64 // a line
	for i := range costs {
		time.Sleep(pause)
		before := l.Stats().Sent
		took := measure(func(n int) {
			for range n {
				l.Write(text)
			}
		}, burst)
		sent := l.Stats().Sent - before
		if sent < burst/2 || sent > burst {
			say("line-unsent", float64(burst)-float64(sent), "lines")
			return
		}
		costs[i] = float64(took.Nanoseconds()) / float64(sent)
	}
	slices.Sort(costs[:])
	say("line", costs[bursts/2], "ns")
	say("line-least", costs[0], "ns")
	say("line-most", costs[bursts-1], "ns")
}
