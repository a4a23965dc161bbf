package qemu

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// quitAfterKept ends the machine when it has offered a report of the boot before.
func quitAfterKept(t *testing.T, r *Run, w *Wire) Report {
	t.Helper()
	waitUntil(t, r, w, "end of kept crash")
	if err := r.Quit(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Wait(); err != nil {
		t.Fatal(err)
	}
	kept := ended(w, wire.Kept)
	if len(kept) != 1 {
		t.Fatalf("%d kept reports arrived", len(kept))
	}
	if missing := kept[0].Complete(); missing != "" {
		t.Errorf("kept report: %s", missing)
	}
	return kept[0]
}

// TestKeptReport: a machine that reboots after its crash offers the report again.
func TestKeptReport(t *testing.T) {
	onMachines(t, func(t *testing.T, c Combination, format string) {
		keepsReport(t, Machine{Type: c.Type, NIC: c.NIC, Deadline: bootDeadline}, format)
	})
}

// TestKeptReportUnderFirmware: it is there although UEFI firmware has used RAM in between, little RAM and much.
func TestKeptReportUnderFirmware(t *testing.T) {
	if os.Getenv("GASP_FULL") != "1" {
		t.Skip("takes two starts of a firmware each: GASP_FULL=1")
	}
	for _, m := range []Machine{
		{Type: "virt-uefi", NIC: "virtio-net-pci", Memory: 256, Kernel: true},
		{Type: "virt-uefi", NIC: "e1000e", Memory: 512, Kernel: true, Extra: []string{"-machine", "acpi=on"}},
		{Type: "virt-uefi", NIC: "e1000e", Memory: 8192, Kernel: true, Extra: []string{"-machine", "acpi=on,gic-version=3", "-smp", "4"}},
		{Type: "q35-uefi", NIC: "e1000e", Memory: 512, Kernel: true},
	} {
		t.Run(fmt.Sprintf("%s with %d MiB", m.Type, m.Memory), func(t *testing.T) {
			m.Deadline = uefiDeadline
			keepsReport(t, m, "+")
		})
	}
}

// keepsReport has a machine die and start again, which is to offer the report.
func keepsReport(t *testing.T, m Machine, format string) {
	t.Helper()
	w := &Wire{}
	// It logs for a while before it dies: time for the second boot to offer the first one's report.
	m.Wire, m.Reboot, m.Cmdline = w, true, knownStation(format)+" panic=1 gasp.run=5 gasp.crash=nil"
	r := bootMachine(t, m)
	waitUntil(t, r, w, "end of crash")
	first := reportOf(t, w.Datagrams(), wire.Crash)
	kept := quitAfterKept(t, r, w)
	if kept.Headline.Boot != first.Headline.Boot || !bytes.Equal(kept.Headline.Cause, first.Headline.Cause) ||
		kept.Headline.PC != first.Headline.PC || !slices.Equal(kept.Headline.Registers, first.Headline.Registers) {
		t.Errorf("the kept headline is %+v, the first one was %+v", kept.Headline, first.Headline)
	}
	if !slices.Equal(kept.Lines, first.Lines) {
		t.Errorf("the kept report has %d lines, the first one had %d:\n%s", len(kept.Lines), len(first.Lines), strings.Join(kept.Lines, "\n"))
	}
	if n := len(ended(w, wire.Crash)); n != 1 {
		t.Errorf("%d crashes arrived", n)
	}
	if contains(w.Datagrams(), "memory for kept reports") {
		t.Error("the memory for kept reports is cached")
	}
}

// TestKeptOfReset: a machine that was reset without a word says so at its next boot.
func TestKeptOfReset(t *testing.T) {
	onMachines(t, func(t *testing.T, c Combination, format string) {
		w := &Wire{}
		r := bootMachine(t, Machine{Type: c.Type, NIC: c.NIC, Wire: w, Reboot: true, Deadline: bootDeadline,
			Cmdline: knownStation(format) + " gasp.run=20"})
		waitFor(t, "a line", func() bool { return contains(w.Datagrams(), "alive") })
		if err := r.Reset(); err != nil {
			t.Fatal(err)
		}
		kept := quitAfterKept(t, r, w)
		if want := "the machine was reset without a report"; !strings.Contains(string(kept.Headline.Cause), want) {
			t.Errorf("the kept headline's cause is %q, want %q", kept.Headline.Cause, want)
		}
		if n := len(ended(w, wire.Crash)); n != 0 {
			t.Errorf("%d crashes arrived", n)
		}
	})
}

// TestNothingKept: the first boot of a machine, and one after an orderly end, has nothing to offer.
func TestNothingKept(t *testing.T) {
	onMachines(t, func(t *testing.T, c Combination, format string) {
		w := &Wire{}
		r := boot(t, c, w, knownStation(format)+" gasp.run=1")
		if exit, err := r.Wait(); err != nil || !exit.PoweredOff() {
			t.Errorf("the machine ended with %+v, %v, not by powering off", exit, err)
		}
		if contains(w.Datagrams(), "gasp: kept") {
			t.Error("a kept report arrived")
		}
	})
}

// TestMachineChecksOnAllProcessors: an error comes to all of them, and comes again while the machine stays dead. One processor reports
// it, and none of the others is left so that the next one resets the machine.
func TestMachineChecksOnAllProcessors(t *testing.T) {
	w := &Wire{}
	r := bootMachine(t, Machine{Type: "q35", NIC: "e1000", Accel: "tcg", Wire: w, Extra: []string{"-smp", "3"},
		Cmdline: knownStation("") + " panic=0 gasp.crash=mce"})
	waitUntil(t, r, w, lastWords)
	for n := 1; n <= 3; n++ {
		if said, err := r.Human("mce -b 0 1 0xb200000000000000 0x4 0 0"); err != nil || said != "" {
			t.Fatalf("mce: %q, %v", said, err)
		}
		waitUntil(t, r, w, "end of crash")
		answered := arpReplies(w)
		if err := w.Send(whoHas()); err != nil {
			t.Fatal(err)
		}
		waitFor(t, fmt.Sprintf("an answer to ARP behind machine check %d", n), func() bool { return arpReplies(w) > answered })
	}
	if cause := string(reportOf(t, w.Datagrams(), wire.Crash).Headline.Cause); cause != "#MC machine check" {
		t.Errorf("the machine died of %q", cause)
	}
	if err := r.Quit(); err != nil {
		t.Error(err)
	}
}

// TestMachineCheckFromBefore: the error that a machine died of is in the banks of the processor that had it. The next start tells it.
func TestMachineCheckFromBefore(t *testing.T) {
	w := &Wire{}
	r := bootMachine(t, Machine{Type: "q35", NIC: "e1000", Accel: "tcg", Wire: w, Reboot: true, Extra: []string{"-smp", "3"},
		Cmdline: knownStation("") + " panic=1 gasp.crash=mce"})
	waitUntil(t, r, w, lastWords)
	if said, err := r.Human("mce 2 1 0xb200000000000000 0x4 0 0"); err != nil || said != "" {
		t.Fatalf("mce: %q, %v", said, err)
	}
	waitUntil(t, r, w, "end of crash")
	waitUntil(t, r, w, "machine check from before the start: cpu 2, bank 1, status 0xb200000000000000")
	if err := r.Quit(); err != nil {
		t.Error(err)
	}
}
