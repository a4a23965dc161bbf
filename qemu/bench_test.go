package qemu

import (
	"os"
	"path/filepath"
	"testing"
)

var benchMachines = []Combination{
	{Type: "q35", NIC: "e1000"},
	{Type: "q35", NIC: "e1000e"},
	{Type: "q35", NIC: "virtio-net-pci"},
	{Type: "microvm", NIC: "virtio-net-device"},
}

// eachSending measures each way to send of a list on each machine.
func eachSending(b *testing.B, sendings []Sending, measure func(b *testing.B, m Combination, s Sending)) {
	for _, m := range benchMachines {
		for _, s := range sendings {
			b.Run(m.String()+"/"+s.String(), func(b *testing.B) {
				for b.Loop() {
					measure(b, m, s)
				}
			})
		}
	}
}

// BenchmarkLine: instructions of a 100-byte line, in one go and in bursts that do not wait for the device.
func BenchmarkLine(b *testing.B) {
	file, err := demonstration[CountMachine.Suffix()]()
	if err != nil {
		b.Fatal(err)
	}
	if err := measureBuilt(); err != nil {
		b.Fatal(err)
	}
	eachSending(b, Sendings, func(b *testing.B, m Combination, s Sending) {
		counted, err := CountLine(b.Context(), file, m, s)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(counted, "insn/line")
		if counted, err = CountPaced(b.Context(), measureFile("elf"), m, s); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(counted, "insn/line-paced")
	})
}

// BenchmarkCrash: instructions from the last line logged before a crash to the report's first and last frame.
func BenchmarkCrash(b *testing.B) {
	for _, class := range []string{"nil", "deep", "ud", "panic", "unlock"} {
		b.Run(class, func(b *testing.B) {
			eachSending(b, []Sending{Basic, Extended}, func(b *testing.B, m Combination, s Sending) { measureCrash(b, m, s, class) })
		})
	}
}

func measureCrash(b *testing.B, m Combination, s Sending, class string) {
	file, err := demonstration[CountMachine.Suffix()]()
	if err != nil {
		b.Fatal(err)
	}
	datagrams, err := count(b.Context(), file, m, s, "gasp.lines=100 gasp.crash="+class)
	if err != nil {
		b.Fatal(err)
	}
	count, err := countReport(datagrams)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(count.First), "insn-to-first")
	b.ReportMetric(float64(count.Last), "insn-to-last")
	b.ReportMetric(float64(count.Frames), "frames")
}

// BenchmarkFirstFrame: from the start of QEMU to the first record at the log host, in wall-clock time: only to be
// compared with a peer in the same run. "asked" means that the station has to be asked for with ARP.
func BenchmarkFirstFrame(b *testing.B) {
	file, err := demonstration[CountMachine.Suffix()]()
	if err != nil {
		b.Fatal(err)
	}
	for name, asked := range map[string]bool{"known": false, "asked": true} {
		for _, m := range benchMachines {
			b.Run(m.String()+"/station-"+name, func(b *testing.B) {
				for b.Loop() {
					took, err := FirstFrameTime(b.Context(), file, m, asked)
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(took.Milliseconds()), "ms-to-first-frame")
				}
			})
		}
	}
}

// BenchmarkFirstFrameCount: instructions from the image's first to the frame of its first record.
func BenchmarkFirstFrameCount(b *testing.B) {
	file, err := demonstration[CountMachine.Suffix()]()
	if err != nil {
		b.Fatal(err)
	}
	for name, asked := range map[string]bool{"known": false, "asked": true} {
		for _, m := range benchMachines {
			b.Run(m.String()+"/station-"+name, func(b *testing.B) {
				for b.Loop() {
					f, err := CountFirstFrame(b.Context(), file, m, asked)
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(f.Clock), "virtual-ns")
					b.ReportMetric(float64(f.Executed), "insn-at-most")
				}
			})
		}
	}
}

// BenchmarkImageSize: bytes of the demonstration image and of the smallest example.
func BenchmarkImageSize(b *testing.B) {
	for _, pkg := range []string{"./cmd/image", "./examples/hello"} {
		b.Run(filepath.Base(pkg), func(b *testing.B) {
			for b.Loop() {
				measureImage(b, pkg)
			}
		})
	}
}

func measureImage(b *testing.B, pkg string) {
	out := filepath.Join(b.TempDir(), "image")
	if err := BuildImage(b.Context(), out, pkg); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(out)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size()), "bytes")
}
