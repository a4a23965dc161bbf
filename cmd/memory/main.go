//go:build tamago

// Command memory uses a machine's memory in one of several ways, which the kernel
// command line names, and logs whether it held what was written:
//
//	gasp.memory=fill        keep pages until gasp.size= MiB are written, then read them all;
//	                        leave out gasp.skip= MiB of RAM, those that come first
//	gasp.memory=regrow      grow, free, grow again in other sizes, gasp.size= MiB each time
//	gasp.memory=threads     end threads with their goroutine, gasp.size= of them
//	gasp.memory=map         map and unmap, gasp.size= MiB each time
//	gasp.memory=high        die with all goroutines and stacks above 4 GiB
//	gasp.memory=huge        die of one allocation of gasp.size= MiB
//	gasp.memory=leak        die of small objects that are never freed
//	gasp.memory=goroutines  die of goroutines that never end
package main

import (
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	_ "gasp/board/all"

	"gasp/board/bootparam"
	"gasp/board/machine"
	"gasp/netlog"
)

const (
	page = 4096
	mib  = 1 << 20

	anonymous = syscall.MAP_ANON | syscall.MAP_PRIVATE
)

var ways = map[string]func(size int) error{
	"fill":       fill,
	"regrow":     regrow,
	"threads":    endThreads,
	"map":        mapAndUnmap,
	"high":       dieHigh,
	"huge":       allocateHuge,
	"leak":       leak,
	"goroutines": leakGoroutines,
}

func main() {
	slog.SetDefault(slog.New(netlog.NewHandler(nil)))
	line := machine.CommandLine()
	name, _ := line.Get("gasp.memory")
	size := number(line, "gasp.size")
	way := ways[name]
	if way == nil {
		slog.Error("gasp.memory= names no way to use memory", "name", name)
		os.Exit(2)
	}
	if skip := number(line, "gasp.skip"); skip > 0 {
		if _, err := syscall.Mmap(-1, 0, skip*mib, syscall.PROT_NONE, anonymous); err != nil {
			slog.Error("memory", "skip", skip, "err", err)
			os.Exit(1)
		}
	}
	start := time.Now()
	if err := way(size); err != nil {
		slog.Error("memory", "way", name, "err", err)
		os.Exit(1)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	slog.Info("memory is as it should be", "way", name, "took", time.Since(start).Round(time.Millisecond),
		"sys", m.Sys/mib, "heap", m.HeapSys/mib, "released", m.HeapReleased/mib, "stacks", m.StackSys/mib, "gcs", m.NumGC)
}

// number is the value of key= on the command line, 0 if it has none.
func number(line bootparam.Line, key string) int {
	text, _ := line.Get(key)
	n, _ := strconv.Atoi(text)
	return n
}

// mark writes into each page of b a number that only that page has.
func mark(b []byte, n uint64) {
	for i := 0; i < len(b); i += page {
		*word(b[i:]) = n + uint64(i)
	}
}

// check reads what mark wrote.
func check(b []byte, n uint64) error {
	for i := 0; i < len(b); i += page {
		if got, want := *word(b[i:]), n+uint64(i); got != want {
			return fmt.Errorf("page %p holds %#x, want %#x", &b[i], got, want)
		}
	}
	return nil
}

// isClear checks that nothing was written to b before.
func isClear(b []byte) error {
	for i := 0; i < len(b); i += page {
		for j := i; j < i+page; j += 512 {
			if got := *word(b[j:]); got != 0 {
				return fmt.Errorf("fresh memory at %p holds %#x", &b[j], got)
			}
		}
	}
	return nil
}
