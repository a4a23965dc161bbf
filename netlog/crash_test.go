package netlog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

const bootID = "0123456789abcdef"

// readyToDie is a logger that sends, with the ids a board gives.
func readyToDie(t *testing.T, change func(*Target)) (*Logger, *fakeDevice, *fakeClock) {
	t.Helper()
	l, d, c := New(0), new(fakeDevice), new(fakeClock)
	l.SetClock(c.now)
	l.SetRegisterNames(registerNames)
	to := target()
	if change != nil {
		change(&to)
	}
	if err := l.Start(d, to, Options{Boot: bootID, BuildID: "beef"}); err != nil {
		t.Fatal(err)
	}
	return l, d, c
}

func fault() *Cause {
	c := &Cause{Kind: "page fault", PC: 0x401234, HasPC: true, Addr: 8, HasAddr: true, Func: "main.f+0x12"}
	for i := range registerNames {
		c.Regs = append(c.Regs, uint64(i)<<32)
	}
	return c
}

var registerNames = func() (names []string) {
	for i := range 20 {
		names = append(names, fmt.Sprint("r", i))
	}
	return names
}()

// A report is what the log host makes of the records.
type report struct {
	headline wire.Headline
	end      wire.End
	lines    []string
	ordinary []string
}

// readReport checks that the records hold one complete report, as a receiver of
// the extended format counts it.
func readReport(t *testing.T, d *fakeDevice) (r report) {
	t.Helper()
	var seqs []uint64
	opened, ended := false, false
	for _, got := range d.records(t) {
		text := string(got.Text)
		if got.Level != 0 {
			r.ordinary = append(r.ordinary, text)
			if opened && got.Seq >= seqs[0] {
				t.Errorf("ordinary record %d %q has a number of the report", got.Seq, text)
			}
			continue
		}
		seqs = append(seqs, got.Seq)
		if h, ok := wire.ParseHeadline(got.Text); ok {
			if opened {
				t.Errorf("a second headline: %q", text)
			}
			r.headline, opened = h, true
			continue
		}
		if !opened || ended {
			t.Errorf("record %q of the report outside of it", text)
			continue
		}
		if r.end, ended = wire.ParseEnd(got.Text); ended {
			continue
		}
		line, ok := strings.CutPrefix(text, wire.ReportPrefix)
		if !ok {
			t.Errorf("record %q of the report without its prefix", text)
		}
		r.lines = append(r.lines, line)
	}
	if !opened || !ended {
		t.Fatalf("headline sent: %v, end sent: %v", opened, ended)
	}
	for i, seq := range seqs {
		if seq != seqs[0]+uint64(i) {
			t.Errorf("the report's numbers are %v", seqs)
			break
		}
	}
	if r.end.Records != uint64(len(seqs)) {
		t.Errorf("end says %d records, there are %d", r.end.Records, len(seqs))
	}
	if string(r.headline.Boot[:]) != bootID || r.end.Boot != r.headline.Boot {
		t.Errorf("boot ids are %s and %s", r.headline.Boot, r.end.Boot)
	}
	return r
}

func TestCrashReportIsComplete(t *testing.T) {
	l, d, c := readyToDie(t, nil)
	l.Log(Info, "ordinary")
	d.frames = nil
	c.ns = 5_000_000_000
	cause := fault()
	cause.Text = []byte("page fault at nothing\nreading")
	l.Crash(cause)
	l.Console([]byte("goroutine 1 [running]:\nmain.f(...)\n\t/src/ma"))
	l.Console([]byte("in.go:7 +0x12\n"))
	l.Log(Emerg, "from the board\ntwo lines")
	l.Console([]byte("no newline"))
	l.End()
	l.End()
	r := readReport(t, d)
	h := r.headline
	if string(h.Cause) != "page fault at nothing\nreading" || h.PC != 0x401234 || !h.HasPC || h.Addr != 8 || !h.HasAddr ||
		h.Func != "main.f+0x12" || h.Build != "beef" || h.Uptime/1e6 != 5 || h.Last != 1 || !h.HasLast || h.Unsent != 0 {
		t.Errorf("headline is %+v", h)
	}
	if len(h.Registers) != 20 || h.Registers[3].Name != "r3" || h.Registers[3].Value != 3<<32 {
		t.Errorf("registers are %v", h.Registers)
	}
	want := []string{"goroutine 1 [running]:", "main.f(...)", "\t/src/main.go:7 +0x12", "from the board", "two lines", "no newline"}
	if !slices.Equal(r.lines, want) {
		t.Errorf("lines are %q, want %q", r.lines, want)
	}
	if r.end.Lost != 0 || d.takenOver != 1 || d.flushed != 2 || !l.Crashed() {
		t.Errorf("lost %d, taken over %d times, flushed %d times, crashed %v", r.end.Lost, d.takenOver, d.flushed, l.Crashed())
	}
	if first := d.records(t)[0]; first.Seq != h.Last+1 {
		t.Errorf("the first frame is record %d", first.Seq)
	}
}

func TestHeadlineNamesTheException(t *testing.T) {
	for kind, want := range map[string]string{
		"#PF page fault": "#PF", "#DE": "#DE", "NMI": "NMI", "NMI watchdog": "NMI",
		"": "", "page fault": "", "NMIs": "", "unknown exception": "", " #PF": "",
	} {
		for _, dying := range []bool{false, true} {
			l, d, _ := readyToDie(t, nil)
			d.frames = nil
			cause := fault()
			cause.Kind = kind
			if dying {
				l.Dying(cause)
				l.Console([]byte("panic: boom\n"))
			} else {
				l.Crash(cause)
			}
			l.End()
			if h := readReport(t, d).headline; h.Exception != want || len(h.Registers) == 0 {
				t.Errorf("kind %q, dying %v: exception is %q, want %q", kind, dying, h.Exception, want)
			}
		}
	}
}

func TestCrashReportInBasicFormat(t *testing.T) {
	l, d, _ := readyToDie(t, basic)
	d.frames = nil
	l.Crash(fault())
	l.Console([]byte("a line\n"))
	l.End()
	got := d.payloads(t)
	if len(got) != 3 {
		t.Fatalf("sent %q", got)
	}
	if h, ok := wire.ParseHeadline(wire.ParseBasic([]byte(got[0]), make([]byte, 1000)).Text); !ok || string(h.Cause) != "page fault" || len(h.Registers) != 20 {
		t.Errorf("headline is %q", got[0])
	}
	if !strings.HasSuffix(got[1], "] gasp| a line\n") || !strings.HasSuffix(got[2], ": 3 records, 0 lost\n") {
		t.Errorf("sent %q", got[1:])
	}
}

func TestDyingCollectsTheCause(t *testing.T) {
	long := strings.Repeat("long ", 200)
	for _, test := range []struct {
		name, text string
		cause      string
		lines      []string
	}{
		{"a panic", "panic: boom\n\tpanic: again\n\ngoroutine 1:\n", "panic: boom\n\tpanic: again", []string{"goroutine 1:"}},
		{"blank lines first", "\n\nfatal error: x\n\n", "fatal error: x", nil},
		{"no empty line", "panic: boom", "panic: boom", nil},
		{"nothing", "", "page fault", nil},
		{"too long", "panic: " + long + "\n\nrest\n", ("panic: " + long)[:causeSize],
			[]string{("panic: " + long)[:causeSize], ("panic: " + long)[causeSize:], "", "rest"}},
	} {
		for _, pieces := range []int{1, 7, 4096} {
			l, d, _ := readyToDie(t, nil)
			l.Dying(fault())
			l.Log(Err, "from an interrupt")
			for rest := test.text; rest != ""; {
				n := min(pieces, len(rest))
				l.Console([]byte(rest[:n]))
				rest = rest[n:]
			}
			l.End()
			r := readReport(t, d)
			cause := strings.TrimSuffix(string(r.headline.Cause), "...")
			if test.name != "too long" && cause != test.cause || !strings.HasPrefix(test.cause, cause) || cause == "" {
				t.Errorf("%s: cause is %q, want %q", test.name, r.headline.Cause, test.cause)
			}
			if !slices.Equal(r.lines, test.lines) {
				t.Errorf("%s: lines are %q, want %q", test.name, r.lines, test.lines)
			}
			if want := []string{"netconsole: sending to 10.0.2.2 from 10.0.2.15", "from an interrupt"}; !slices.Equal(r.ordinary, want) {
				t.Errorf("%s: ordinary records are %q, want %q", test.name, r.ordinary, want)
			}
		}
	}
}

func TestHeadlineGoesBeforeTheBacklog(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	d.frames, d.refuse = nil, -1
	l.Log(Info, "a")
	l.Log(Debug, "held back")
	l.Log(Info, "b")
	l.Log(Debug, "held back")
	l.Log(Debug, "held back")
	l.Write([]byte("begun"))
	l.Console([]byte("begun too"))
	d.refuse = 0
	l.Crash(fault())
	l.End()
	var order []string
	var skips []uint64
	for _, r := range d.records(t) {
		text, _, _ := strings.Cut(string(r.Text), "\n")
		order, skips = append(order, text), append(skips, r.Skip)
	}
	want := []string{"gasp: crash " + bootID + ": page fault", "a", "b", "begun", "begun too", "gasp: end of crash " + bootID + ": 2 records, 0 lost"}
	if !slices.Equal(order, want) {
		t.Errorf("sent %q, want %q", order, want)
	}
	if !slices.Equal(skips, []uint64{0, 0, 1, 2, 0, 0}) {
		t.Errorf("held back are %v", skips)
	}
	if r := readReport(t, d); r.headline.Unsent != 7 {
		t.Errorf("headline says %d unsent, want 7", r.headline.Unsent)
	}
}

func TestHeadlineTellsRecordsHeldBackBeforeIt(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	l.Log(Debug, "passed by")
	d.refuse = -1
	d.frames = nil
	l.Log(Debug, "held back")
	d.refuse = 0
	l.Crash(fault())
	if got := d.records(t)[0].Skip; got != 2 {
		t.Errorf("headline tells of %d records held back, want 2", got)
	}
}

// The crash may interrupt the sender at any point; its flag stays taken.
func TestCrashFromInsideTheSender(t *testing.T) {
	for at := 1; at <= 4; at++ {
		l, d, _ := readyToDie(t, nil)
		d.frames = nil
		n := 0
		died := false
		d.onTransmit = func([]byte) {
			if n++; n == at {
				d.onTransmit = nil
				died = true
				l.Crash(fault())
				l.Console([]byte("trace\n"))
				l.End()
				panic("never returns")
			}
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("transmit %d: no crash", at)
				}
			}()
			for range 4 {
				l.Log(Info, strings.Repeat("\x03", 300)) // two fragments each
			}
		}()
		if !died {
			continue
		}
		// What the sender had begun may come as a fragment without its end.
		frames := d.frames
		for i := range frames {
			if h, ok := decodeHeadline(frames[i]); ok && string(h.Boot[:]) == bootID {
				d.frames = frames[i:]
				break
			}
		}
		r := readReport(t, d)
		if len(r.ordinary) != 1 || r.ordinary[0] != strings.Repeat("\x03", 300) || !slices.Equal(r.lines, []string{"trace"}) {
			t.Errorf("transmit %d: report is %+v", at, r)
		}
		l.Poll()
		l.Log(Info, "after the end")
	}
}

func decodeHeadline(frame []byte) (wire.Headline, bool) {
	got, err := wire.Decode(frame[plainHeaders:], make([]byte, 2000))
	if err != nil {
		return wire.Headline{}, false
	}
	return wire.ParseHeadline(got.Text)
}

func TestCrashInterruptingAWriter(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	l.ring.reserve()
	l.Log(Info, "behind it")
	l.written.busy.Store(1)
	l.printed.busy.Store(1)
	l.printed.length = 1 << 40 // torn
	l.Crash(fault())
	l.Console([]byte("trace\n"))
	l.End()
	r := readReport(t, d)
	if !slices.Contains(r.ordinary, "behind it") || !slices.Equal(r.lines, []string{"1 records from before the crash are lost", "trace"}) {
		t.Errorf("report is %+v", r)
	}
}

// With every slot held by a writer that will never go on, the report still has
// its numbers.
func TestCrashWithTheRingFullOfHeldUpWriters(t *testing.T) {
	l, d, _ := machineUp(t, 4, nil)
	copy(l.crash.boot[:], bootID)
	for range 4 {
		l.ring.reserve()
	}
	l.Crash(fault())
	for i := range 20 {
		l.Console([]byte(fmt.Sprintln("line", i)))
	}
	l.End()
	if r := readReport(t, d); len(r.lines) != 21 || r.lines[0] != "4 records from before the crash are lost" {
		t.Errorf("lines are %q", r.lines)
	}
}

func TestCrashWithTheBacklogOverwritten(t *testing.T) {
	l, d, _ := machineUp(t, 8, nil)
	copy(l.crash.boot[:], bootID)
	d.refuse = -1
	for i := range 30 {
		l.Log(Info, fmt.Sprint("line ", i))
	}
	d.refuse = 0
	l.Crash(fault())
	l.End()
	r := readReport(t, d)
	if len(r.ordinary) != 7 || r.ordinary[0] != "line 23" || len(r.lines) != 1 || !strings.HasPrefix(r.lines[0], "23 records ") {
		t.Errorf("report is %q, %q", r.ordinary, r.lines)
	}
}

func TestCrashBeforeStartGoesToTheSerialConsole(t *testing.T) {
	l := New(16)
	var serial strings.Builder
	l.SetConsole(func(b []byte) { serial.Write(b) })
	l.Log(Info, "early")
	l.Crash(fault())
	for i := range 50 {
		l.Console([]byte(fmt.Sprintln("line", i)))
	}
	l.End()
	got := serial.String()
	for _, want := range []string{"] early\n", "] gasp: crash 0000000000000000: page fault\n", "] gasp| line 0\n", "] gasp| line 49\n", ": 52 records, 0 lost\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("serial line lacks %q:\n%s", want, got)
		}
	}
	l.Poll()
	l.Log(Info, "still there")
	if !strings.HasSuffix(serial.String(), "still there\n") {
		t.Error("what is logged after the end does not reach the serial line")
	}
}

func TestSerialConsoleHasTheWholeReport(t *testing.T) {
	l, d, _ := machineUp(t, 16, nil)
	copy(l.crash.boot[:], bootID)
	var serial strings.Builder
	l.SetConsole(func(b []byte) { serial.Write(b) })
	l.serial.busy.Store(1) // interrupted while writing
	l.Crash(fault())
	for i := range 100 {
		l.Console([]byte(fmt.Sprintln("line", i)))
	}
	l.End()
	if n := strings.Count(serial.String(), "] gasp| line"); n != 100 {
		t.Errorf("serial line has %d lines, want 100", n)
	}
	if r := readReport(t, d); len(r.lines) != 100 {
		t.Errorf("wire has %d lines, want 100", len(r.lines))
	}
}

func TestSerialConsolePassesByARecordNeverCompleted(t *testing.T) {
	l := New(0)
	var serial strings.Builder
	l.SetConsole(func(b []byte) { serial.Write(b) })
	l.ring.reserve()
	l.Log(Info, "behind it")
	l.Crash(fault())
	l.End()
	for _, want := range []string{"] behind it\n", "] gasp: crash ", "] gasp: end of crash "} {
		if !strings.Contains(serial.String(), want) {
			t.Errorf("serial line lacks %q: %q", want, serial.String())
		}
	}
}

func TestCrashWithAnUnresolvedTarget(t *testing.T) {
	l, d, c := readyToDie(t, unresolved)
	before := c.ns
	l.Crash(fault())
	if waited := time.Duration(c.ns - before); waited < answerWait || waited > 2*answerWait {
		t.Errorf("waited %v for ARP, want about %v", waited, answerWait)
	}
	l.End()
	readReport(t, d)
	if f := d.frames[len(d.frames)-1]; [6]byte(f[:6]) != broadcast {
		t.Errorf("the report goes to % x", f[:6])
	}

	l, d, _ = readyToDie(t, unresolved)
	d.answers = true
	l.Crash(fault())
	l.End()
	readReport(t, d)
	if f := d.frames[len(d.frames)-1]; [6]byte(f[:6]) != hostMAC {
		t.Errorf("the report goes to % x", f[:6])
	}
}

func TestCrashWithAnUnresolvedGatewayEnds(t *testing.T) {
	l, d := New(0), new(fakeDevice) // and no clock
	to := target()
	to.HasMAC, to.Dest = false, limitedBroadcast.Prev()
	if err := l.Start(d, to, Options{Gateway: hostIP}); err != nil {
		t.Fatal(err)
	}
	l.Crash(fault())
	l.End()
	if got := d.payloads(t); len(got) != 0 {
		t.Errorf("sent %q to nobody", got)
	}
}

func TestCrashWithALinkThatNeverComesBack(t *testing.T) {
	l, d, c := readyToDie(t, nil)
	d.onTakeOver = func() error { d.down = true; return nil }
	c.step = int64(time.Millisecond)
	before := c.ns
	l.Crash(fault())
	l.End()
	if waited := time.Duration(c.ns - before); waited < linkWait || waited > linkWait+time.Second {
		t.Errorf("waited %v for the link, want %v", waited, linkWait)
	}
	readReport(t, d)
}

// What a device refused for a time is sent again before the end record, where a
// reader can tell records that come twice.
func TestCrashWithADeviceThatRefuses(t *testing.T) {
	for name, format := range map[string]func(*Target){"extended": nil, "basic": basic} {
		l, d, _ := readyToDie(t, format)
		d.frames, d.refuse = nil, transmitTries-1
		l.Crash(fault())
		l.Console([]byte("a\n"))
		d.refuse = -1
		for range 100 {
			l.Console([]byte("nobody hears\n"))
		}
		d.refuse = 0
		l.Console([]byte("b\n"))
		l.End()
		if most := transmitTries - 1 + transmitTries + 100 + 3; d.flushed > most {
			t.Errorf("%s: flushed %d times", name, d.flushed)
		}
		got := d.payloads(t)
		want := bootID + ": 104 records, 0 lost\n"
		if name == "basic" {
			want = bootID + ": 104 records, 100 lost\n"
			if n := len(got); n != 4 {
				t.Errorf("basic: %d datagrams, want the 4 that the device took", n)
			}
		} else if n := strings.Count(strings.Join(got, ""), "nobody hears"); n != 100 {
			t.Errorf("extended: %d of 100 lines were sent again", n)
		}
		if !strings.HasSuffix(got[len(got)-1], want) {
			t.Errorf("%s: end is %q, want %q", name, got[len(got)-1], want)
		}
	}
}

// A fault inside the report is an exception of its own, which comes back as
// another Crash and never returns to where it happened.
func TestFaultsInsideTheReport(t *testing.T) {
	fail := func(l *Logger) {
		c := fault()
		c.Kind = "second fault"
		l.Crash(c)
		l.End()
		panic("never returns")
	}
	for name, arrange := range map[string]func(*Logger, *fakeDevice){
		"taking over": func(l *Logger, d *fakeDevice) {
			d.onTakeOver = func() error { d.onTakeOver = nil; fail(l); return nil }
		},
		"sending the headline": func(l *Logger, d *fakeDevice) {
			d.onTransmit = func([]byte) { d.onTransmit = nil; fail(l) }
		},
		"sending the backlog": func(l *Logger, d *fakeDevice) {
			n := 0
			d.onTransmit = func([]byte) {
				if n++; n == 2 {
					fail(l)
				}
			}
		},
		"sending a line": func(l *Logger, d *fakeDevice) {
			n := 0
			d.onTransmit = func([]byte) {
				if n++; n == 4 {
					fail(l)
				}
			}
		},
	} {
		l, d, _ := readyToDie(t, nil)
		d.refuse = -1
		l.Log(Info, "backlog 1")
		l.Log(Info, "backlog 2")
		d.refuse, d.frames = 0, nil
		arrange(l, d)
		func() {
			defer func() { recover() }()
			l.Crash(fault())
			l.Console([]byte("a line\n"))
			l.End()
			t.Errorf("%s: no fault happened", name)
		}()
		last, found := l.texts(), false
		for _, text := range last {
			found = found || strings.Contains(text, "fault while reporting: second fault at pc=0x401234 func=main.f+0x12 addr=0x8")
		}
		got := d.texts(t)
		if !found || len(got) < 3 || !strings.HasPrefix(got[0], "gasp: crash "+bootID) || !strings.HasPrefix(got[len(got)-1], "gasp: end of crash ") {
			t.Errorf("%s: sent %q", name, got)
		}
	}
}

func TestFaultsWithoutEndStop(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	depth := 0
	d.onTransmit = func([]byte) {
		if depth++; depth > 100 {
			t.Fatal("the report goes in circles")
		}
		l.Crash(fault())
	}
	l.Crash(fault())
	l.End()
}

func TestDyingTwiceIsTold(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	l.Dying(fault())
	l.Console([]byte("panic: a\n"))
	l.Dying(fault())
	l.Console([]byte("panic: b\n\nmore\n"))
	l.End()
	r := readReport(t, d)
	if string(r.headline.Cause) != "panic: a\npanic: b" || !slices.Equal(r.lines, []string{"more", "died again while reporting, times: 1"}) {
		t.Errorf("cause %q, lines %q", r.headline.Cause, r.lines)
	}
}

func TestEndWithoutACrashDoesNothing(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	l.End()
	l.Log(Info, "alive")
	if got := d.texts(t); l.Crashed() || !slices.Equal(got, []string{"alive"}) {
		t.Errorf("sent %q, crashed %v", got, l.Crashed())
	}
}

func TestMachineStaysOnTheLinkAfterTheReport(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	l.Crash(fault())
	ask := arpPacket(1, hostMAC, hostIP.AsSlice(), ourIP.AsSlice())
	d.incoming = [][]byte{ask}
	l.Poll()
	if len(d.incoming) == 0 {
		t.Error("Poll touched the device in the middle of the report")
	}
	l.End()
	n := len(d.frames)
	l.Poll()
	if len(d.frames) != n+1 {
		t.Error("no ARP reply after the report")
	}
}
