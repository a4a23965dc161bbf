package qemu

import (
	"os"
	"slices"
	"testing"

	"gasp/netlog/wire"
)

// machinesAtOnce bounds what TestCrash runs at a time, beside what -parallel says.
var machinesAtOnce = make(chan struct{}, 3)

// TestCrash makes the machine die in every way cmd/image knows: the whole report arrives. By default each class runs once,
// on the machines in turn; GASP_FULL=1 runs all on all. `make crash` does it at length.
func TestCrash(t *testing.T) {
	for i := range Crashes {
		crash := &Crashes[i]
		t.Run(crash.Class, func(t *testing.T) {
			for _, m := range machinesFor(crash, i) {
				t.Run(m.String(), func(t *testing.T) {
					t.Parallel()
					machinesAtOnce <- struct{}{}
					defer func() { <-machinesAtOnce }()
					checkCell(t, NewCell(crash, m, 0, false, 0), imageFor(t, m))
				})
			}
		})
	}
}

// machinesFor gives the machines of this test run for the nth class.
func machinesFor(crash *Crash, n int) []Combination {
	possible := slices.DeleteFunc(slices.Clone(Combinations), func(m Combination) bool { return crash.On != nil && !crash.On(m) })
	if os.Getenv("GASP_FULL") == "1" {
		return possible
	}
	possible = slices.DeleteFunc(possible, func(m Combination) bool { return m.firmware() > 0 }) // TestUEFI is for these
	n %= len(possible)
	return possible[n : n+1]
}

// TestCrashWhileFramesComeIn floods the network device with frames, which interrupt, while the machine dies in ways that
// differ in where it is then: the whole report arrives all the same.
func TestCrashWhileFramesComeIn(t *testing.T) {
	file := image(t)
	machines := []Combination{
		{Type: "q35", NIC: "e1000"},
		{Type: "q35", NIC: "e1000e"},
		{Type: "q35", NIC: "virtio-net-pci", Extra: []string{"-smp", "4"}},
		{Type: "microvm", NIC: "virtio-net-device"},
	}
	for i, class := range []string{"nil", "irq-nil", "receive", "poll", "hang", "idt", "reset", "garbage"} {
		crash := &Crashes[slices.IndexFunc(Crashes, func(c Crash) bool { return c.Class == class })]
		m := machines[i%len(machines)]
		t.Run(class+" on "+m.String(), func(t *testing.T) {
			t.Parallel()
			machinesAtOnce <- struct{}{}
			defer func() { <-machinesAtOnce }()
			c := NewCell(crash, m, 0, true, 0)
			c.Inflow = true
			checkCell(t, c, file)
		})
	}
}

func checkCell(t *testing.T, c Cell, image string) {
	t.Helper()
	result, err := c.Run(t.Context(), image)
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != Whole {
		t.Errorf("%v arrived: %s\n%s\nQEMU says: %s\nthe serial line ends with:\n%s",
			result.Verdict, result.Reason, c.Cmdline(), result.Said, tail(result.Serial, 2<<10))
	}
}

// TestCrashesAreDistinct: a class is named once, and every machine check of the table can match something.
func TestCrashesAreDistinct(t *testing.T) {
	known := map[string]bool{}
	for _, c := range Crashes {
		if c.Class == "" || known[c.Class] {
			t.Errorf("class %q is there twice", c.Class)
		}
		known[c.Class] = true
		if len(machinesFor(&c, 0)) == 0 {
			t.Errorf("class %q is for no machine", c.Class)
		}
	}
}

// reportOf returns the only report of a form; the test fails if it is not complete.
func reportOf(t *testing.T, datagrams []Datagram, form wire.Form) *Report {
	t.Helper()
	log := ReadLog(datagrams)
	reports := slices.DeleteFunc(log.Reports, func(r Report) bool { return r.Headline.Form != form })
	if len(reports) != 1 {
		t.Fatalf("%d reports of form %d arrived, want one", len(reports), form)
	}
	if missing := reports[0].Complete(); missing != "" {
		t.Errorf("report of form %d: %s", form, missing)
	}
	return &reports[0]
}
