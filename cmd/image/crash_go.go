//go:build tamago

package main

import (
	"errors"
	"os"
	"runtime"
	"sync"
	"time"
)

// What Go itself ends a program for.
var goClasses = []class{
	{"panic", "panic(error)", panicError},
	{"goroutine", "panic in a goroutine while main waits", func() { go inGoroutine(); select {} }},
	{"stringer", "panic(error) whose Error method panics", panicStringer},
	{"repanic", "panic in a deferred function while panicking", panicTwice},
	{inInit, "panic in an init function", panicError},
	{"nil", "nil dereference", func() { nilDereference(nil) }},
	{"deep", "nil dereference 25 calls down: a report of 60 lines", func() { deep(25) }},
	{"index", "index out of range", outOfRange},
	{"divide", "integer division by zero", divideByZero},
	{"map", "write to a nil map", writeNilMap},
	{"mapwrite", "concurrent writes to a map: fatal error", writeMapTwice},
	{"unlock", "unlock of an unlocked mutex: fatal error", func() { new(sync.Mutex).Unlock() }},
	{"deadlock", "all goroutines asleep: fatal error", func() { <-make(chan int) }},
	{"oom", "out of memory: fatal error", takeAllMemory},
	{"overflow", "goroutine stack overflow: fatal error", func() { recurse(0) }},
	{"close", "close of a closed channel", closeTwice},
	{"goexit", "runtime.Goexit in main: fatal error", runtime.Goexit},
	{"exit", "os.Exit(3)", func() { os.Exit(3) }},
	{"return", "main returns", func() {}},
}

func panicError() { panic(errors.New("something is badly wrong")) }

func inGoroutine() {
	time.Sleep(time.Millisecond)
	panic("in a goroutine")
}

type wrongError struct{}

func (wrongError) Error() string { panic("the Error method panics too") }

func panicStringer() { panic(wrongError{}) }

func panicTwice() {
	defer func() { panic("the second panic") }()
	panic("the first panic")
}

//go:noinline
func nilDereference(p *[4]int) { p[index] = 1 }

//go:noinline
func deep(n int) int {
	if n == 0 {
		nilDereference(nil)
	}
	return deep(n-1) + 1
}

func outOfRange() { _ = make([]int, 2)[index] }

func divideByZero() { println(1 / (index - 2)) }

func writeNilMap() {
	var m map[int]int
	m[1] = 1
}

// A wideKey takes the map so long to compare that a goroutine's time slice ends
// there sooner or later, in the middle of a write.
type wideKey [512]string

func writeMapTwice() {
	m := map[wideKey]int{}
	write := func() {
		for {
			m[wideKey{}]++
		}
	}
	go write()
	write()
}

var kept [][]byte

func takeAllMemory() {
	const piece = 1 << 20
	for {
		kept = append(kept, make([]byte, piece))
	}
}

//go:noinline
func recurse(n int) int { return recurse(n+1) + 1 }

func closeTwice() {
	c := make(chan int)
	close(c)
	close(c)
}
