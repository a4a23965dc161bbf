package main

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

// processors compares what the runtime says about them.
func processors() error {
	cpus, procs := runtime.NumCPU(), runtime.GOMAXPROCS(0)
	if cpus < 1 || procs < 1 {
		return fmt.Errorf("NumCPU is %d, GOMAXPROCS %d", cpus, procs)
	}
	if before := runtime.GOMAXPROCS(procs + 1); before != procs {
		return fmt.Errorf("GOMAXPROCS was %d, is said to have been %d", procs, before)
	}
	if now := runtime.GOMAXPROCS(procs); now != procs+1 {
		return fmt.Errorf("GOMAXPROCS set to %d became %d", procs+1, now)
	}
	return nil
}

// spin: loops without calls on every processor do not keep other goroutines,
// timers and the collector from their turn, nor one another.
func spin() error {
	s := startSpinners(runtime.GOMAXPROCS(0))
	defer s.stop()
	return othersGetOn(s)
}

// spinLocked is spin with goroutines that have threads to themselves.
func spinLocked() error {
	s := &spinners{rounds: make([]paddedCount, 2)}
	for i := range s.rounds {
		s.all.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for !s.done.Load() {
				s.rounds[i].Add(1)
			}
		})
	}
	defer s.stop()
	return othersGetOn(s)
}

// othersGetOn returns when sleeps, timers, goroutines and collections came to
// their end beside the spinners, and each spinner had its turn.
func othersGetOn(s *spinners) error {
	var fired atomic.Int32
	for i := range 10 {
		time.AfterFunc(time.Duration(i)*time.Millisecond, func() { fired.Add(1) })
	}
	answers := make(chan int)
	for i := range 20 {
		go func() { answers <- i }()
	}
	sum := 0
	for range 20 {
		sum += <-answers
	}
	if sum != 190 {
		return fmt.Errorf("the sum of 0 to 19 is %d", sum)
	}
	for range 2 {
		time.Sleep(time.Millisecond)
	}
	runtime.GC() // stops every one of them
	for fired.Load() < 10 {
		time.Sleep(time.Millisecond)
	}
	for i := range s.rounds {
		for from := s.rounds[i].Load(); s.rounds[i].Load() == from; {
			time.Sleep(time.Millisecond) // checkLimit ends this wait
		}
	}
	return nil
}
