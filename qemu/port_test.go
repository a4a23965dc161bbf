package qemu

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// measureBuilt are the image and the program of cmd/measure, built once.
var measureBuilt = sync.OnceValue(func() error {
	ctx := context.Background()
	return errors.Join(BuildImage(ctx, measureFile("elf"), "./cmd/measure"), BuildProgram(ctx, measureFile("linux"), "./cmd/measure"))
})

func measureFile(kind string) string { return filepath.Join(buildDir, "measure."+kind) }

// Figures that cmd/measure takes in nanoseconds an operation; the first two are plain code.
var operations = []string{"integers", "strings", "getpid", "now", "channel", "channelbuffered", "channelthreads", "select", "goroutine",
	"mutex", "mutexcontended", "gosched", "timer", "allocate", "collect"}

// BenchmarkPort: the cost of what a Go program does all the time, on the machine and, the same program, in QEMU's emulation
// of a Linux process on the same host in the same minute. Each side runs three times in turn, and the least counts. On
// a busy host that is still loose; the instructions that the machine takes are not.
func BenchmarkPort(b *testing.B) {
	for _, name := range operations {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ours, linux := beside(b, name)
				b.ReportMetric(ours[name], "machine")
				b.ReportMetric(linux[name], "linux")
				b.ReportMetric(ours[name]/linux[name], "ratio")
				counted, err := MeasureImage(b.Context(), measureFile("elf"), name, true)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(counted[name], "insn")
			}
		})
	}
}

// beside takes the figure three times on both sides, and returns the least values.
func beside(b *testing.B, figure string) (ours, linux Figures) {
	b.Helper()
	if err := measureBuilt(); err != nil {
		b.Fatal(err)
	}
	for range 3 {
		image, err := MeasureImage(b.Context(), measureFile("elf"), figure, false)
		if err != nil {
			b.Fatal(err)
		}
		user, err := MeasureUser(b.Context(), measureFile("linux"), figure)
		if errors.Is(err, ErrNoUser) {
			b.Skip(err)
		}
		if err != nil {
			b.Fatal(err)
		}
		ours, linux = least(ours, image), least(linux, user)
	}
	return ours, linux
}

func least(a, b Figures) Figures {
	for name, v := range a {
		b[name] = min(v, b[name])
	}
	return b
}

// BenchmarkPortHeap: how large the heap of a program becomes that makes a gigabyte of garbage, and in which collection the
// limiter of the collector's CPU time was last at work, 0 if never.
func BenchmarkPortHeap(b *testing.B) {
	for b.Loop() {
		ours, linux := beside(b, "churn")
		for _, name := range []string{"heapsys", "collections", "limiter", "time"} {
			b.ReportMetric(ours["churn-"+name], name)
			b.ReportMetric(linux["churn-"+name], name+"-linux")
		}
		b.ReportMetric(ours["churn-heapsys"]/linux["churn-heapsys"], "heapsys-ratio")
	}
}

// BenchmarkPortSleep: microseconds that a sleep of a millisecond takes on a machine that does nothing else; as it is, with
// what the host does meanwhile, and with the host's time left out.
func BenchmarkPortSleep(b *testing.B) {
	for b.Loop() {
		ours, linux := beside(b, "sleep")
		for _, name := range []string{"median", "p99", "most"} {
			b.ReportMetric(ours["sleep-"+name], name)
			b.ReportMetric(linux["sleep-"+name], name+"-linux")
		}
		counted, err := MeasureImage(b.Context(), measureFile("elf"), "sleep", true)
		if err != nil {
			b.Fatal(err)
		}
		for _, name := range []string{"median", "most", "over-2ms"} {
			b.ReportMetric(counted["sleep-"+name], name+"-icount")
		}
	}
}

// BenchmarkPortIdle: CPU time that QEMU takes of its host while the program sleeps, in milliseconds a second.
func BenchmarkPortIdle(b *testing.B) {
	for b.Loop() {
		if err := measureBuilt(); err != nil {
			b.Fatal(err)
		}
		figures, err := MeasureImage(b.Context(), measureFile("elf"), "idle", false)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(figures["idle-host"], "host-ms/s")
	}
}

// TestMeasure: the image takes each kind of figure, and what it says is understood.
func TestMeasure(t *testing.T) {
	image(t) // for go test's cache
	file := measureFile("elf")
	if err := BuildImage(t.Context(), file, "./cmd/measure"); err != nil {
		t.Fatal(err)
	}
	figures, err := MeasureImage(t.Context(), file, "channel,collect", false)
	if err != nil {
		t.Fatal(err)
	}
	if figures["channel"] <= 0 || figures["collect"] <= 0 || len(figures) != 2 {
		t.Errorf("a channel's round trip and a collection take %v", figures)
	}
}

// TestReadFigures: what is not a figure is skipped, and an end that is missing is said.
func TestReadFigures(t *testing.T) {
	figures, err := readFigures(strings.NewReader("noise\nmeasure: go1.26 on 1 CPUs\nmeasure: channel 31.5 ns\nmeasure: end\nmeasure: late 1 ns\n"))
	if err != nil || len(figures) != 1 || figures["channel"] != 31.5 {
		t.Errorf("%v, %v", figures, err)
	}
	if _, err := readFigures(strings.NewReader("measure: channel 31.5 ns\n")); !errors.Is(err, ErrNoFigures) {
		t.Errorf("without an end: %v", err)
	}
}

// TestCPUTime: a machine that runs takes some.
func TestCPUTime(t *testing.T) {
	r := start(t, Machine{Type: "pc"})
	waitFor(t, "CPU time", func() bool {
		took, err := r.CPUTime()
		if err != nil {
			t.Fatal(err)
		}
		return took > 0 && took < time.Hour
	})
}
