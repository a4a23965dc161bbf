//go:build tamago

package main

import (
	"log/slog"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"gasp/netlog"
)

// A class is one way to die.
type class struct {
	name, what string
	die        func()
}

var classes = slices.Concat(goClasses, machineClasses, driverClasses, loggerClasses, interruptClasses, demandClasses)

// Classes that die earlier than the others, and those that only do so if no
// goroutine is left that could run.
const (
	inInit = "init"
	atOnce = "arp"
)

var alone = []string{"deadlock", "goexit"}

// step is gasp.step=, or what an image that serves is told, for classes that can die at several places.
var step int

func crash(name string) {
	i := slices.IndexFunc(classes, func(c class) bool { return c.name == name })
	if i < 0 {
		slog.Error("unknown class, gasp.crash= takes one of the following", "class", name)
		for _, c := range classes {
			slog.Error("  " + c.name + ": " + c.what)
		}
		return
	}
	if n, ok := number("gasp.step"); ok {
		step = n
	}
	if n, _ := number("gasp.load"); n != 0 {
		loading.Store(true)
		go load()
	}
	delay, _ := number("gasp.delay")
	time.Sleep(time.Duration(delay) * time.Millisecond)
	slog.Warn("about to die", "class", name, "what", classes[i].what)
	if slices.Contains(alone, name) {
		loading.Store(false)
	}
	classes[i].die()
}

var loading atomic.Bool

// load logs numbered lines of 100 bytes: "load 00000001 ....".
func load() {
	text := paddedLine("load 00000000 ")
	for i := 1; loading.Load(); i++ {
		putNumber(text[len("load "):], i)
		netlog.Default().Write(text)
		runtime.Gosched()
	}
}

// alive logs for a class that something outside kills.
func alive(d time.Duration) {
	const pause = 10 * time.Millisecond
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(pause) {
		slog.Info("still alive", "uptime", time.Since(start).Round(time.Millisecond))
	}
	slog.Error("nothing has happened")
}
