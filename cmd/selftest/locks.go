package main

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	lockers   = 20
	lockTurns = 300
)

// locks: a mutex lets in one, a read-write lock one writer or readers, while
// holders are preempted, and nobody waits for ever.
func locks() error {
	var mu sync.Mutex
	var rw sync.RWMutex
	var once sync.Once
	var total, firsts int
	var pair [2]int
	var inside atomic.Int32
	err := parallel(lockers, func(i int) error {
		for turn := range lockTurns {
			once.Do(func() { firsts++ })
			mu.Lock()
			if inside.Add(1) != 1 {
				return errors.New("two goroutines hold a mutex")
			}
			total++
			if turn%50 == i {
				time.Sleep(50 * time.Microsecond)
			} else if turn%7 == 0 {
				runtime.Gosched()
			}
			inside.Add(-1)
			mu.Unlock()
			if (turn+i)%5 == 0 {
				rw.Lock()
				pair[0]++
				runtime.Gosched()
				pair[1]++
				rw.Unlock()
				continue
			}
			rw.RLock()
			torn := pair[0] != pair[1]
			rw.RUnlock()
			if torn {
				return errors.New("a reader saw what a writer had half done")
			}
		}
		return nil
	})
	if err == nil && (total != lockers*lockTurns || firsts != 1) {
		return fmt.Errorf("%d of %d turns were counted, sync.Once ran %d times", total, lockers*lockTurns, firsts)
	}
	return err
}

// conditions: a queue on sync.Cond loses and doubles nothing, a WaitGroup waits
// for all, and sync.Map keeps what was stored.
func conditions() error {
	const producers, each = 8, 250
	var mu sync.Mutex
	filled := sync.NewCond(&mu)
	var queue []int
	left := producers * each
	var sum atomic.Int64
	var stored sync.Map
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				mu.Lock()
				for len(queue) == 0 && left > 0 {
					filled.Wait()
				}
				if left == 0 {
					mu.Unlock()
					return
				}
				v := queue[0]
				queue = queue[1:]
				if left--; left == 0 {
					filled.Broadcast()
				}
				mu.Unlock()
				sum.Add(int64(v))
				stored.Store(v, v*v)
			}
		})
	}
	for i := range producers {
		all.Go(func() {
			for n := range each {
				mu.Lock()
				queue = append(queue, i*each+n)
				mu.Unlock()
				filled.Signal()
			}
		})
	}
	all.Wait()
	n := int64(producers * each)
	if sum.Load() != n*(n-1)/2 {
		return fmt.Errorf("the queue's values have the sum %d, not %d", sum.Load(), n*(n-1)/2)
	}
	for v := range producers * each {
		if square, ok := stored.Load(v); !ok || square != v*v {
			return fmt.Errorf("the map holds %v, %v for %d", square, ok, v)
		}
	}
	return nil
}

// pool: what a sync.Pool gives is nobody else's.
func pool() error {
	p := sync.Pool{New: func() any { return new([64]int) }}
	return parallel(8, func(i int) error {
		for turn := range 400 {
			buffer := p.Get().(*[64]int)
			for k := range buffer {
				buffer[k] = i
			}
			if turn%10 == 0 {
				runtime.Gosched()
			}
			for k, v := range buffer {
				if v != i {
					return fmt.Errorf("place %d of goroutine %d's buffer holds %d", k, i, v)
				}
			}
			p.Put(buffer)
			if i == 0 && turn%100 == 0 {
				runtime.GC()
			}
		}
		return nil
	})
}
