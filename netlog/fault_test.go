package netlog

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"gasp/netlog/wire"
)

// A kernel runs the steps of a report as the real one does: a fault never
// returns to where it happened, comes back as another Crash, and the next step
// follows.
type kernel struct {
	t      *testing.T
	l      *Logger
	faults int
}

type faultPanic struct{}

func (k *kernel) step(f func()) {
	for f != nil {
		f = k.try(f)
	}
}

func (k *kernel) try(f func()) (next func()) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(faultPanic); !ok {
				if err, ok := r.(error); !ok || !strings.Contains(err.Error(), "runtime error") {
					panic(r)
				}
			}
			if k.faults++; k.faults > 500 {
				k.t.Fatal("the report goes in circles")
			}
			next = func() {
				c := fault()
				c.Kind = "second fault"
				k.l.Crash(c)
			}
		}
	}()
	f()
	return nil
}

func (k *kernel) report(lines int) {
	k.step(func() { k.l.Crash(fault()) })
	for i := range lines {
		k.step(func() { k.l.Console([]byte(fmt.Sprintln("line", i))) })
	}
	k.step(k.l.End)
}

// A merged report is one whose records may have come more than once.
type merged struct {
	headline wire.Headline
	end      wire.End
	first    uint64
	missing  []uint64
	lines    []string
	ordinary []string
}

func merge(t *testing.T, d *fakeDevice) (m merged, ok bool) {
	t.Helper()
	bySeq, last := map[uint64]string{}, uint64(0)
	headed, ended := false, false
	for _, r := range d.records(t) {
		text := string(r.Text)
		if before, again := bySeq[r.Seq]; again && before != text && !strings.HasPrefix(text, "gasp: ") {
			t.Errorf("record %d came as %q and as %q", r.Seq, before, text)
		}
		bySeq[r.Seq] = text
		if h, ok := wire.ParseHeadline(r.Text); ok && !headed {
			m.headline, m.first, headed = h, r.Seq, true
		}
		if e, ok := wire.ParseEnd(r.Text); ok {
			m.end, last, ended = e, r.Seq, true
		}
	}
	if !headed || !ended {
		return m, false
	}
	for seq, text := range bySeq {
		if seq > last {
			t.Errorf("record %d %q stands behind the end record %d", seq, text, last)
		}
	}
	for seq := m.first; seq <= last; seq++ {
		text, there := bySeq[seq]
		switch {
		case !there:
			m.missing = append(m.missing, seq)
		case seq > m.first && seq < last:
			m.lines = append(m.lines, strings.TrimPrefix(text, wire.ReportPrefix))
		}
	}
	for seq := uint64(0); seq < m.first; seq++ {
		if text, there := bySeq[seq]; there {
			m.ordinary = append(m.ordinary, text)
		}
	}
	if m.end.Records != last-m.first+1 || m.end.Lost != uint64(len(m.missing)) {
		t.Errorf("end says %d records, %d lost; there are %d numbers, %d missing", m.end.Records, m.end.Lost, last-m.first+1, len(m.missing))
	}
	return m, true
}

// Whatever call of the device faults, once or several times, before it takes
// the frame or after: the report is whole.
func TestFaultInAnyCallOfTheDevice(t *testing.T) {
	for times := 1; times <= 2; times++ {
		for at := 1; at <= 14; at++ {
			for _, call := range []string{"transmit", "take over", "flush", "clock"} {
				l, d, c := readyToDie(t, nil)
				d.refuse = -1
				for i := range 4 {
					l.Log(Info, fmt.Sprint("before ", i))
				}
				d.refuse, d.frames = 0, nil
				n := 0
				strike := func() {
					if n++; n >= at && n < at+times {
						panic(faultPanic{})
					}
				}
				switch call {
				case "transmit":
					d.onTransmit = func([]byte) { strike() }
				case "take over":
					d.onTakeOver = func() error { strike(); return nil }
				case "flush":
					d.onFlush = func() error { strike(); return nil }
				case "clock":
					l.SetClock(func() int64 { strike(); return c.now() })
				}
				k := &kernel{t: t, l: l}
				k.report(5)
				for range 50 {
					c.pass(linkPause)
					k.step(l.Poll)
				}
				m, ok := merge(t, d)
				if !ok {
					t.Errorf("%s %d, %d times: no headline or no end: %q", call, at, times, d.texts(t))
					continue
				}
				if len(m.missing) > 0 {
					t.Errorf("%s %d, %d times: records %v are missing", call, at, times, m.missing)
				}
				if len(m.ordinary) < 4+1-times && call != "clock" {
					t.Errorf("%s %d, %d times: of before only %q", call, at, times, m.ordinary)
				}
				told := strings.Count(strings.Join(m.lines, "\n"), "fault while reporting: second fault at pc=0x401234 func=main.f+0x12 addr=0x8")
				if told > k.faults || told == 0 && k.faults > 0 && at < 8 && call != "flush" {
					t.Errorf("%s %d, %d times: %d of %d faults are told", call, at, times, told, k.faults)
				}
			}
		}
	}
}

// The record during which the device faulted is kept as well.
func TestKeptReportHasNoHoleAfterAFault(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	memory := make([]byte, 64<<10)
	l.SetKeep(memory)
	n := 0
	d.onTransmit = func([]byte) {
		if n++; n == 3 {
			panic(faultPanic{})
		}
	}
	k := &kernel{t: t, l: l}
	k.report(5)
	before, _ := readKeep(memory)
	for i, r := range before.records {
		if want := before.records[0].number + uint64(i); r.number != want {
			t.Errorf("record %d of the kept report has number %d, want %d", i, r.number, want)
		}
	}
	if len(before.records) != 8 {
		t.Errorf("%d records are kept, want headline, 5 lines, the fault and the end", len(before.records))
	}
}

func TestManyFaultsAreToldThenCounted(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	d.frames = nil
	k := &kernel{t: t, l: l}
	k.step(func() { l.Crash(fault()) })
	for i := range maxFaults + 10 {
		k.step(func() {
			l.Console([]byte(fmt.Sprintln("goroutine", i)))
			panic(faultPanic{})
		})
	}
	k.step(l.End)
	m, ok := merge(t, d)
	text := strings.Join(m.lines, "\n")
	if !ok || strings.Count(text, "fault while reporting: ") != maxFaults || strings.Count(text, "goroutine") != maxFaults+10 ||
		!strings.Contains(text, "more faults while reporting: 10") {
		t.Errorf("report is %q", m.lines)
	}
}

func TestFaultsWithNothingBetweenCloseTheReport(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	d.frames = nil
	k := &kernel{t: t, l: l}
	k.step(func() { l.Crash(fault()) })
	for range maxFaults + 100 {
		k.step(func() { panic(faultPanic{}) })
	}
	if m, ok := merge(t, d); !ok || len(m.missing) > 0 {
		t.Errorf("without End: report is %q, missing %v", m.lines, m.missing)
	}
	n := len(d.frames)
	k.step(l.End)
	if len(d.frames) != n {
		t.Error("End sent something behind the end record")
	}
}

func TestFaultsAfterTheEndAddNothing(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	d.frames = nil
	l.SetConsole(func([]byte) {
		if l.crash.step > endRecord {
			panic(faultPanic{})
		}
	})
	k := &kernel{t: t, l: l}
	k.report(3)
	d.onTransmit = func([]byte) { panic(faultPanic{}) }
	for range 100 {
		d.incoming = [][]byte{arpPacket(1, hostMAC, hostIP.AsSlice(), ourIP.AsSlice())}
		k.step(l.Poll)
	}
	if k.faults == 0 || k.faults > maxLate+20 {
		t.Errorf("%d faults after the end, want some and no more than %d", k.faults, maxLate+20)
	}
	if m, ok := merge(t, d); !ok || len(m.missing) > 0 {
		t.Errorf("report is %q, missing %v", m.lines, m.missing)
	}
}

// A clock or a driver that logs must neither be answered without end nor get
// into the line that is being sent.
func TestLoggingFromInsideTheCrashPath(t *testing.T) {
	l, d, c := readyToDie(t, nil)
	d.frames = nil
	talk := func(who string) {
		l.Log(Err, who+" logs")
		l.Write([]byte(who + " writes\n"))
		l.Console([]byte(who + " prints\n"))
	}
	l.SetClock(func() int64 {
		if l.Crashed() {
			talk("clock")
		}
		return c.now()
	})
	d.onTransmit = func([]byte) {
		if l.Crashed() {
			talk("driver")
		}
	}
	l.Crash(fault())
	l.Console([]byte("a line\n"))
	l.End()
	for range 5 {
		l.Poll()
	}
	m, ok := merge(t, d)
	if !ok || len(m.missing) > 0 || m.lines[0] != "a line" {
		t.Fatalf("report is %q, missing %v", m.lines, m.missing)
	}
	text := strings.Join(m.lines, "\n")
	for _, want := range []string{"clock logs", "clock writes", "clock prints", "driver logs", "and more"} {
		if !strings.Contains(text, want) {
			t.Errorf("report lacks %q:\n%s", want, text)
		}
	}
}

// A logger that lives on with a ring full of garbage neither hangs nor faults: it was the watchdog that ended that.
func TestGarbageInTheRingOfALiveLogger(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		l, _, _ := readyToDie(t, nil)
		l.SetConsole(func([]byte) {})
		b := unsafe.Slice((*byte)(unsafe.Pointer(&l.ring)), unsafe.Sizeof(l.ring))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		done := make(chan bool)
		go func() {
			defer close(done)
			for range 5 {
				l.Log(Info, "a line")
				l.Poll()
			}
		}()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Fatalf("with the garbage of seed %d Log or Poll does not return", seed)
		}
	}
}

func TestGarbageInTheRingAndTheSender(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		l, d, _ := readyToDie(t, nil)
		var serial int
		l.SetConsole(func(p []byte) { serial += len(p) })
		for i := range 50 {
			l.Log(Info, fmt.Sprint("record ", i))
		}
		d.frames = nil
		garbage := func(p unsafe.Pointer, size uintptr) {
			b := unsafe.Slice((*byte)(p), size)
			switch seed % 4 {
			case 0:
				for i := range b {
					b[i] = byte(r.Uint32())
				}
			case 1:
				for i := range b {
					b[i] = 0xff
				}
			case 2:
				clear(b)
			case 3:
				for range 1 + len(b)/100 {
					b[r.IntN(len(b))] = byte(r.Uint32())
				}
			}
		}
		if seed%3 != 1 {
			garbage(unsafe.Pointer(&l.ring), unsafe.Sizeof(l.ring))
		}
		if seed%3 != 0 {
			s := &l.network
			garbage(unsafe.Pointer(&s.sink), unsafe.Sizeof(s.sink))
			garbage(unsafe.Pointer(&s.frame), unsafe.Sizeof(s.frame))
			garbage(unsafe.Pointer(&l.serial.sink), unsafe.Sizeof(l.serial.sink))
			garbage(unsafe.Pointer(&l.written), unsafe.Sizeof(l.written))
			garbage(unsafe.Pointer(&l.printed), unsafe.Sizeof(l.printed))
		}
		k := &kernel{t: t, l: l}
		k.report(20)
		for range 3 {
			k.step(l.Poll)
		}
		var lines []string
		headed, ended := false, false
		for _, got := range d.records(t) {
			if h, ok := wire.ParseHeadline(got.Text); ok {
				headed = headed || h.PC == 0x401234 && len(h.Registers) == 20
			}
			if _, ok := wire.ParseEnd(got.Text); ok {
				ended = true
			}
			if line, ok := strings.CutPrefix(string(got.Text), wire.ReportPrefix+"line "); ok {
				lines = append(lines, line)
			}
		}
		if !headed || !ended || len(lines) != 20 || k.faults > 0 {
			t.Errorf("seed %d: headline %v, end %v, %d of 20 lines, %d faults", seed, headed, ended, len(lines), k.faults)
		}
	}
}

// Numbers after a ring that was overwritten must not repeat those before.
func TestNumbersGoOnBehindTheOldOnes(t *testing.T) {
	for _, head := range []uint64{0, 3, 1 << 63, ^uint64(0)} {
		l, d, _ := readyToDie(t, nil)
		for i := range 2000 {
			l.Log(Info, fmt.Sprint("record ", i))
		}
		d.frames = nil
		l.ring.head.Store(head)
		k := &kernel{t: t, l: l}
		k.report(2)
		if first := d.records(t)[0].Seq; first < 2000 || first > 1<<32 {
			t.Errorf("head %d: the report begins with number %d", head, first)
		}
	}
}

func TestProgressMovesWithEveryStepOfTheCrashPath(t *testing.T) {
	l, _, _ := readyToDie(t, nil)
	var seen []uint64
	look := func() { seen = append(seen, l.Progress()) }
	look()
	l.Crash(fault())
	look()
	for range 3 {
		l.Console([]byte("a line\n"))
		look()
	}
	l.End()
	look()
	for range 3 {
		l.Poll()
		look()
	}
	if !slices.IsSorted(seen) || len(slices.Compact(slices.Clone(seen))) < len(seen) {
		t.Errorf("progress goes %v", seen)
	}
}
