//go:build tamago

package main

import (
	"slices"
	"time"

	"gasp/netlog"
)

func init() { figures = append(figures, figure{name: "line", alone: true, run: lines}) }

// lines is what a line of 100 bytes costs until the network device has it. It logs in bursts that the device's ring holds,
// with pauses in which an emulated device gets to take them, so that it never waits for the device.
func lines() {
	const (
		bursts, burst = 51, 32
		pause         = 5 * time.Millisecond
		maxPolls      = 1000
		maxPauses     = 2000 // before the first: a sender with a key says nothing for seconds when nobody answers
	)
	text := slices.Repeat([]byte("."), 100)
	text[len(text)-1] = '\n'
	l := netlog.Default()
	for n := 0; l.Stats().Sent == 0 && n < maxPauses; n++ {
		time.Sleep(pause)
	}
	var took [bursts]time.Duration
	for i := range took {
		time.Sleep(pause)
		sent := l.Stats().Sent
		took[i] = measure(func(n int) {
			for range n {
				l.Write(text)
			}
			for n := 0; l.Stats().Sent < sent+burst && n < maxPolls; n++ {
				l.Poll() // what the sender has kept for the next turn
			}
		}, burst)
		if l.Stats().Sent < sent+burst {
			say("line-unsent", float64(sent+burst-l.Stats().Sent), "lines")
			return
		}
	}
	slices.Sort(took[:])
	for name, d := range map[string]time.Duration{"line": took[bursts/2], "line-least": took[0], "line-most": took[bursts-1]} {
		say(name, float64(d.Nanoseconds())/burst, "ns")
	}
}
