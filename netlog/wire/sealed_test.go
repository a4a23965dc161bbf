package wire

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

var (
	sealedKey  = Key([]byte("0123456789abcdefghijklmnopqrstuv"))
	sealedBoot = [BootSize]byte([]byte("a random boot id"))
)

// sealedSample is a datagram with an item of every kind, and what it says.
func sealedSample(number uint64) (datagram []byte, status Status, items []Item) {
	s := NewSealer(&sealedKey, &sealedBoot)
	status = Status{Time: 1_234_567, Next: 45, Oldest: 3, Heartbeat: 50, Want: true, Dying: true, Over: true, Proof: [BootSize]byte([]byte("session of a day"))}
	items = []Item{
		{Kind: ItemRecord, Record: Record{Level: 6, Facility: 3, Seq: 42, Time: 1_234_000, Cont: true, Text: []byte("two\nlines\x00\xff"), Dict: []byte("A=b\n")}},
		{Kind: ItemHeldBack, First: 43, Last: 43},
		{Kind: ItemGone, First: 0, Last: 2},
		{Kind: ItemLastWords, Record: Record{Text: []byte("gasp: crash")}},
		{Kind: ItemProof, Proof: [BootSize]byte([]byte("session of night"))},
		{Kind: ItemRecord, Record: Record{Level: 0, Seq: 44, Time: 1_234_001}},
	}
	b := s.Begin(make([]byte, 0, MaxSealed))
	for i := range items {
		switch item := &items[i]; item.Kind {
		case ItemRecord:
			before := len(b)
			b = AppendRecordItem(b, &item.Record)
			if len(b)-before != RecordItemSize(&item.Record) {
				panic("RecordItemSize is wrong")
			}
		case ItemLastWords:
			b = AppendLastWordsItem(b, item.Record.Text)
		case ItemProof:
			before := len(b)
			b = AppendProofItem(b, &item.Proof)
			if len(b)-before != ProofItemSize {
				panic("ProofItemSize is wrong")
			}
		default:
			b = AppendSpanItem(b, item.Kind, item.First, item.Last)
		}
	}
	return s.Seal(b, number, &status), status, items
}

func readItems(t *testing.T, b []byte) (items []Item) {
	t.Helper()
	for len(b) > 0 {
		item, rest, err := NextItem(b)
		if err != nil {
			t.Fatalf("after %d items: %v", len(items), err)
		}
		items, b = append(items, item), rest
	}
	return items
}

func sameItem(a, b Item) bool {
	return a.Kind == b.Kind && a.Proof == b.Proof && a.First == b.First && a.Last == b.Last && a.Record.Level == b.Record.Level && a.Record.Facility == b.Record.Facility &&
		a.Record.Seq == b.Record.Seq && a.Record.Time == b.Record.Time && a.Record.Cont == b.Record.Cont &&
		bytes.Equal(a.Record.Text, b.Record.Text) && bytes.Equal(a.Record.Dict, b.Record.Dict)
}

func TestSealedSaysWhatWasSaid(t *testing.T) {
	for _, number := range []uint64{1, 1 << 40, FirstCrashNumber, LastNumber} {
		datagram, status, items := sealedSample(number)
		h, err := ParseSealedHeader(datagram)
		if err != nil || h.Answer || h.ID != sealedKey.ID() || h.Boot != sealedBoot || h.Number != number || !IsSealed(datagram) {
			t.Fatalf("header %+v, %v", h, err)
		}
		got, sealed, err := NewOpener(&sealedKey, &sealedBoot).Open(nil, datagram)
		if err != nil || got != status {
			t.Fatalf("status %+v, %v; want %+v", got, err, status)
		}
		if read := readItems(t, sealed); !slices.EqualFunc(read, items, sameItem) {
			t.Errorf("items %+v\nwant %+v", read, items)
		}
	}
}

// TestSealedWithAnyByteFlipped: nothing of it is believed.
func TestSealedWithAnyByteFlipped(t *testing.T) {
	datagram, _, _ := sealedSample(7)
	o := NewOpener(&sealedKey, &sealedBoot)
	for i := range datagram {
		for bit := range 8 {
			flipped := bytes.Clone(datagram)
			flipped[i] ^= 1 << bit
			if _, _, err := o.Open(nil, flipped); err == nil {
				t.Fatalf("byte %d, bit %d flipped, and it is believed", i, bit)
			}
		}
	}
	for n := range datagram {
		if _, _, err := o.Open(nil, datagram[:n]); err == nil {
			t.Fatalf("cut to %d bytes, and it is believed", n)
		}
	}
	if _, _, err := o.Open(nil, append(bytes.Clone(datagram), 0)); !errors.Is(err, ErrForged) {
		t.Errorf("a byte longer: %v", err)
	}
}

func TestSealedForAnotherKeyBootOrDirection(t *testing.T) {
	datagram, _, _ := sealedSample(7)
	otherKey, otherBoot := sealedKey, sealedBoot
	otherKey[31]++
	otherBoot[0]++
	if _, _, err := NewOpener(&otherKey, &sealedBoot).Open(nil, datagram); !errors.Is(err, ErrForged) {
		t.Errorf("another key: %v", err)
	}
	if _, _, err := NewOpener(&sealedKey, &otherBoot).Open(nil, datagram); !errors.Is(err, ErrForged) {
		t.Errorf("another boot: %v", err)
	}
	answer := NewOpener(&sealedKey, &sealedBoot).AppendAnswer(nil, &Answer{Number: 1})
	if _, _, err := NewOpener(&sealedKey, &sealedBoot).Open(nil, answer); !errors.Is(err, ErrForged) {
		t.Errorf("an answer as records: %v", err)
	}
	if _, err := NewSealer(&sealedKey, &sealedBoot).OpenAnswer(datagram); !errors.Is(err, ErrForged) {
		t.Errorf("records as an answer: %v", err)
	}
}

func TestAnswerSaysWhatWasSaid(t *testing.T) {
	s, o := NewSealer(&sealedKey, &sealedBoot), NewOpener(&sealedKey, &sealedBoot)
	want := Answer{Session: [BootSize]byte([]byte("session of a day")), Number: 9, Heard: 77, Upto: 40, Runs: MaxWanted}
	for i := range want.Wanted {
		want.Wanted[i] = Run{uint64(41 + 3*i), uint64(42 + 3*i)}
	}
	sealed := o.AppendAnswer([]byte("before"), &want)
	sealed = sealed[len("before"):]
	if len(sealed) > MaxSealed {
		t.Errorf("%d bytes", len(sealed))
	}
	if !s.IsAnswer(sealed) {
		t.Error("it is not known as an answer")
	}
	for i := range sealed {
		flipped := bytes.Clone(sealed)
		flipped[i] ^= 0x40
		if _, err := s.OpenAnswer(flipped); err == nil {
			t.Fatalf("byte %d flipped, and it is believed", i)
		}
	}
	got, err := s.OpenAnswer(sealed)
	if err != nil || got != want {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
}

func TestAnswerThatIsNotNewer(t *testing.T) {
	a, b := [BootSize]byte{1}, [BootSize]byte{2}
	for _, tt := range []struct {
		name        string
		now, before Answer
		newer       bool
	}{
		{"the first", Answer{Session: a, Number: 1}, Answer{}, true},
		{"the next", Answer{Session: a, Number: 2, Heard: 5}, Answer{Session: a, Number: 1, Heard: 5}, true},
		{"a copy", Answer{Session: a, Number: 2}, Answer{Session: a, Number: 2}, false},
		{"late", Answer{Session: a, Number: 1}, Answer{Session: a, Number: 2}, false},
		{"of a new session", Answer{Session: b, Number: 1, Heard: 6}, Answer{Session: a, Number: 9, Heard: 5}, true},
		{"of an old session", Answer{Session: b, Number: 99, Heard: 5}, Answer{Session: a, Number: 1, Heard: 5}, false},
	} {
		if tt.now.Newer(&tt.before) != tt.newer {
			t.Errorf("%s: newer is %v", tt.name, !tt.newer)
		}
	}
}

func TestSealingAllocatesNothing(t *testing.T) {
	s, o := NewSealer(&sealedKey, &sealedBoot), NewOpener(&sealedKey, &sealedBoot)
	buf, plain, answer := make([]byte, 0, MaxSealed), make([]byte, 0, MaxSealed), make([]byte, 0, MaxSealed)
	r := Record{Level: 6, Text: bytes.Repeat([]byte("x"), 100)}
	var status Status
	number := uint64(0)
	if n := testing.AllocsPerRun(100, func() {
		number++
		b := s.Begin(buf)
		for s.Items(b)+RecordItemSize(&r) <= MaxSealed-SealedOverhead {
			b = AppendRecordItem(b, &r)
		}
		b = s.Seal(b, number, &status)
		if len(b) > MaxSealed {
			t.Errorf("%d bytes", len(b))
		}
		if _, _, err := o.Open(plain, b); err != nil {
			t.Error(err)
		}
		if _, err := s.OpenAnswer(o.AppendAnswer(answer, &Answer{Number: number})); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestWindow: every number is fresh once, whatever their order, and what is too old to tell never.
func TestWindow(t *testing.T) {
	var w Window
	seen := map[uint64]bool{}
	random := rand.New(rand.NewPCG(1, 2))
	top := uint64(0)
	for range 200_000 {
		n := top + 1 + random.Uint64N(40)
		if back := random.Uint64N(2 * WindowSize); random.IntN(3) > 0 && back < n {
			n -= back
		}
		if random.IntN(5000) == 0 {
			n = top + random.Uint64N(10*WindowSize)
		}
		want := n > 0 && !seen[n] && (n > top || top-n < WindowSize)
		if w.Fresh(n) != want {
			t.Fatalf("number %d, newest %d: fresh is %v", n, top, !want)
		}
		if want {
			w.Take(n)
			seen[n], top = true, max(top, n)
		}
	}
	w.Take(FirstCrashNumber)
	if w.Fresh(top) || w.Fresh(FirstCrashNumber) || !w.Fresh(FirstCrashNumber+1) || !w.Fresh(LastNumber) {
		t.Error("the numbers of a crash are not above all others")
	}
	w.Take(LastNumber)
	if w.Fresh(LastNumber) || !w.Fresh(FirstCrashNumber+1) || w.Top() != FirstCrashNumber {
		t.Error("the last number is not one of its own")
	}
}

func TestParseKey(t *testing.T) {
	k, err := ParseKey("000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F")
	if err != nil || k[1] != 1 || k[31] != 31 {
		t.Errorf("%v, %v", k, err)
	}
	for _, bad := range []string{"", "00", "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1", "g00102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"} {
		if k, err := ParseKey(bad); !errors.Is(err, ErrKey) || k != (Key{}) {
			t.Errorf("%q: %v, %v", bad, k, err)
		}
	}
}

func FuzzNextItem(f *testing.F) {
	datagram, _, _ := sealedSample(7)
	_, items, _ := NewOpener(&sealedKey, &sealedBoot).Open(nil, datagram)
	f.Add(bytes.Clone(items))
	f.Add([]byte{1, 0, 20})
	f.Fuzz(func(t *testing.T, b []byte) {
		for len(b) > 0 {
			item, rest, err := NextItem(b)
			if err != nil {
				return
			}
			if len(rest) >= len(b) || item.First > item.Last || len(item.Record.Text)+len(item.Record.Dict) > len(b) {
				t.Fatalf("%+v of %q", item, b)
			}
			b = rest
		}
	})
}

// FuzzAnswer: whatever an answer holds, it is sealed genuinely: what its log host can make of it.
func FuzzAnswer(f *testing.F) {
	f.Add(make([]byte, answerFields))
	f.Add((&Answer{Runs: 2, Wanted: [MaxWanted]Run{{1, 2}, {4, 9}}}).append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var a Answer
		if a.parse(b) != nil {
			return
		}
		if again := a.append(nil); a.Runs > MaxWanted || !bytes.HasPrefix(b, again) {
			t.Fatalf("%+v of %x", a, b)
		}
	})
}
