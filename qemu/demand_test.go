package qemu

import (
	"slices"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// whichMachines are enough for what does not depend on the driver.
var whichMachines = []Combination{
	{Type: "q35", NIC: "e1000"},
	{Type: "pc", NIC: "virtio-net-pci"},
	{Type: "microvm", NIC: "virtio-net-device"},
}

// andVirt is one of another architecture besides.
var andVirt = append(slices.Clone(whichMachines), Combination{Type: "virt", NIC: "virtio-net-pci"})

// onMachines runs a test on andVirt, at once.
func onMachines(t *testing.T, test func(t *testing.T, c Combination, format string)) {
	on(t, andVirt, test)
}

// on runs a test on machines, at once.
func on(t *testing.T, machines []Combination, test func(t *testing.T, c Combination, format string)) {
	image(t)
	for i, c := range machines {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			test(t, c, []string{"", "+"}[i%2])
		})
	}
}

// ended gives the reports of a form whose end has arrived.
func ended(w *Wire, form wire.Form) (reports []Report) {
	for _, r := range ReadLog(w.Datagrams()).Reports {
		if r.Headline.Form == form && r.Ended {
			reports = append(reports, r)
		}
	}
	return reports
}

// TestReportOnDemand presses the NMI button of a machine that logs and prints: a report arrives each time, and the machine goes on
// to its end.
func TestReportOnDemand(t *testing.T) {
	on(t, slices.Concat(andVirt, severalCPUs), func(t *testing.T, c Combination, format string) {
		w := &Wire{}
		// No watchdog: an NMI that comes together with one of its ticks is taken for it, and on a host that is busy
		// both come of the same delay of QEMU's.
		cmdline := knownStation(format) + " gasp.nmi=report gasp.watchdog=0 gasp.run=4"
		if c.CPUs() > 1 {
			cmdline += " gasp.print=2"
		}
		r := boot(t, c, w, cmdline)
		waitFor(t, "a line", func() bool { return contains(w.Datagrams(), "alive") })
		for n := 1; n <= 2; n++ {
			if err := r.InjectNMI(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "a report", func() bool { return len(ended(w, wire.Report)) == n })
			logged := len(w.Datagrams())
			waitFor(t, "a line behind the report", func() bool { return contains(w.Datagrams()[logged:], "alive") })
		}
		if exit, err := r.Wait(); err != nil || !exit.PoweredOff() {
			t.Errorf("the machine ended with %+v, %v, not by powering off", exit, err)
		}
		for _, report := range ended(w, wire.Report) {
			if missing := report.Complete(); missing != "" {
				t.Errorf("report on demand: %s", missing)
			}
			registers := len(report.Headline.Registers)
			for _, line := range report.Lines {
				if rest, ok := strings.CutPrefix(line, "registers "); ok {
					registers += strings.Count(rest, "=0x")
				}
			}
			if !strings.Contains(string(report.Headline.Cause), "NMI") || registers < leastRegisters[c.Arch()] {
				t.Errorf("the cause of a report on demand is %q with %d registers", report.Headline.Cause, registers)
			}
			cpus := 0
			for _, line := range report.Lines {
				if strings.Contains(line, "printed line") || strings.HasSuffix(line, "does not stop") {
					t.Errorf("%q is part of a report on demand", line)
				}
				if strings.HasPrefix(line, "cpu ") {
					cpus++
				}
			}
			if cpus != c.CPUs()-1 {
				t.Errorf("a report on demand tells of %d other processors, want %d: %q", cpus, c.CPUs()-1, report.Lines)
			}
			if !hasTrace(report.Lines, "goroutine ") {
				t.Errorf("a report on demand has no traceback: %q", report.Lines)
			}
		}
		if crash := reportOf(t, w.Datagrams(), wire.Crash); string(crash.Headline.Cause) != "exit status 0" {
			t.Errorf("the machine died of %q", crash.Headline.Cause)
		}
		checkSequence(t, records(t, w.Datagrams()))
	})
}

// TestFaultInAReportOnDemand: an NMI that comes in a report on demand waits for its end, also if the report faults in between. The
// machine goes on behind both.
func TestFaultInAReportOnDemand(t *testing.T) {
	onMachines(t, func(t *testing.T, c Combination, format string) {
		w := &Wire{}
		boot(t, c, w, knownStation(format)+" panic=-1 gasp.nmi=report gasp.watchdog=0 gasp.crash=demand-fault").Wait()
		reports := ended(w, wire.Report)
		if len(reports) != 2 {
			t.Errorf("%d reports on demand arrived, want 2", len(reports))
		}
		for i, report := range reports {
			faults := slices.ContainsFunc(report.Lines, func(line string) bool { return strings.Contains(line, "fault while reporting") })
			if missing := report.Complete(); missing != "" || !faults || !hasTrace(report.Lines, "main.faultInReport(") {
				t.Errorf("report %d: %s: %q", i+1, missing, report.Lines)
			}
		}
		if crash := reportOf(t, w.Datagrams(), wire.Crash); string(crash.Headline.Cause) != "panic: behind two reports on demand" {
			t.Errorf("the machine died of %q", crash.Headline.Cause)
		}
	})
}

// TestIgnoredNMI: with gasp.nmi=ignore the button does nothing.
func TestIgnoredNMI(t *testing.T) {
	on(t, slices.Concat(andVirt, severalCPUs), func(t *testing.T, c Combination, format string) {
		w := &Wire{}
		r := boot(t, c, w, knownStation(format)+" gasp.nmi=ignore gasp.run=3")
		waitFor(t, "a line", func() bool { return contains(w.Datagrams(), "alive") })
		if err := r.InjectNMI(); err != nil {
			t.Fatal(err)
		}
		if exit, err := r.Wait(); err != nil || !exit.PoweredOff() {
			t.Errorf("the machine ended with %+v, %v, not by powering off", exit, err)
		}
		if crash := reportOf(t, w.Datagrams(), wire.Crash); string(crash.Headline.Cause) != "exit status 0" {
			t.Errorf("the machine died of %q", crash.Headline.Cause)
		}
		if n := len(ended(w, wire.Report)); n > 0 {
			t.Errorf("%d reports on demand arrived", n)
		}
	})
}
