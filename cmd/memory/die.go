//go:build tamago

package main

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

var kept any

//go:noinline
func allocateHuge(size int) error {
	kept = make([]byte, size*mib)
	return nil
}

type node struct {
	next  *node
	bytes [200]byte
}

//go:noinline
func leak(int) error {
	var list *node
	for {
		list = &node{next: list}
		kept = list
	}
}

//go:noinline
func leakGoroutines(int) error {
	wait := make(chan int)
	for {
		go func() { <-wait }()
		runtime.Gosched()
	}
}

const high = 1 << 32

// dieHigh takes all memory below 4 GiB away, so that what is allocated from then
// on lies above, and dies in a goroutine there, while others wait.
func dieHigh(int) error {
	for size := 1 << 30; size >= page; size /= 2 {
		for {
			b, err := syscall.Mmap(-1, 0, size, syscall.PROT_NONE, anonymous)
			if err != nil {
				break
			}
			if uintptr(unsafe.Pointer(unsafe.SliceData(b))) >= high {
				syscall.Munmap(b)
				break
			}
		}
	}
	found := make(chan uintptr)
	for range 1000 { // stacks come from the heap, which has some left below
		go waitHigh(found)
	}
	n := 0
	for range 1000 {
		if <-found >= high {
			n++
		}
	}
	fmt.Printf("%d stacks above 4 GiB\n", n)
	for range 100 { // until one is high
		go dieThere(found)
		<-found
	}
	return errors.New("no stack of 32 KiB above 4 GiB")
}

//go:noinline
func waitHigh(found chan uintptr) {
	var room [64 << 10]byte
	found <- uintptr(unsafe.Pointer(&room))
	waitForEver(&room)
}

//go:noinline
func waitForEver(*[64 << 10]byte) {
	for {
		time.Sleep(time.Hour)
	}
}

//go:noinline
func dieThere(found chan uintptr) {
	var room [32 << 10]byte
	if at := uintptr(unsafe.Pointer(&room)); at < high {
		found <- at
		select {}
	}
	storeNil(nil, &room)
}

//go:noinline
func storeNil(p *int, room *[32 << 10]byte) { *p = int(room[5]) }
