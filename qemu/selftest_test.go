package qemu

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// selftestImage is cmd/selftest.
var selftestImage = onceFor("selftest", "./cmd/selftest")

// selftestMachines are one of each kind.
var selftestMachines = append(slices.Clone(whichMachines), Combination{Type: "virt", NIC: "virtio-net-pci"}, Combination{Type: "mcimx6ul-evk", NIC: "imx.enet"})

// TestSelftest boots the full test image on one machine of each kind. `make boots` does it at length.
func TestSelftest(t *testing.T) {
	image(t) // for go test's cache
	for seed, m := range selftestMachines {
		t.Run(m.String(), func(t *testing.T) { checkSelftest(t, Selftest{Machine: m, Seed: uint64(seed)}) })
	}
}

// TestChangedTables boots machines with several processors, which change the translation tables at once.
func TestChangedTables(t *testing.T) {
	image(t)
	for _, m := range append(slices.Clone(severalCPUs), Combination{Type: "virt", NIC: "virtio-net-pci", Extra: []string{"-smp", "4"}}) {
		t.Run(m.String(), func(t *testing.T) { checkSelftest(t, Selftest{Machine: m, Checks: "tables"}) })
	}
}

// TestStrayInterrupts: interrupts that are nobody's do no harm, whether there is a network device or not.
func TestStrayInterrupts(t *testing.T) {
	image(t)
	for _, m := range whichMachines {
		t.Run(m.String(), func(t *testing.T) { checkSelftest(t, Selftest{Machine: m, Checks: "stray"}) })
	}
	t.Run("no network device", func(t *testing.T) {
		file, err := selftestImage[whichMachines[0].Suffix()]()
		if err != nil {
			t.Fatal(err)
		}
		r := start(t, Machine{Type: "q35", Image: file, Cmdline: "panic=-1 gasp.watchdog=0 -- gasp.check=stray"})
		if exit, err := r.Wait(); err != nil || !exit.PoweredOff() || !strings.Contains(r.Serial(), "selftest: 2 checks passed") {
			t.Errorf("the machine ended with %+v, %v:\n%s", exit, err, tail(r.Serial(), 2<<10))
		}
	})
}

func checkSelftest(t *testing.T, boot Selftest) {
	file, err := selftestImage[boot.Machine.Suffix()]()
	if err != nil {
		t.Fatal(err)
	}
	result, err := boot.Run(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Failed) > 0 {
		t.Errorf("%s\n%s\n%s\nthe serial line ends with:\n%s", strings.Join(result.Failed, "\n"), boot.Cmdline(),
			strings.Join(result.Report, "\n"), tail(result.Serial, 2<<10))
	}
}

// TestSelftestFailure: a check that fails ends in a report of the goroutines that there are, and in no others.
func TestSelftestFailure(t *testing.T) {
	image(t)
	file, err := selftestImage[whichMachines[0].Suffix()]()
	if err != nil {
		t.Fatal(err)
	}
	boot := Selftest{Machine: whichMachines[0], Checks: "timers,wallclock", Fail: true} // a thousand goroutines that end, a collection
	result, err := boot.Run(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(append(result.Failed, result.Report...), "\n")
	for _, want := range []string{"fail FAILED", "2 of 6 checks failed", "exit status 1", "goroutine 1 [running]", "guest-reset"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in what arrived:\n%s", want, all)
		}
	}
	if strings.Contains(all, "damaged") {
		t.Errorf("goroutines that have ended are called damaged:\n%s", all)
	}
}

// TestSelftestJudge: what the log host got decides, and each thing that is missing or wrong is said.
func TestSelftestJudge(t *testing.T) {
	started := time.Unix(1_800_000_000, 0)
	line := func(at time.Duration, text string) Datagram {
		return Datagram{Time: at, Payload: []byte("6,1,1,-;" + text + "\n")}
	}
	passed := func(name string, at, says time.Duration) Datagram {
		return line(at, fmt.Sprintf("selftest: %s passed, GOMAXPROCS 1, 2ms, at %d", name, started.Add(says).UnixNano()))
	}
	good := []Datagram{passed("spin", 3*time.Second, 2*time.Second), passed("clock", 4*time.Second, 3900*time.Millisecond), line(4*time.Second, "selftest: 2 checks passed")}
	for name, c := range map[string]struct {
		datagrams []Datagram
		wrong     string // "": nothing but the missing report of the end
	}{
		"good":            {good, ""},
		"a line lost":     {good[1:], "1 checks passed, it says 2"},
		"no end":          {good[:2], "did not come to its end"},
		"nothing":         {nil, "did not come to its end"},
		"none checked":    {[]Datagram{line(0, "selftest: 0 checks passed")}, "0 checks passed, it says 0"},
		"failed":          {append(good[:2:2], line(5*time.Second, "selftest: sleep FAILED, GOMAXPROCS 1, after 1s: it overslept")), "overslept"},
		"hangs":           {append(good[:2:2], line(5*time.Second, "selftest: sleep hangs, GOMAXPROCS 1")), "hangs"},
		"clock behind":    {[]Datagram{passed("spin", 9*time.Second, 3*time.Second), passed("clock", 9*time.Second, 4*time.Second), good[2]}, "wall clock is wrong"},
		"clock ahead":     {[]Datagram{passed("spin", 9*time.Second, 19*time.Second), good[1], good[2]}, "wall clock is wrong"},
		"heard late once": {[]Datagram{passed("spin", 9*time.Second, 3*time.Second), good[1], good[2]}, ""},
	} {
		var r SelftestResult
		r.judge(c.datagrams, started, false)
		all := strings.Join(r.Failed, "\n")
		if c.wrong != "" && !strings.Contains(all, c.wrong) {
			t.Errorf("%s: %q is not among what is wrong:\n%s", name, c.wrong, all)
		}
		if c.wrong == "" && all != "0 reports of an end arrived, not one" {
			t.Errorf("%s: %s", name, all)
		}
	}
}
