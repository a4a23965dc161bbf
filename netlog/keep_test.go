package netlog

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// bootAgain is the next boot of a machine with the same memory: what it offers.
func bootAgain(t *testing.T, memory []byte) []wire.Datagram {
	t.Helper()
	l, d, c := New(0), new(fakeDevice), new(fakeClock)
	l.SetClock(c.now)
	l.SetKeep(memory)
	if err := l.Start(d, target(), Options{Boot: "fedcba9876543210"}); err != nil {
		t.Fatal(err)
	}
	for range 40 {
		l.Poll()
	}
	var out []wire.Datagram
	for _, r := range d.records(t) {
		if r.Level == uint8(Emerg) {
			out = append(out, r)
		}
	}
	return out
}

// crashed is memory with the report of a machine that died.
func crashed(t *testing.T, size, lines int, end bool) []byte {
	t.Helper()
	memory := make([]byte, size)
	l, d, c := New(0), new(fakeDevice), new(fakeClock)
	l.SetClock(c.now)
	l.SetRegisterNames(registerNames)
	l.SetKeep(memory)
	if err := l.Start(d, target(), Options{Boot: bootID, BuildID: "beef"}); err != nil {
		t.Fatal(err)
	}
	l.Crash(fault())
	for i := range lines {
		l.Console([]byte(fmt.Sprintf("line %d%s\n", i, strings.Repeat(" x", i%9))))
	}
	if end {
		l.End()
	}
	return memory
}

func TestKeptReportIsOfferedAgain(t *testing.T) {
	memory := crashed(t, 64<<10, 60, true)
	got := bootAgain(t, memory)
	if len(got) != 62 {
		t.Fatalf("%d records are offered, want 62", len(got))
	}
	h, ok := wire.ParseHeadline(got[0].Text)
	e, ended := wire.ParseEnd(got[61].Text)
	if !ok || h.Form != wire.Kept || string(h.Boot[:]) != bootID || h.PC != 0x401234 || len(h.Registers) != 20 ||
		!ended || e.Form != wire.Kept || string(e.Boot[:]) != bootID || e.Records != 62 || e.Lost != 0 {
		t.Errorf("headline %+v, end %+v", h, e)
	}
	for i, r := range got[1:61] {
		if !strings.HasPrefix(string(r.Text), fmt.Sprintf("gasp| line %d", i)) {
			t.Errorf("record %d is %q", i, r.Text)
		}
	}
	// The boot that offered it is reset without a word.
	if again := bootAgain(t, memory); len(again) != 2 || !strings.Contains(string(again[0].Text), wire.ResetCause) {
		t.Errorf("the report is offered twice: %d records", len(again))
	}
}

func TestMachineThatWasResetWithoutAReport(t *testing.T) {
	memory := make([]byte, 8192)
	l, d, c := New(0), new(fakeDevice), new(fakeClock)
	l.SetClock(c.now)
	l.SetKeep(memory)
	if err := l.Start(d, target(), Options{Boot: bootID}); err != nil {
		t.Fatal(err)
	}
	l.Log(Info, "alive")
	c.ns = 7_000_000_000
	l.Poll()
	got := bootAgain(t, slices.Clone(memory))
	if len(got) != 2 {
		t.Fatalf("%d records, want headline and end", len(got))
	}
	h, ok := wire.ParseHeadline(got[0].Text)
	e, ended := wire.ParseEnd(got[1].Text)
	if !ok || h.Form != wire.Kept || string(h.Cause) != wire.ResetCause || h.Uptime/1e6 != 7 || !h.HasLast || h.Last != 1 ||
		!ended || e.Form != wire.Kept || e.Records != 2 || e.Lost != 0 {
		t.Errorf("headline %+v, end %+v", h, e)
	}
	l.Forget()
	if got := bootAgain(t, memory); len(got) != 0 {
		t.Errorf("a machine that was switched off as it should be leaves %q", got[0].Text)
	}
}

func TestKeptReportThatWasCutOff(t *testing.T) {
	got := bootAgain(t, crashed(t, 64<<10, 10, false))
	e, ok := wire.ParseEnd(got[len(got)-1].Text)
	if len(got) != 13 || !ok || e.Records != 14 || e.Lost != 1 || !strings.Contains(string(got[11].Text), keptCut) {
		t.Errorf("%d records, end %+v, before it %q", len(got), e, got[len(got)-2].Text)
	}
	// No room for all of it: what there was none for is counted, the end is there.
	got = bootAgain(t, crashed(t, keepLeast+1000, 100, true))
	e, ok = wire.ParseEnd(got[len(got)-1].Text)
	if !ok || e.Records != 102 || e.Lost != 102-uint64(len(got)) || len(got) < 10 {
		t.Errorf("%d records, end %+v", len(got), e)
	}
}

func TestKeptReportOfAMachineWithoutNetwork(t *testing.T) {
	memory := make([]byte, 8192)
	l := New(0)
	l.SetKeep(memory)
	l.Crash(fault())
	l.Console([]byte("a line\n"))
	l.End()
	if got := bootAgain(t, memory); len(got) != 3 || !strings.Contains(string(got[1].Text), "a line") {
		t.Errorf("%d records are offered, want 3", len(got))
	}
}

func TestKeptMemoryThatIsDamaged(t *testing.T) {
	good := crashed(t, keepLeast+512, 8, true)
	whole, ok := readKeep(good)
	if !ok || len(whole.records) != 10 {
		t.Fatalf("%d records in sound memory, want 10", len(whole.records))
	}
	used := 0
	for i, b := range good {
		if b != 0 {
			used = i
		}
	}
	bad := make([]byte, len(good))
	for at := range used {
		for _, bit := range []byte{1, 0x80, 0xff} {
			copy(bad, good)
			bad[at] ^= bit
			k, _ := readKeep(bad)
			for i, r := range k.records {
				if w := whole.records[i]; !bytes.Equal(r.text, w.text) || r.number != w.number || r.time != w.time || r.cont != w.cont {
					t.Fatalf("byte %d changed by %#x: record %d is believed: %q", at, bit, i, r.text)
				}
			}
			if at >= keepRecords && len(k.records) == len(whole.records) && at < used-8 && !padding(good, at) {
				t.Errorf("byte %d changed by %#x: nobody noticed", at, bit)
			}
		}
	}
	for n := range len(good) {
		if _, ok := readKeep(good[:n]); ok {
			t.Fatalf("%d of %d bytes are believed", n, len(good))
		}
	}
}

// padding tells the bytes between a text and the next multiple of eight.
func padding(m []byte, at int) bool {
	for start := keepRecords; start < at; {
		length := int(m[start]) | int(m[start+1])<<8
		end := start + keptHeader + length
		next := start + keptHeader + (length+7)&^7
		if at >= end && at < next {
			return true
		}
		start = next
	}
	return false
}

func TestMemoryThatCannotBeKept(t *testing.T) {
	for _, memory := range [][]byte{nil, {}, make([]byte, 10), make([]byte, keepLeast-1)} {
		l, d, _ := New(0), new(fakeDevice), new(fakeClock)
		l.SetKeep(memory)
		if err := l.Start(d, target(), Options{}); err != nil {
			t.Fatal(err)
		}
		l.Crash(fault())
		l.Console([]byte("a line\n"))
		l.End()
		l.Forget()
		if got := bootAgain(t, memory); len(got) != 0 {
			t.Errorf("%d bytes of memory: offered %q", len(memory), got[0].Text)
		}
	}
	other := crashed(t, 8192, 3, true)
	other[8]++ // version
	if _, ok := readKeep(other); ok {
		t.Error("memory of another version is believed")
	}
}

// What is offered waits while this boot's records need the ring.
func TestOfferDoesNotDisplaceLiveRecords(t *testing.T) {
	memory := crashed(t, 64<<10, 60, true)
	l, d, c := New(64), new(fakeDevice), new(fakeClock)
	l.SetClock(c.now)
	l.SetKeep(memory)
	d.down = true
	if err := l.Start(d, target(), Options{}); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		l.Log(Info, fmt.Sprint("live ", i))
		l.Poll()
	}
	if n := l.keep.given; n != 0 {
		t.Errorf("%d records were offered with the link down", n)
	}
	d.down = false
	for range 100 {
		c.pass(linkPause)
		l.Poll()
	}
	live, old := 0, 0
	for _, text := range d.texts(t) {
		if strings.HasPrefix(text, "live ") {
			live++
		}
		if strings.HasPrefix(text, "gasp| line") {
			old++
		}
	}
	if live != 50 || old != 60 || l.Stats().Dropped != 0 {
		t.Errorf("sent %d live records and %d of the report, %d dropped", live, old, l.Stats().Dropped)
	}
}

func TestKeepingAllocatesNothing(t *testing.T) {
	memory := make([]byte, 8192)
	l := New(0)
	l.SetKeep(memory)
	text := []byte(strings.Repeat("a line ", 10))
	if n := testing.AllocsPerRun(100, func() {
		l.keepRecord(1, 2, false, text)
		l.Poll()
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
