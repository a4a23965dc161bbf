package main

import "time"

const (
	leastTime = 100 * time.Millisecond // of one measurement
	repeats   = 5
)

// costs makes a figure of an operation: the least time that it took, in ns, of
// some measurements. f does it n times.
func costs(f func(n int)) func() {
	return func() {
		n := 1
		took := measure(f, n)
		for took < leastTime {
			n *= 2
			took = measure(f, n)
		}
		for range repeats - 1 {
			took = min(took, measure(f, n))
		}
		say(current, float64(took.Nanoseconds())/float64(n), "ns")
	}
}

func measure(f func(n int), n int) time.Duration {
	begin := time.Now()
	f(n)
	return time.Since(begin)
}
