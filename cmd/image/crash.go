//go:build tamago

package main

import (
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"
	"unsafe"
)

// A class is one way to die.
type class struct {
	name, what string
	die        func()
}

var classes = []class{
	{"panic", "panic(error)", func() { panic(errors.New("something is badly wrong")) }},
	{"goroutine", "panic in a goroutine while main waits", func() { go inGoroutine(); select {} }},
	{"nil", "nil dereference", func() { nilDereference(nil) }},
	{"index", "index out of range", func() { _ = make([]int, 2)[index] }},
	{"divide", "integer division by zero", func() { println(1 / (index - 2)) }},
	{"map", "write to a nil map", func() { var m map[int]int; m[1] = 1 }},
	{"unlock", "unlock of an unlocked mutex: fatal error", func() { new(sync.Mutex).Unlock() }},
	{"deadlock", "all goroutines asleep: fatal error", func() { <-make(chan int) }},
	{"exit", "os.Exit(3)", func() { os.Exit(3) }},
	{"return", "main returns", func() {}},
	{"de", "#DE: divide instruction, divisor zero", divideInstruction},
	{"db", "#DB: single step", debugInstruction},
	{"bp", "#BP: INT3", breakpointInstruction},
	{"ud", "#UD: undefined instruction", undefinedInstruction},
	{"gp", "#GP: access to a non-canonical address", protectionFault},
	{"pf", "#PF: write to an address that is not mapped", wildWrite},
}

// The instructions that fault (crash_amd64.s).
func divideInstruction()
func debugInstruction()
func breakpointInstruction()
func undefinedInstruction()
func protectionFault()

func crash(name string) {
	for _, c := range classes {
		if c.name == name {
			slog.Warn("about to die", "class", c.name, "what", c.what)
			c.die()
			return
		}
	}
	slog.Error("unknown class, gasp.crash= takes one of the following", "class", name)
	for _, c := range classes {
		slog.Error("  " + c.name + ": " + c.what)
	}
}

//go:noinline
func nilDereference(p *[4]int) { p[index] = 1 }

//go:noinline
func inGoroutine() {
	time.Sleep(time.Millisecond)
	panic("in a goroutine")
}

func wildWrite() {
	address := uintptr(0x7f_ffff_f000)
	**(**int)(unsafe.Pointer(&address)) = 1
}
