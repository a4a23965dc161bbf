package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// late is how much later than asked a sleep may end on an idle machine. The host
// of an emulator may do something else just then, so the best of some tries
// counts.
const (
	late       = 2 * time.Millisecond
	sleepTries = 200
)

// sleep: no sleep ends early, and each length ends in time.
func sleep() error {
	for _, d := range []time.Duration{50 * time.Microsecond, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond} {
		var best time.Duration
		for try := range sleepTries {
			begin := time.Now()
			time.Sleep(d)
			took := time.Since(begin)
			if took < d {
				return fmt.Errorf("a sleep of %v took %v", d, took)
			}
			if try == 0 || took < best {
				best = took
			}
			if best <= d+late {
				break
			}
		}
		if best > d+late {
			return fmt.Errorf("the shortest of %d sleeps of %v took %v", sleepTries, d, best)
		}
	}
	return nil
}

// ticker: none comes before it is due. A tick may say that it is later than the next
// one: package time takes the time of a tick when it sends it, and who is held up
// there for longer than the period takes it too late.
func ticker() error {
	const period = 5 * time.Millisecond
	begin := time.Now()
	t := time.NewTicker(period)
	defer t.Stop()
	for n := 1; n <= 20; n++ {
		tick := <-t.C
		if now := time.Now(); tick.After(now) {
			return fmt.Errorf("tick %d is %v ahead of the clock", n, tick.Sub(now))
		}
		if since := tick.Sub(begin); since < time.Duration(n)*period {
			return fmt.Errorf("tick %d came after %v", n, since)
		}
	}
	t.Reset(time.Millisecond)
	<-t.C
	return nil
}

// timers: they fire, but not early, not once stopped, and as they were last reset.
func timers() error {
	var mu sync.Mutex
	var order []int
	var all sync.WaitGroup
	const n, apart = 20, 3 * time.Millisecond
	base := time.Now().Add(10 * time.Millisecond)
	for i := n - 1; i >= 0; i-- {
		all.Add(1)
		at := base.Add(time.Duration(i) * apart)
		time.AfterFunc(time.Until(at), func() {
			defer all.Done()
			early := time.Until(at)
			mu.Lock()
			defer mu.Unlock()
			order = append(order, i)
			if early > 0 {
				order = append(order, -i)
			}
		})
	}
	all.Wait()
	if slices.Min(order) < 0 || len(order) != n {
		return fmt.Errorf("%d timers fired as %v: negative ones early", n, order)
	}

	fired := make(chan string, 4)
	stopped := time.AfterFunc(20*time.Millisecond, func() { fired <- "stopped" })
	if !stopped.Stop() {
		<-fired // the host took 20 ms off
	}
	if stopped.Stop() {
		return errors.New("a timer that was over could be stopped")
	}
	later := time.AfterFunc(time.Hour, func() { fired <- "reset" })
	if !later.Reset(30 * time.Millisecond) {
		return errors.New("Reset says that a timer of an hour was over")
	}
	if what := <-fired; what != "reset" {
		return fmt.Errorf("the timer that was %s fired", what)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	select {
	case <-ctx.Done():
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return fmt.Errorf("a context's timeout is %w", ctx.Err())
		}
	case what := <-fired:
		return fmt.Errorf("the timer that was %s fired", what)
	}
	return manySleepers()
}

// manySleepers: a thousand goroutines sleep for different times at once.
func manySleepers() error {
	return parallel(1000, func(i int) error {
		d := time.Duration(i*37%50) * time.Millisecond / 2
		begin := time.Now()
		time.Sleep(d)
		if took := time.Since(begin); took < d {
			return fmt.Errorf("one of many sleeps of %v took %v", d, took)
		}
		return nil
	})
}
