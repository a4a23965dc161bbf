package qemu

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// The benchmarks count guest instructions: with Icount an instruction is a virtual nanosecond, and the capture is stamped
// with that clock, to a microsecond. They give the same figures on every host. console=null keeps the serial line, whose
// speed is another matter, out of them.
const benchParameters = " panic=-1 console=null"

// capture runs the demonstration image under Icount and returns the datagrams with their virtual times.
func capture(b *testing.B, m Combination, cmdline string) []Datagram {
	b.Helper()
	return captureWith(b, m, cmdline, nil)
}

// captureWith is capture with a log host that answers.
func captureWith(b *testing.B, m Combination, cmdline string, host *SealedHost) []Datagram {
	b.Helper()
	file, err := demonstration()
	if err != nil {
		b.Fatal(err)
	}
	w := &Wire{LogHost: logHost, Hosts: []Host{{Addr: logHost.Addr()}}}
	if host != nil {
		host.Wire, w.Deliver = w, host.Receive
	}
	r, err := Start(b.Context(), Machine{Type: m.Type, NIC: m.NIC, Extra: m.Extra, Wire: w, Image: file, Icount: true,
		Cmdline: cmdline + benchParameters, Memory: 256, Deadline: 2 * time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Wait(); err != nil {
		b.Fatal(err)
	}
	datagrams, err := r.captured()
	if err != nil {
		b.Fatal(err)
	}
	return datagrams
}

var benchMachines = []Combination{
	{Type: "q35", NIC: "e1000"},
	{Type: "q35", NIC: "e1000e"},
	{Type: "q35", NIC: "virtio-net-pci"},
	{Type: "microvm", NIC: "virtio-net-device"},
}

func eachFormat(b *testing.B, run func(b *testing.B, m Combination, format string)) {
	for _, m := range benchMachines {
		for _, format := range []string{"", "+"} {
			b.Run(m.String()+"/"+map[string]string{"": "basic", "+": "extended"}[format], func(b *testing.B) { run(b, m, format) })
		}
	}
}

// BenchmarkLine: instructions from one 100-byte line to the next, over the second half of 5,000.
func BenchmarkLine(b *testing.B) {
	eachFormat(b, func(b *testing.B, m Combination, format string) {
		for b.Loop() {
			measureLine(b, m, format)
		}
	})
}

func measureLine(b *testing.B, m Combination, format string) {
	const lines = 5000
	var at []time.Duration
	for _, d := range capture(b, m, knownStation(format)+fmt.Sprintf(" gasp.lines=%d", lines)) {
		if _, ok := numbered(d.Payload, lines); ok {
			at = append(at, d.Time)
		}
	}
	if len(at) != lines {
		b.Fatalf("%d of %d lines arrived", len(at), lines)
	}
	half := at[lines/2:]
	b.ReportMetric(float64(half[len(half)-1]-half[0])/float64(len(half)-1), "insn/line")
}

// BenchmarkSealedLine: the same for a machine that seals, by the share of the datagrams between the hello's answer and the
// crash: nothing in them can be read here. "alone" is with a log host that never answers, each line in a datagram of
// its own; "answered" with one that acknowledges.
func BenchmarkSealedLine(b *testing.B) {
	for _, m := range benchMachines {
		for _, answered := range []bool{false, true} {
			b.Run(m.String()+"/"+map[bool]string{false: "alone", true: "answered"}[answered], func(b *testing.B) {
				for b.Loop() {
					measureSealedLine(b, m, answered)
				}
			})
		}
	}
}

func measureSealedLine(b *testing.B, m Combination, answered bool) {
	const lines = 5000
	host := &SealedHost{Key: sealedKey}
	if !answered {
		host = nil
	}
	datagrams := captureWith(b, m, knownStation("")+fmt.Sprintf(" gasp.run=2 gasp.lines=%d gasp.key=%s", lines, keyDigits(sealedKey)), host)
	opener := (*wire.Opener)(nil)
	var at []time.Duration
	for _, d := range datagrams {
		if h, err := wire.ParseSealedHeader(d.Payload); err == nil && opener == nil {
			opener = wire.NewOpener(&sealedKey, &h.Boot)
		}
		_, items, err := opener.Open(nil, d.Payload)
		for len(items) > 0 && err == nil {
			var item wire.Item
			if item, items, err = wire.NextItem(items); err != nil {
				b.Fatal(err)
			}
			if n, ok := numbered(item.Record.Text, lines); ok && n == len(at)+1 {
				at = append(at, d.Time)
			}
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if len(at) != lines {
		b.Fatalf("%d of %d lines arrived", len(at), lines)
	}
	half := at[lines/2:]
	b.ReportMetric(float64(half[len(half)-1]-half[0])/float64(len(half)-1), "insn/line")
}

// BenchmarkCrash: instructions from the last line logged before a crash to the report's first and last frame.
func BenchmarkCrash(b *testing.B) {
	for _, class := range []string{"nil", "deep", "ud", "panic", "unlock"} {
		b.Run(class, func(b *testing.B) {
			eachFormat(b, func(b *testing.B, m Combination, format string) {
				for b.Loop() {
					measureCrash(b, m, format, class)
				}
			})
		})
	}
}

func measureCrash(b *testing.B, m Combination, format, class string) {
	count, err := countReport(capture(b, m, knownStation(format)+" gasp.lines=100 gasp.crash="+class))
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
	for name, parameter := range map[string]string{"known": knownStation(""), "asked": netconsole("")} {
		for _, m := range benchMachines {
			b.Run(m.String()+"/station-"+name, func(b *testing.B) {
				for b.Loop() {
					measureFirstFrame(b, m, parameter)
				}
			})
		}
	}
}

func measureFirstFrame(b *testing.B, m Combination, parameter string) {
	file, err := demonstration()
	if err != nil {
		b.Fatal(err)
	}
	w := &Wire{LogHost: logHost, Hosts: []Host{{Addr: logHost.Addr()}}}
	r, err := Start(b.Context(), Machine{Type: m.Type, NIC: m.NIC, Extra: m.Extra, Wire: w, Image: file,
		Cmdline: parameter + " gasp.run=2 panic=-1", Memory: 256})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Wait(); err != nil {
		b.Fatal(err)
	}
	if len(w.Datagrams()) == 0 {
		b.Fatal("nothing arrived")
	}
	b.ReportMetric(float64(w.Datagrams()[0].Time.Milliseconds()), "ms-to-first-frame")
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
