//go:build tamago

package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"unsafe"
)

func word(b []byte) *uint64 { return (*uint64)(unsafe.Pointer(&b[0])) }

// fill keeps what it allocates.
func fill(size int) error {
	const piece = 8
	var all [][]byte
	highest := uintptr(0)
	for i := 0; i < size; i += piece {
		b := make([]byte, piece*mib)
		if err := isClear(b); err != nil {
			return err
		}
		mark(b, uint64(i)*mib)
		all = append(all, b)
		highest = max(highest, uintptr(unsafe.Pointer(&b[0])))
	}
	for i, b := range all {
		if err := check(b, uint64(i)*piece*mib); err != nil {
			return err
		}
	}
	fmt.Printf("%d MiB written and read, up to %#x\n", len(all)*piece, highest+piece*mib)
	return nil
}

// regrow uses blocks of ever other sizes, small ones after large ones and the
// other way round.
func regrow(size int) error {
	kib := []int{64 << 10, 4, 1 << 10, 16, 20 << 10, 100, 3 << 10, 8}
	for round, k := range kib {
		var all [][]byte
		for used := 0; used < size<<10; used += k {
			b := make([]byte, k<<10)
			if err := isClear(b); err != nil {
				return fmt.Errorf("round %d: %w", round, err)
			}
			mark(b, uint64(used))
			all = append(all, b)
		}
		for i, b := range all {
			if err := check(b, uint64(i*k)); err != nil {
				return fmt.Errorf("round %d: %w", round, err)
			}
		}
		clear(all)
		if round%2 == 0 {
			debug.FreeOSMemory()
		}
	}
	return nil
}

// endThreads ends a thread with each goroutine, n of them, up to 60 at a time.
func endThreads(n int) error {
	const most = 60
	var before, after runtime.MemStats
	for left := n; left > 0; left -= most {
		var up, done sync.WaitGroup
		stop := make(chan int)
		for range min(most, left) {
			up.Add(1)
			done.Add(1)
			go func() {
				defer done.Done()
				runtime.LockOSThread()
				up.Done()
				<-stop
			}()
		}
		up.Wait()
		close(stop)
		done.Wait()
		if before.Sys == 0 {
			runtime.ReadMemStats(&before)
		}
	}
	runtime.ReadMemStats(&after)
	const stack = 32 << 10
	if grown := int64(after.StackSys) - int64(before.StackSys); grown > most*stack {
		return fmt.Errorf("%d threads left %d bytes of stacks", n, grown)
	}
	return nil
}

// mapAndUnmap takes memory past the heap.
func mapAndUnmap(size int) error {
	for round := range 20 {
		var all [][]byte
		for used, n := 0, 1; used < size; n = n%7 + 1 {
			b, err := syscall.Mmap(-1, 0, n*mib, syscall.PROT_READ|syscall.PROT_WRITE, anonymous)
			if err != nil {
				return fmt.Errorf("round %d: mmap of %d MiB with %d in use: %w", round, n, used, err)
			}
			if err := isClear(b); err != nil {
				return fmt.Errorf("round %d: %w", round, err)
			}
			mark(b, uint64(used))
			all = append(all, b)
			used += n
		}
		for odd := range 2 {
			for i, b := range all {
				if i%2 != odd {
					continue
				}
				if err := syscall.Munmap(b); err != nil {
					return fmt.Errorf("round %d: munmap: %w", round, err)
				}
			}
		}
	}
	if _, err := syscall.Mmap(-1, 0, 1<<50, syscall.PROT_READ, anonymous); err != syscall.ENOMEM {
		return fmt.Errorf("mmap of 1 PiB: %v, want ENOMEM", err)
	}
	return nil
}
