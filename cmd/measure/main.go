// Command measure takes the figures that show what a port costs: channels, locks,
// goroutines, timers, collections, system calls. With a board (the tag tamago) it
// is an image; without, an ordinary program that takes the same figures of Linux.
// Its arguments, or the kernel command line, are
//
//	gasp.figure=NAME,NAME  which ones; all that need no process of their own
//	                       without
//
// It says a line a value: "measure: NAME VALUE UNIT".
package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"gasp/board/bootparam"
)

// A figure is taken by run, which says its values.
type figure struct {
	name  string
	alone bool // it needs a fresh heap, or a machine that does nothing else
	run   func()
}

var figures = []figure{
	{name: "integers", run: costs(integers)},
	{name: "strings", run: costs(texts)},
	{name: "getpid", run: costs(getpid)},
	{name: "now", run: costs(now)},
	{name: "channel", run: costs(channel)},
	{name: "channelbuffered", run: costs(channelBuffered)},
	{name: "channelthreads", run: costs(channelThreads)},
	{name: "select", run: costs(selects)},
	{name: "goroutine", run: costs(goroutines)},
	{name: "mutex", run: costs(mutex)},
	{name: "mutexcontended", run: costs(mutexContended)},
	{name: "gosched", run: costs(gosched)},
	{name: "timer", run: costs(timer)},
	{name: "allocate", run: costs(allocate)},
	{name: "collect", alone: true, run: collect},
	{name: "sleep", alone: true, run: sleeps},
	{name: "churn", alone: true, run: churn},
	{name: "idle", alone: true, run: idle},
}

func main() {
	list, given := bootparam.Line(os.Args[1:]).Get("gasp.figure")
	names := strings.Split(list, ",")
	for _, name := range names {
		if given && !slices.ContainsFunc(figures, func(f figure) bool { return f.name == name }) {
			fmt.Printf("measure: there is no figure %q\n", name)
			os.Exit(2)
		}
	}
	fmt.Printf("measure: %s on %d CPUs, GOMAXPROCS %d\n", runtime.Version(), runtime.NumCPU(), runtime.GOMAXPROCS(0))
	for _, f := range figures {
		if given && slices.Contains(names, f.name) || !given && !f.alone {
			current = f.name
			f.run()
		}
	}
	fmt.Println("measure: end")
}

// current is the figure that is taken.
var current string

func say(name string, value float64, unit string) {
	fmt.Printf("measure: %s %.4g %s\n", name, value, unit)
}
