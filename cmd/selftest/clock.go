package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	clockReaders = 4
	clockRounds  = 6 // collections, each of which stops the readers several times
)

// clock: time never goes back, for one goroutine or from one to the next, while
// the readers are stopped inside the clock's code by collections, ticks and
// signals.
func clock() error {
	var latest atomic.Int64 // of all readers, ns since epoch
	var done atomic.Bool
	epoch := time.Now()
	var failure atomic.Pointer[error]
	var all sync.WaitGroup
	for i := range clockReaders {
		all.Go(func() {
			if i%2 == 0 { // a thread, and with it a system stack, of its own
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
			}
			if err := readClock(epoch, &latest, &done); err != nil {
				failure.CompareAndSwap(nil, &err)
				done.Store(true)
			}
		})
	}
	all.Go(func() {
		for !done.Load() {
			time.Sleep(100 * time.Microsecond) // ticks
		}
	})
	for i := 0; i < clockRounds && !done.Load(); i++ {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	done.Store(true)
	all.Wait()
	if err := failure.Load(); err != nil {
		return *err
	}
	return nil
}

// readClock reads the clock until done and compares with what was read before,
// here and elsewhere.
func readClock(epoch time.Time, latest *atomic.Int64, done *atomic.Bool) error {
	last := epoch
	for !done.Load() {
		elsewhere := latest.Load()
		now := time.Now()
		if d := now.Sub(last); d < 0 {
			return fmt.Errorf("the clock went back by %v", -d)
		}
		since := now.Sub(epoch).Nanoseconds()
		if since < elsewhere {
			return fmt.Errorf("another goroutine's clock was %d ns ahead", elsewhere-since)
		}
		for seen := elsewhere; since > seen && !latest.CompareAndSwap(seen, since); seen = latest.Load() {
		}
		last = now
	}
	return nil
}

// wallClock: the clocks of time, of system calls and of the runtime agree. That
// it is the right time, whoever reads perform's lines can tell.
func wallClock() error {
	begin := time.Now()
	for range 20 {
		var before, after syscall.Timeval
		if err := syscall.Gettimeofday(&before); err != nil {
			return fmt.Errorf("gettimeofday: %w", err)
		}
		now := time.Now()
		if err := syscall.Gettimeofday(&after); err != nil {
			return fmt.Errorf("gettimeofday: %w", err)
		}
		micros := now.UnixMicro()
		if low, high := before.Nano()/1e3, after.Nano()/1e3; micros < low-1 || micros > high+1 {
			return fmt.Errorf("the time of day is %d us, by system calls before and after %d and %d", micros, low, high)
		}
		time.Sleep(time.Millisecond)
	}
	monotonic, wall := time.Since(begin), time.Now().Round(0).Sub(begin.Round(0))
	if d := (wall - monotonic).Abs(); d > 100*time.Millisecond {
		return fmt.Errorf("in %v of the monotonic clock the wall clock moved by %v", monotonic, wall)
	}
	if year := begin.UTC().Year(); (year < 2024 || year > 2200) && !(noDate && year == 1970) {
		return fmt.Errorf("the year is %d", year)
	}
	runtime.GC()
	var s debug.GCStats
	if debug.ReadGCStats(&s); s.LastGC.Before(begin) || s.LastGC.After(time.Now()) {
		return fmt.Errorf("a collection between %v and now is noted at %v", begin, s.LastGC)
	}
	return nil
}
