package qemu

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// memoryImage is the file of cmd/memory, built once.
var memoryImage = sync.OnceValues(func() (string, error) {
	file := filepath.Join(buildDir, "memory.elf")
	return file, BuildImage(context.Background(), file, "./cmd/memory")
})

// useMemory boots a machine that uses its memory in a way of cmd/memory, and returns the lines that arrived.
func useMemory(t *testing.T, m Machine, way string) string {
	t.Helper()
	image(t) // for go test's cache
	file, err := memoryImage()
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{LogHost: logHost, Hosts: []Host{{Addr: logHost.Addr()}}}
	m.Image, m.Wire, m.Cmdline, m.Deadline = file, w, netconsole("+")+" panic=-1 gasp.memory="+way, time.Minute
	r := start(t, m)
	if _, err := r.Wait(); err != nil {
		t.Errorf("%s: %v", way, err)
	}
	var b strings.Builder
	for _, d := range records(t, w.Datagrams()) {
		fmt.Fprintf(&b, "%s\n", d.Text)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%d MiB, %s: what arrived:\n%s", m.Memory, way, tail(b.String(), 4<<10))
		}
	})
	return b.String()
}

func nicOf(machine string) string {
	if machine == "microvm" {
		return "virtio-net-device"
	}
	return "e1000"
}

const memoryIsFine = "memory is as it should be"

// TestMemoryHoldsWhatIsWritten: the heap reaches what the machine has, in the least machine, on both sides of 4 GiB, and
// where low RAM ends above 3 GiB.
func TestMemoryHoldsWhatIsWritten(t *testing.T) {
	for _, tt := range []struct {
		machine          string
		mib, skip, write int
		least            uint64 // how far up the heap goes
	}{
		{"q35", 128, 0, 48, 64 << 20},
		{"pc", 128, 0, 48, 64 << 20},
		{"microvm", 128, 0, 48, 64 << 20},
		{"pc", 3500, 2900, 400, 3 << 30},
		{"q35", 8192, 1800, 600, 4 << 30},
		{"pc", 8192, 2800, 600, 4 << 30},
		{"microvm", 8192, 2800, 600, 4 << 30},
	} {
		t.Run(fmt.Sprintf("%s-%d", tt.machine, tt.mib), func(t *testing.T) {
			got := useMemory(t, Machine{Type: tt.machine, NIC: nicOf(tt.machine), Memory: tt.mib}, fmt.Sprintf("fill gasp.skip=%d gasp.size=%d", tt.skip, tt.write))
			var written int
			var up uint64
			for line := range strings.Lines(got) {
				fmt.Sscanf(line, "%d MiB written and read, up to %v", &written, &up)
			}
			if written < tt.write || !strings.Contains(got, memoryIsFine) {
				t.Errorf("%d MiB written and read, want %d", written, tt.write)
			}
			if up <= tt.least {
				t.Errorf("the heap goes up to %#x, want more than %#x", up, tt.least)
			}
		})
	}
}

// TestMemoryIsUsedAgain: what a program frees does for what it needs later, in other sizes.
func TestMemoryIsUsedAgain(t *testing.T) {
	for _, way := range []string{"regrow gasp.size=100", "map gasp.size=150", "threads gasp.size=3000"} {
		t.Run(way, func(t *testing.T) {
			if got := useMemory(t, Machine{Type: "q35", NIC: "e1000", Memory: 256}, way); !strings.Contains(got, memoryIsFine) {
				t.Error("it did not")
			}
		})
	}
}

// TestOutOfMemory: however a program runs out of memory, that is Go's fatal error, reported whole.
func TestOutOfMemory(t *testing.T) {
	for _, tt := range []struct {
		mib            int
		way, traceback string
	}{
		{128, "huge gasp.size=200", "main.allocateHuge("},
		{8192, "huge gasp.size=9000", "main.allocateHuge("},
		{128, "leak", "main.leak("},
		{512, "leak", "main.leak("},
		{128, "goroutines", "main.leakGoroutines("},
	} {
		t.Run(fmt.Sprintf("%s-%d", tt.way, tt.mib), func(t *testing.T) {
			got := useMemory(t, Machine{Type: "q35", NIC: "e1000", Memory: tt.mib}, tt.way)
			for _, want := range []string{"fatal error: out of memory", tt.traceback, "gasp: end of crash", " 0 lost"} {
				if !strings.Contains(got, want) {
					t.Errorf("%q did not arrive", want)
				}
			}
		})
	}
}

// TestReportFromAbove4GiB: stacks and goroutines that lie above 4 GiB are followed like any other.
func TestReportFromAbove4GiB(t *testing.T) {
	got := useMemory(t, Machine{Type: "q35", NIC: "virtio-net-pci", Memory: 5120}, "high")
	var n int
	for line := range strings.Lines(got) {
		fmt.Sscanf(line, "%d stacks above 4 GiB", &n)
	}
	if n < 500 {
		t.Errorf("%d of 1000 stacks are above 4 GiB, want half of them", n)
	}
	for _, want := range []string{"rsp=0x00000001", nilPanic, "main.storeNil(...)", "main.dieThere(...)",
		"main.waitForEver(...)", " more like goroutine 8", "gasp: end of crash", " 0 lost"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q did not arrive", want)
		}
	}
}
