package main

import (
	"fmt"
	"slices"
	"strings"

	"gasp/internal/command"
	"gasp/qemu"
)

// crashes are the ways to die: those of cmd/image that a machine can come to while it serves, and two of its own.
var crashes = append(slices.DeleteFunc(slices.Clone(qemu.Crashes), func(c qemu.Crash) bool { return !slices.Contains(classNames, c.Class) }),
	qemu.Crash{Class: "web-stack", Cause: "#DB debug", Exception: "#DB", Traceback: "gasp/netstack.", Steps: -1},
	qemu.Crash{Class: "web-handler", Cause: "panic: in a handler", Traceback: "net/http.(*conn).serve("})

// classNames are those of cmd/image. Left out is what is about the beginning or the end of main, what destroys the
// records of before, and what takes so long under emulation, beside a load, that the watchdog may come before: overflow,
// whose stack the garbage collector reads.
var classNames = []string{
	"panic", "goroutine", "nil", "index", "unlock", "exit", "gp", "pf-exec", "double", "sp-wild", "heap", "mce", "nmi",
	"irq-panic", "irq-nil", "irq-hang", "hang", "stall",
	"transmit", "receive", "poll", "lock", "write", "sender", "full", "notx", "nobus", "garbage", "reset",
}

// breakDevice are the classes that break the network device or stop inside its driver: what it had then may be lost.
var breakDevice = []string{"transmit", "receive", "notx", "nobus", "garbage", "reset", fullRing}

// fullRing is the class that logs to a device that takes nothing until it is full, and beyond.
const fullRing = "full"

// chooseClasses reads a list, which commas separate; an empty one means all.
func chooseClasses(list string) (chosen []*qemu.Crash, err error) {
	var names []string
	for i := range crashes {
		names = append(names, crashes[i].Class)
		if list == "" {
			chosen = append(chosen, &crashes[i])
		}
	}
	if list == "" {
		return chosen, nil
	}
	for name := range strings.SplitSeq(list, ",") {
		i := slices.Index(names, strings.TrimSpace(name))
		if i < 0 {
			return nil, fmt.Errorf("%w: -classes: no class %q; there are %s", command.ErrUsage, name, strings.Join(names, " "))
		}
		chosen = append(chosen, &crashes[i])
	}
	return chosen, nil
}
