package main

import (
	"strings"
	"testing"
	"time"
)

// TestStandardLibrary runs what needs most of the port: scheduler, timers, collector, signals. All packages are for
// `make stdtest`.
func TestStandardLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("boots machines")
	}
	for _, c := range []struct {
		run      string
		packages []string
	}{
		{packages: []string{"sync", "sync/atomic", "context", "strings", "container/list"}},
		{packages: []string{"time"}, run: "^(TestSleep|TestAfter.*|TestTicker.*|TestTimer.*|TestNow.*|TestMonotonic.*|TestLoadLocation.*)$"},
		{packages: []string{"runtime"}, run: "^(TestChan.*|TestSelect.*|TestGoroutine.*|TestPreempt.*|TestGc.*|TestStack.*|TestYield.*|TestTimer.*|TestMap.*|TestDefer.*|TestNewOSProc0|TestPhysPageSize)$"},
		{packages: []string{"runtime/pprof"}, run: "^TestMutexProfile$"}, // the clock and the time stamp counter fit
	} {
		var out strings.Builder
		o := &options{patterns: c.packages, board: boards["amd64"], jobs: 2, cpus: 1, timeout: 2 * time.Minute, short: true, run: c.run}
		asExpected, err := stdtest(t.Context(), o, &out)
		if err != nil || !asExpected {
			t.Errorf("%v: %v\n%s", c.packages, err, &out)
		}
		t.Log(strings.TrimSpace(out.String()))
	}
}
