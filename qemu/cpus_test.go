package qemu

import (
	"slices"
	"strings"
	"testing"
)

// severalCPUs are the machines with more than one processor.
var severalCPUs = slices.DeleteFunc(slices.Clone(Combinations), func(c Combination) bool { return c.CPUs() == 1 })

// TestSeveralCPUs: a crash is reported like one on a single processor, and where the others were.
func TestSeveralCPUs(t *testing.T) {
	file := image(t)
	for i, class := range []string{"nil", "panic", "deadlock", "gp", "stall", "exit", "irq-nil", "nmi", "hang", "irq-hang"} {
		n := slices.IndexFunc(Crashes, func(c Crash) bool { return c.Class == class })
		m := severalCPUs[i%len(severalCPUs)]
		t.Run(class+"/"+m.String(), func(t *testing.T) {
			t.Parallel()
			machinesAtOnce <- struct{}{}
			defer func() { <-machinesAtOnce }()
			checkCell(t, NewCell(&Crashes[n], m, 0, false, 0), file)
		})
	}
	for _, m := range severalCPUs {
		t.Run("where/"+m.String(), func(t *testing.T) {
			w := &Wire{}
			boot(t, m, w, knownStation("")+" panic=-1 gasp.crash=nil").Wait()
			others := 0
			for _, d := range w.Datagrams() {
				if strings.Contains(string(d.Payload), "gasp| cpu ") {
					others++
				}
			}
			if want := m.CPUs() - 1; others != want {
				t.Errorf("the report tells of %d other processors, want %d", others, want)
			}
		})
	}
}
