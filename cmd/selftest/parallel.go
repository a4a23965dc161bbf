package main

import (
	"errors"
	"sync"
	"sync/atomic"
)

// parallel runs f for 0 to n-1 in goroutines of their own, and returns what they
// say when all have ended.
func parallel(n int, f func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = f(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// spinners are goroutines in loops without calls, which only preemption stops.
type spinners struct {
	done   atomic.Bool
	rounds []paddedCount
	all    sync.WaitGroup
}

// paddedCount has a cache line of its own.
type paddedCount struct {
	atomic.Uint64
	_ [56]byte
}

func startSpinners(n int) *spinners {
	s := &spinners{rounds: make([]paddedCount, n)}
	for i := range s.rounds {
		s.all.Go(func() {
			for !s.done.Load() {
				s.rounds[i].Add(1)
			}
		})
	}
	return s
}

// stop ends them.
func (s *spinners) stop() {
	s.done.Store(true)
	s.all.Wait()
}
