package qemu

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// severalCPUs are the machines with more than one processor: x86-64, with GASP_FULL=1 also 64-bit ARM.
var severalCPUs = slices.DeleteFunc(ofThisRun(Combinations), func(c Combination) bool { return c.CPUs() == 1 })

// TestSeveralCPUs: a crash is reported like one on a single processor, and where the others were.
func TestSeveralCPUs(t *testing.T) {
	for i, class := range []string{"nil", "panic", "deadlock", "gp", "stall", "exit", "irq-nil", "nmi", "hang", "irq-hang"} {
		n := slices.IndexFunc(Crashes, func(c Crash) bool { return c.Class == class })
		possible := slices.DeleteFunc(slices.Clone(severalCPUs), func(m Combination) bool { return Crashes[n].On != nil && !Crashes[n].On(m) })
		m := possible[i%len(possible)]
		t.Run(class+"/"+m.String(), func(t *testing.T) {
			t.Parallel()
			machinesAtOnce <- struct{}{}
			defer func() { <-machinesAtOnce }()
			checkCell(t, NewCell(&Crashes[n], m, 0, false, 0), imageFor(t, m))
		})
	}
	for _, m := range severalCPUs {
		t.Run("where/"+m.String(), func(t *testing.T) {
			if n := len(otherCPUs(t, m, "gasp.crash=nil")); n != m.CPUs()-1 {
				t.Errorf("the report tells of %d other processors, want %d", n, m.CPUs()-1)
			}
		})
	}
}

// TestHangOnEachCPU: one that takes no interrupts is found whichever it is, and dies there: the report tells where all
// others were.
func TestHangOnEachCPU(t *testing.T) {
	for _, m := range severalCPUs {
		for hung := range m.CPUs() {
			t.Run(fmt.Sprintf("%v/%d", m, hung), func(t *testing.T) {
				others := otherCPUs(t, m, fmt.Sprintf("gasp.watchdog=2 gasp.crash=hang gasp.step=%d", hung))
				if len(others) != m.CPUs()-1 || slices.Contains(others, hung) {
					t.Errorf("processor %d of %d hangs, the report tells of the others %v", hung, m.CPUs(), others)
				}
			})
		}
	}
}

// TestDeathBesideAReportOnDemand: a processor dies while another one makes a report on demand, which that ends.
func TestDeathBesideAReportOnDemand(t *testing.T) {
	for _, m := range severalCPUs {
		t.Run(m.String(), func(t *testing.T) {
			w := &Wire{}
			boot(t, m, w, knownStation("+")+" panic=-1 gasp.nmi=report gasp.crash=demand").Wait()
			report := reportOf(t, w.Datagrams(), wire.Crash)
			if string(report.Headline.Cause) != "panic: while another processor reports" || !hasTrace(report.Lines, "main.panicBesideReport(") {
				t.Errorf("the machine died of %q: %q", report.Headline.Cause, report.Lines)
			}
			if others := stoppedCPUs(report); len(others) != m.CPUs()-1 {
				t.Errorf("the report tells of the other processors %v, which are %d", others, m.CPUs()-1)
			}
		})
	}
}

// TestMaxCPUs: the command line says how many processors are used, and more than 16 are not.
func TestMaxCPUs(t *testing.T) {
	for _, c := range []struct {
		cpus    int
		cmdline string
		want    int
	}{
		{4, "maxcpus=2", 2}, {4, "maxcpus=0", 1}, {4, "nosmp", 1}, {2, "maxcpus=4", 2}, {17, "", 16},
	} {
		t.Run(fmt.Sprintf("%d %s", c.cpus, c.cmdline), func(t *testing.T) {
			for _, m := range ofThisRun([]Combination{{Type: "q35", NIC: "e1000", Always: true}, {Type: "virt", NIC: "virtio-net-pci", Extra: []string{"-machine", "gic-version=3"}}}) {
				m.Extra = append(m.Extra, "-smp", strconv.Itoa(c.cpus))
				if n := len(otherCPUs(t, m, c.cmdline+" gasp.crash=nil")); n != c.want-1 {
					t.Errorf("%v: the report tells of %d other processors, want %d", m, n, c.want-1)
				}
			}
		})
	}
}

// otherCPUs boots the demonstration image, which is to die, and returns the processors that its report says to have been
// stopped.
func otherCPUs(t *testing.T, m Combination, cmdline string) []int {
	t.Helper()
	w := &Wire{}
	boot(t, m, w, knownStation("")+" panic=-1 "+cmdline).Wait()
	return stoppedCPUs(reportOf(t, w.Datagrams(), wire.Crash))
}

// stoppedCPUs are the processors that a report says to have been stopped, in their order.
func stoppedCPUs(r *Report) (cpus []int) {
	for _, line := range r.Lines {
		var n int
		if _, err := fmt.Sscanf(line, "cpu %d:", &n); err == nil && !strings.Contains(line, "does not stop") {
			cpus = append(cpus, n)
		}
	}
	return cpus
}
