package qemu

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gasp/internal/qtest"
)

// framesImage is cmd/frames.
var framesImage = onceFor("frames", "./cmd/frames")

// awaitMachines have each kind of interrupt that the drivers and boards know.
var awaitMachines = []Combination{
	{Type: "q35", NIC: "e1000"},                                        // a pin of the I/O APIC
	{Type: "q35", NIC: "e1000e"},                                       // MSI
	{Type: "q35", NIC: "virtio-net-pci"},                               // MSI-X
	{Type: "q35", NIC: "virtio-net-pci,disable-modern=on"},             // a pin, and no way to provoke it
	{Type: "q35", NIC: "virtio-net-pci", Extra: []string{"-smp", "4"}}, //
	{Type: "pc", NIC: "e1000"},                                         // a line of the ISA bus
	{Type: "microvm", NIC: "virtio-net-device"},                        // the command line's, of a second I/O APIC
	{Type: "microvm", NIC: "virtio-net-device", Extra: []string{"-global", "virtio-mmio.force-legacy=false"}}, //
}

// translated have messages of a GIC of version 3, by its translation service.
var translated = []Combination{
	{Type: "virt", NIC: "virtio-net-pci", Extra: []string{"-machine", "gic-version=3"}}, // MSI-X
	{Type: "virt", NIC: "e1000e", Extra: []string{"-machine", "gic-version=3"}},         // MSI
	{Type: "virt", NIC: "e1000e,addr=1e", Extra: []string{"-machine", "gic-version=3", "-smp", "2"}},
}

func init() {
	if qtest.Has("igb") {
		awaitMachines = append(awaitMachines, Combination{Type: "q35", NIC: "igb"}) // MSI, of a device with queues
	}
}

// frameCounts is what cmd/frames says.
type frameCounts struct {
	taken, wakes, found, early, together, interrupts, unclaimed, polls, delay int

	known bool
}

var framesSaid = regexp.MustCompile(`msg="(?:frames came|awaiting frames)" taken=(\d+) known=(\w+) wakes=(\d+) found=(\d+) early=(\d+) together=(\d+) interrupts=(\d+) unclaimed=(\d+) polls=(\d+) delay=(\d+)`)

// frameRecords reads all that it has said so far.
func frameRecords(datagrams []Datagram) (all []frameCounts) {
	for _, d := range datagrams {
		if m := framesSaid.FindSubmatch(d.Payload); m != nil {
			n := func(i int) int { v, _ := strconv.Atoi(string(m[i])); return v }
			all = append(all, frameCounts{taken: n(1), known: string(m[2]) == "true", wakes: n(3), found: n(4), early: n(5), together: n(6), interrupts: n(7), unclaimed: n(8), polls: n(9), delay: n(10)})
		}
	}
	return all
}

func bootFrames(t *testing.T, c Combination, w *Wire, words string) *Run {
	t.Helper()
	image(t) // go test's cache
	file, err := framesImage[c.Suffix()]()
	if err != nil {
		t.Fatal(err)
	}
	return bootMachine(t, Machine{Type: c.Type, NIC: c.NIC, Extra: c.Extra, Wire: w, Image: file,
		Cmdline: knownStation("") + " panic=-1 loglevel=8 " + words, Deadline: bootDeadline})
}

// TestFramesWakeByInterrupt sends one frame after the other to a machine in which a goroutine awaits them: each that comes
// while it waits wakes it by an interrupt, and none has to wait for a tick. One that comes earlier is there when it asks.
func TestFramesWakeByInterrupt(t *testing.T) {
	const frames = 20
	machines := append(slices.Clone(awaitMachines), translated[:1]...)
	if os.Getenv("GASP_FULL") == "1" {
		machines = append(machines, translated[1:]...)
	}
	for _, c := range machines {
		for _, busy := range []string{"", "gasp.busy=1", "gasp.busy=1 GOMAXPROCS=1"} {
			if c.CPUs() == 1 && strings.Contains(busy, "GOMAXPROCS") || c.Type == translated[0].Type && busy != "" {
				continue
			}
			t.Run(c.String()+" "+busy, func(t *testing.T) {
				t.Parallel()
				w := &Wire{}
				r := bootFrames(t, c, w, fmt.Sprintf("gasp.frames=%d %s", frames, busy))
				for n := range frames {
					waitFor(t, fmt.Sprintf("the record before frame %d", n), func() bool { return len(frameRecords(w.Datagrams())) > n })
					time.Sleep(10 * time.Millisecond) // so that it mostly waits already
					if err := w.Send(askGuest()); err != nil {
						t.Fatal(err)
					}
				}
				if exit, err := r.Wait(); err != nil || !exit.PoweredOff() {
					t.Errorf("the machine ended with %+v, %v", exit, err)
				}
				all := frameRecords(w.Datagrams())
				first, last := all[0], all[len(all)-1]
				if !first.known {
					t.Fatal("it is not known where interrupts arrive")
				}
				wakes, found, early := last.wakes-first.wakes, last.found-first.found, last.early-first.early
				if wakes+found+early < frames || wakes == 0 {
					t.Errorf("frames came %d times: %d by an interrupt, %d waited, %d were taken before", frames, wakes, found, early)
				}
			})
		}
	}
}

// TestInterruptsWithoutEnd has another device share the network device's line and assert it without end: the machine gives
// interrupts up, says so, and goes on polled. It does not take the time for a hang either.
func TestInterruptsWithoutEnd(t *testing.T) {
	t.Parallel()
	const frames = 5
	// q35 leads pin A of slots that are 4 apart to the same line (QEMU hw/isa/lpc_ich9.c).
	c := Combination{Type: "q35", NIC: "e1000,addr=1", Extra: []string{"-device", "e1000,addr=5,romfile="}}
	w := &Wire{}
	r := bootFrames(t, c, w, fmt.Sprintf("gasp.storm=1 gasp.watchdog=2 gasp.frames=%d", frames))
	waitFor(t, "the storm's end", func() bool {
		return contains(w.Datagrams(), "interrupts that are not the network device's, without end: it is polled")
	})
	for n := range frames {
		waitFor(t, fmt.Sprintf("the record before frame %d", n), func() bool { return len(frameRecords(w.Datagrams())) > n })
		if err := w.Send(askGuest()); err != nil {
			t.Fatal(err)
		}
	}
	if exit, err := r.Wait(); err != nil || !exit.PoweredOff() {
		t.Errorf("the machine ended with %+v, %v", exit, err)
	}
	all := frameRecords(w.Datagrams())
	if last := all[len(all)-1]; last.known || last.unclaimed == 0 || last.unclaimed > 100 {
		t.Errorf("%+v", last)
	}
}

// TestAnswerByInterrupt sends requests for the machine's address, each when the one before is answered, to a machine that
// sleeps and in which nobody awaits frames: the board answers in interrupts, and not at ticks.
func TestAnswerByInterrupt(t *testing.T) {
	const frames = 20
	for _, c := range awaitMachines {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			w := &Wire{}
			r := bootFrames(t, c, w, fmt.Sprintf("gasp.await=0 gasp.frames=%d", frames))
			waitFor(t, "the machine", func() bool { return len(frameRecords(w.Datagrams())) > 0 })
			for n := range frames {
				if err := w.Send(askGuest()); err != nil {
					t.Fatal(err)
				}
				waitFor(t, fmt.Sprintf("answer %d", n), func() bool { return w.answers() > n })
			}
			if exit, err := r.Wait(); err != nil || !exit.PoweredOff() {
				t.Errorf("the machine ended with %+v, %v", exit, err)
			}
			all := frameRecords(w.Datagrams())
			first, last := all[0], all[len(all)-1]
			// An idle processor may look and take a frame just before its interrupt, in which the next one is found: one
			// interrupt for two. Those that came together, or when nothing was awaited, are counted for themselves.
			most := 2*(last.interrupts-first.interrupts) + last.found - first.found + last.together - first.together + last.early - first.early
			if !first.known || most < frames || last.interrupts == first.interrupts {
				t.Errorf("interrupts account for %d of %d frames: %+v, then %+v", most, frames, first, last)
			}
		})
	}
}
