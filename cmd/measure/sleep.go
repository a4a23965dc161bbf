package main

import (
	"slices"
	"time"
)

// sleeps is how long sleeps of a millisecond take, by the machine's own clock.
func sleeps() {
	const tries = 1000
	var took [tries]time.Duration
	for i := range took {
		begin := time.Now()
		time.Sleep(time.Millisecond)
		took[i] = time.Since(begin)
	}
	slices.Sort(took[:])
	micros := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
	say("sleep-least", micros(took[0]), "us")
	say("sleep-median", micros(took[tries/2]), "us")
	say("sleep-p99", micros(took[tries*99/100]), "us")
	say("sleep-most", micros(took[tries-1]), "us")
	late := 0
	for _, d := range took {
		if d > 2*time.Millisecond {
			late++
		}
	}
	say("sleep-over-2ms", float64(late), "of 1000")
}

// idle does nothing for a while. What that costs, the host sees.
func idle() {
	const first, rest = time.Second, 20 * time.Second
	time.Sleep(first)
	say("idle-begin", 0, "s")
	time.Sleep(rest)
	say("idle-end", rest.Seconds(), "s")
	time.Sleep(first) // the host looks at its clock before the machine is gone
}
