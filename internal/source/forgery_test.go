package source

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"gasp/internal/keys"
	"gasp/netlog/wire"
)

// tries is how often each kind of forgery is tried: a million times with GASP_FULL=1.
func tries() int {
	if os.Getenv("GASP_FULL") != "" {
		return 1_000_000
	}
	return 20_000
}

// Where the parts of a sealed datagram are (docs/protocol.md).
const (
	atID, atBoot, atNumber, atSealed = 8, 16, 32, 40
	tagSize                          = 16
)

// TestForgeries: of what an attacker can make of everything that two devices ever sent, in two boots each,
// nothing is taken, and each try is counted for what it is.
func TestForgeries(t *testing.T) {
	a, b := testKey(t, "device"), testKey(t, "other")
	w := newWorld(t, 1, Options{Keys: []keys.Key{a, b}})
	logs := func(what string) [][]byte {
		w.heard = nil
		for i := range 40 {
			w.device.Log(6, w.now, fmt.Sprint(what, " ", i))
			w.pass(5 * time.Millisecond)
		}
		w.until(time.Second)
		return w.heard
	}
	first := logs("the boot before")
	w.boot(&a, 'b')
	current := logs("this boot")
	w.from = sender
	w.boot(&b, 'c')
	other := logs("the other device")
	shown, records := len(w.journal.records()), w.table.Stats().Records
	answers := w.table.Stats().Answers

	random := rand.New(rand.NewPCG(6, 6))
	pick := func(list [][]byte) []byte { return append([]byte(nil), list[random.IntN(len(list))]...) }
	bytesOf := func(b []byte) {
		for i := range b {
			b[i] = byte(random.Uint32())
		}
	}
	kinds := []struct {
		name  string
		cause Cause
		make  func() []byte
	}{
		{"bits flipped in what is sealed", Forged, func() []byte {
			b := pick(current)
			for range 1 + random.IntN(8) {
				b[atSealed+random.IntN(len(b)-atSealed)] ^= 1 << random.IntN(8)
			}
			return b
		}},
		{"another number", Forged, func() []byte {
			b := pick(current)
			b[atNumber+random.IntN(8)] ^= byte(1 + random.IntN(255))
			return b
		}},
		{"a random tag", Forged, func() []byte {
			b := pick(current)
			bytesOf(b[len(b)-tagSize:])
			return b
		}},
		{"random behind a right header", Forged, func() []byte {
			b := pick(current)[:atSealed+tagSize+44]
			bytesOf(b[atSealed:])
			return b
		}},
		{"cut short", Forged, func() []byte {
			b := pick(current)
			return b[:atSealed+tagSize+random.IntN(len(b)-atSealed-tagSize)]
		}},
		{"replayed", Replayed, func() []byte { return pick(current) }},
		{"of the boot before, as it was", OtherBoot, func() []byte { return pick(first) }},
		{"of the boot before, as of this one", Forged, func() []byte {
			b := pick(first)
			copy(b[atBoot:atNumber], current[0][atBoot:atNumber])
			return b
		}},
		{"of this boot, as of another one", Forged, func() []byte {
			b := pick(current)
			bytesOf(b[atBoot:atNumber])
			return b
		}},
		{"of another device, as of this one", Forged, func() []byte {
			b := pick(other)
			copy(b[atID:atNumber], current[0][atID:atNumber])
			return b
		}},
		{"of another device, as of this one, in its own boot", Forged, func() []byte {
			b := pick(other)
			copy(b[atID:atBoot], current[0][atID:atBoot])
			return b
		}},
		{"of an unknown device", UnknownKey, func() []byte {
			b := pick(current)
			bytesOf(b[atID:atBoot])
			return b
		}},
		{"an answer as records", Malformed, func() []byte {
			b := pick(current)
			b[4] = 2
			return b
		}},
		{"without a seal", Unsealed, func() []byte { return []byte(extended(0, random.Uint64N(100), "gasp: crash 0123456789abcdef: a lie")) }},
	}
	// A flip may give back what there was: of eight flips that undo each other the datagram is a replay.
	same := map[string]bool{}
	for _, b := range current {
		same[string(b)] = true
	}
	for _, kind := range kinds {
		before := w.table.Stats().Rejected
		want := [Causes]uint64{}
		for range tries() {
			b := kind.make()
			cause := kind.cause
			if cause == Forged && same[string(b)] {
				cause = Replayed
			}
			want[cause]++
			w.arrive(w.now, sealedSender, b)
		}
		for cause, n := range w.table.Stats().Rejected {
			if n-before[cause] != want[cause] {
				t.Errorf("%s: %d refused as %v, want %d", kind.name, n-before[cause], Cause(cause), want[cause])
			}
		}
		if s := w.table.Stats(); s.Records != records || len(w.journal.records()) != shown {
			t.Fatalf("%s: %d records taken", kind.name, s.Records-records)
		}
		t.Logf("%s: %d tries, 0 taken", kind.name, tries())
	}
	if n := w.table.Stats().Answers; n != answers {
		t.Errorf("%d answers to forgeries", n-answers)
	}
	// And the devices are heard as if nothing had been.
	w.device.Log(6, w.now, "still here")
	w.until(time.Second)
	if lines := w.journal.records(); lines[len(lines)-1] != "40 still here" {
		t.Errorf("shown last was %q", lines[len(lines)-1])
	}
	checkMemory(t, w.table)
}

// TestStrangersAreBounded: recordings of many devices cost a bounded state.
func TestStrangersAreBounded(t *testing.T) {
	const count = 2000
	var list []keys.Key
	var hellos [][]byte
	for i := range count {
		k := testKey(t, fmt.Sprint("d", i))
		list = append(list, k)
		for boot := range byte(6) {
			newDevice(&k, boot, start, func(b []byte) { hellos = append(hellos, append([]byte(nil), b...)) }).Tick(start)
		}
	}
	table := NewTable(new(journal), Options{Keys: list})
	for _, b := range hellos {
		table.Datagram(&Datagram{At: start, From: sender, Data: b, Size: len(b)})
	}
	waiting := 0
	for _, v := range table.devices.known {
		waiting += len(v.strangers)
	}
	if waiting > allStrangers || waiting != table.devices.strangers.Len() {
		t.Errorf("%d boots wait for their proof, %d in order", waiting, table.devices.strangers.Len())
	}
	rejected(t, "recordings", table, map[Cause]uint64{Unproved: uint64(len(hellos))})
}

// BenchmarkForged is what an attacker makes the log host do with a forged datagram of 1400 bytes.
func BenchmarkForged(b *testing.B) {
	w := newWorld(b, 1, Options{})
	w.device.Log(6, w.now, "hello")
	w.until(time.Second)
	d := w.device.Sealer.Begin(make([]byte, 0, wire.MaxSealed))
	d = append(d, make([]byte, wire.MaxSealed-wire.SealedOverhead)...)
	d = w.device.Sealer.Seal(d, 1<<40, &wire.Status{})
	d[len(d)-1]++
	for _, boot := range []string{"known boot", "unknown boot"} {
		b.Run(boot, func(b *testing.B) {
			if boot != "known boot" {
				d[atBoot]++
			}
			b.ReportAllocs()
			for range b.N {
				w.arrive(w.now, sender, d)
			}
		})
	}
}
