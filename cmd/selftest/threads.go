package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/metrics"
	"syscall"
	"time"
)

// blocked: many threads that wait in the kernel keep nobody from running.
func blocked() error {
	const threads = 40
	s := startSpinners(1)
	defer s.stop()
	return parallel(threads+1, func(i int) error {
		if i == threads {
			return othersGetOn(s)
		}
		for range 3 {
			wait := syscall.NsecToTimespec(int64(i%7+1) * 2e6)
			begin := time.Now()
			if err := syscall.Nanosleep(&wait, nil); err == syscall.EINTR {
				continue // a signal of the runtime's
			} else if err != nil {
				return fmt.Errorf("nanosleep: %w", err)
			}
			if took := time.Since(begin); took < time.Duration(wait.Nano()) {
				return fmt.Errorf("nanosleep for %v took %v", time.Duration(wait.Nano()), took)
			}
		}
		return nil
	})
}

// locked: a goroutine that is locked to a thread stays on it and has it alone.
func locked() error {
	const threads = 20
	meet := make(chan int)
	ids := make([]int, threads)
	err := parallel(threads, func(i int) error {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		id := syscall.Gettid()
		ids[i] = id
		for turn := range 10 {
			switch turn % 3 {
			case 0:
				time.Sleep(time.Millisecond)
			case 1:
				runtime.Gosched()
			case 2: // even ones meet odd ones
				if i%2 == 0 {
					meet <- i
				} else {
					<-meet
				}
			}
			if now := syscall.Gettid(); now != id {
				return fmt.Errorf("a locked goroutine went from thread %d to %d", id, now)
			}
		}
		time.Sleep(20 * time.Millisecond) // so that all are there at once
		return nil
	})
	if err != nil {
		return err
	}
	seen := map[int]bool{}
	for _, id := range ids {
		if seen[id] {
			return fmt.Errorf("two goroutines were locked to thread %d", id)
		}
		seen[id] = true
	}
	return nil
}

// goexit: a thread whose locked goroutine ends goes with it, and deferred calls
// run. More of them end than there can be at once on the machine.
func goexit() error {
	const in, turns = 10, 40
	for range turns {
		deferred := make(chan bool, in)
		for range in {
			go func() {
				defer func() { deferred <- true }()
				runtime.LockOSThread()
				runtime.Goexit()
			}()
		}
		for range in {
			<-deferred
		}
	}
	return nil
}

// signals: those that a program asks for come to it, once.
func signals() error {
	c := make(chan os.Signal, 10)
	signal.Notify(c, syscall.SIGUSR1)
	defer signal.Stop(c)
	s := startSpinners(1)
	defer s.stop()
	for range 5 {
		if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
			return fmt.Errorf("kill: %w", err)
		}
		if got := <-c; got != syscall.SIGUSR1 {
			return fmt.Errorf("SIGUSR1 came as %v", got)
		}
	}
	select {
	case again := <-c:
		return fmt.Errorf("a signal came twice: %v", again)
	case <-time.After(5 * time.Millisecond):
		return nil
	}
}

// readMetrics: all metrics can be read, and agree with what else is known.
func readMetrics() error {
	runtime.GC() // something to count
	var samples []metrics.Sample
	for _, d := range metrics.All() {
		samples = append(samples, metrics.Sample{Name: d.Name})
	}
	metrics.Read(samples)
	values := map[string]metrics.Value{}
	for _, s := range samples {
		if s.Value.Kind() == metrics.KindBad {
			return fmt.Errorf("the metric %s cannot be read", s.Name)
		}
		values[s.Name] = s.Value
	}
	if n := values["/sched/gomaxprocs:threads"].Uint64(); n != uint64(runtime.GOMAXPROCS(0)) {
		return fmt.Errorf("the metric of GOMAXPROCS is %d, it is %d", n, runtime.GOMAXPROCS(0))
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if n := values["/gc/cycles/total:gc-cycles"].Uint64(); n == 0 || n > uint64(m.NumGC) {
		return fmt.Errorf("%d collections by the metrics, %d by MemStats", n, m.NumGC)
	}
	if m.Sys < m.HeapSys || m.HeapAlloc > m.HeapSys || m.StackInuse > m.StackSys {
		return fmt.Errorf("MemStats: %d bytes in all, %d of heap, %d of that used, %d of %d bytes of stacks", m.Sys, m.HeapSys, m.HeapAlloc, m.StackInuse, m.StackSys)
	}
	user, total := values["/cpu/classes/user:cpu-seconds"].Float64(), values["/cpu/classes/total:cpu-seconds"].Float64()
	if user < 0 || total <= 0 || user > total {
		return fmt.Errorf("%v s of %v s of CPU time were the program's", user, total)
	}
	return nil
}

// leftover: no goroutine of a check is left.
func leftover() error {
	const few = 12 // the runtime's, one that reads signals, and perform's
	for range 1000 {
		if runtime.NumGoroutine() <= few {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("%d goroutines are left", runtime.NumGoroutine())
}
