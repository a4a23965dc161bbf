package qemu

import (
	"slices"
	"testing"
	"time"
)

// startFrames boots cmd/frames and waits until it awaits frames.
func startFrames(b *testing.B, c Combination, words string, icount bool) (*Run, *Wire) {
	b.Helper()
	file, err := framesImage[c.Suffix()]()
	if err != nil {
		b.Fatal(err)
	}
	w := &Wire{LogHost: logHost, Hosts: []Host{{Addr: logHost.Addr()}}}
	r, err := Start(b.Context(), Machine{Type: c.Type, NIC: c.NIC, Extra: c.Extra, Wire: w, Image: file, Memory: 256, Icount: icount,
		Cmdline: knownStation("") + " panic=-1 console=null " + words, Deadline: 2 * time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	awaitRecords(b, w, 1)
	return r, w
}

func awaitRecords(b *testing.B, w *Wire, n int) []frameCounts {
	b.Helper()
	for range 6000 {
		if all := frameRecords(w.Datagrams()); len(all) >= n {
			return all
		}
		time.Sleep(time.Millisecond * 10)
	}
	b.Fatalf("the machine said %d of %d things", len(frameRecords(w.Datagrams())), n)
	return nil
}

// BenchmarkIdle: CPU time that QEMU takes of its host while nothing happens, in milliseconds a second, with a goroutine
// that awaits frames and without, and how often a second the machine looked at its network device.
func BenchmarkIdle(b *testing.B) {
	for _, c := range benchMachines {
		for _, words := range []string{"gasp.frames=1", "gasp.await=0"} {
			b.Run(c.String()+"/"+words, func(b *testing.B) {
				for b.Loop() {
					measureIdle(b, c, words)
				}
			})
		}
	}
}

func measureIdle(b *testing.B, c Combination, words string) {
	const settle, idle = time.Second, 20 * time.Second
	r, w := startFrames(b, c, words, false)
	defer r.Close()
	time.Sleep(settle)
	before, err := r.CPUTime()
	began := time.Now()
	if err != nil {
		b.Fatal(err)
	}
	time.Sleep(idle)
	after, err := r.CPUTime()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric((after-before).Seconds()*1000/time.Since(began).Seconds(), "host-ms/s")
	first := frameRecords(w.Datagrams())[0]
	w.Send(askGuest())
	all := awaitRecords(b, w, 2)
	b.ReportMetric(float64(all[1].polls-first.polls)/(w.Datagrams()[len(w.Datagrams())-1].Time-startOf(w)).Seconds(), "looks/s")
}

// startOf is when the machine said its first counters.
func startOf(w *Wire) time.Duration {
	for _, d := range w.Datagrams() {
		if framesSaid.Match(d.Payload) {
			return d.Time
		}
	}
	return 0
}

// BenchmarkWake: instructions from the interrupt of the network device until the goroutine that awaits a frame runs, and
// the host's time from a frame's way in to its answer's way out, in microseconds, the median of 100.
func BenchmarkWake(b *testing.B) {
	for _, c := range benchMachines {
		b.Run(c.String(), func(b *testing.B) {
			for b.Loop() {
				measureWake(b, c)
			}
		})
	}
}

func measureWake(b *testing.B, c Combination) {
	const frames = 100
	r, w := startFrames(b, c, "gasp.frames=1000", true)
	var delays []int
	for n := range 20 {
		w.Send(askGuest())
		delays = append(delays, awaitRecords(b, w, n+2)[n+1].delay)
	}
	r.Close()
	slices.Sort(delays)
	b.ReportMetric(float64(delays[len(delays)/2]), "insn-to-goroutine")
	for _, words := range []string{"gasp.frames=1000", "gasp.await=0"} {
		r, w := startFrames(b, c, words, false)
		var took []time.Duration
		for range frames {
			time.Sleep(5 * time.Millisecond)
			before := len(w.Frames())
			sent := time.Since(r.Started)
			w.Send(askGuest())
			for len(w.Frames()) == before {
				time.Sleep(20 * time.Microsecond)
			}
			took = append(took, w.Frames()[before].Time-sent)
		}
		r.Close()
		slices.Sort(took)
		b.ReportMetric(float64(took[frames/2].Microseconds()), "us-answer/"+words)
	}
}

// BenchmarkInflow: interrupts for a thousand frames that come in as fast as this host can send them, with a goroutine that
// awaits frames and without: under load the device is polled.
func BenchmarkInflow(b *testing.B) {
	for _, c := range benchMachines {
		for _, words := range []string{"gasp.frames=100000000", "gasp.await=0 gasp.frames=100000000"} {
			b.Run(c.String()+"/"+words[:12], func(b *testing.B) {
				for b.Loop() {
					measureInflow(b, c, words)
				}
			})
		}
	}
}

func measureInflow(b *testing.B, c Combination, words string) {
	const frames = 20_000
	r, w := startFrames(b, c, words+" gasp.quiet=1", false)
	defer r.Close()
	time.Sleep(time.Second) // QEMU's e1000 takes nothing in its first second
	first := frameRecords(w.Datagrams())[0]
	frame, sent, began := askGuest(), 0, time.Now()
	for range frames {
		if w.offer(frame) == nil {
			sent++
		}
	}
	took := time.Since(began)
	time.Sleep(time.Second)
	all := frameRecords(w.Datagrams())
	last := all[len(all)-1]
	b.ReportMetric(float64(last.interrupts-first.interrupts)*1000/float64(w.answers()), "interrupts/1000frames")
	b.ReportMetric(float64(w.answers())/took.Seconds(), "answers/s")
	b.ReportMetric(float64(w.answers())/float64(sent), "answered")
}
