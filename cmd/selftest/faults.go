package main

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"unsafe"
)

// A fault is what Go makes a panic of.
type fault struct {
	says string
	make func(zero int)
}

var faultKinds = []fault{
	{"nil pointer dereference", func(zero int) { nilNode(zero).room[2] = 1 }},
	{"integer divide by zero", func(zero int) { zero = 1 / zero }},
	{"index out of range [5] with length 5", func(zero int) { new(node).room[zero+5] = 1 }},
	{"slice bounds out of range", func(zero int) { _ = make([]int, zero)[1:] }},
	{"interface conversion", func(zero int) { _ = any(zero).(string) }},
	{"assignment to entry in nil map", func(zero int) { map[int]int(nil)[zero] = 1 }},
	{"makeslice: len out of range", func(zero int) { _ = make([]int, zero-1) }},
	{"negative shift amount", func(zero int) { zero <<= zero - 1 }},
}

//go:noinline
func nilNode(zero int) *node {
	if zero != 0 {
		return new(node)
	}
	return nil
}

// faults: in many goroutines at once, some with threads to themselves, while
// others spin, every fault is a panic that tells what it was, and the goroutine
// that recovers from it goes on.
func faults() error {
	s := startSpinners(1)
	defer s.stop()
	const wild = uintptr(0x7fff_1234_5678 & math.MaxUint) // nothing is there on any machine
	if err := address(wild); err != nil {
		return err
	}
	return parallel(8, func(i int) error {
		if i%3 == 0 {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
		}
		for turn := range 40 {
			k := &faultKinds[(i+turn)%len(faultKinds)]
			err := recovered(func() { k.make(0) })
			if err == nil || !strings.Contains(err.Error(), k.says) {
				return fmt.Errorf("a fault for %q came back as %v", k.says, err)
			}
			if turn == 4*i {
				runtime.GC()
			}
		}
		return nil
	})
}

var errNoPanic = errors.New("no panic")

// recovered returns the runtime error that f panics with.
func recovered(f func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
			err = errNoPanic
		case runtime.Error:
			err = p
		default:
			err = fmt.Errorf("a panic that is no runtime error: %v", p)
		}
	}()
	f()
	return nil
}

// address: with SetPanicOnFault the fault of an address that is not mapped tells
// the address.
func address(wild uintptr) error {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	err := recovered(func() { *(*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&wild))) = 1 })
	var at interface{ Addr() uintptr }
	if !errors.As(err, &at) {
		return fmt.Errorf("a write to %#x came back as %v", wild, err)
	}
	if at.Addr() != wild {
		return fmt.Errorf("a write to %#x came back as one to %#x", wild, at.Addr())
	}
	return nil
}
