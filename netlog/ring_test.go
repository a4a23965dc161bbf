package netlog

import (
	"strings"
	"testing"
)

func (r *ring) put(t *testing.T, text string) uint64 {
	t.Helper()
	seq, ok := r.reserve()
	if !ok {
		t.Fatal("the ring has no slot")
	}
	r.fill(seq, 0, Info, false, []byte(text))
	r.commit(seq)
	return seq
}

func TestRingNumbersRecordsByPosition(t *testing.T) {
	r := &ring{spare: Records - 8}
	for want := range uint64(20) {
		if seq := r.put(t, "x"); seq != want {
			t.Fatalf("record has number %d, want %d", seq, want)
		}
	}
	var s slot
	for seq := range uint64(20) {
		if got, want := r.read(seq, &s), seq >= 12; got != want {
			t.Errorf("record %d readable: %v, want %v", seq, got, want)
		}
	}
	if r.state(20) != absent || r.state(11) != gone {
		t.Errorf("states of 20 and 11 are %d and %d, want absent and gone", r.state(20), r.state(11))
	}
}

func TestRingStopsAtARecordBeingWritten(t *testing.T) {
	r := &ring{spare: Records - 8}
	var s sink
	r.put(t, "before")
	held, _ := r.reserve()
	r.put(t, "after")
	if !s.take(r, 8) {
		t.Fatal("the first record cannot be taken")
	}
	s.handed()
	if s.take(r, 8) {
		t.Fatalf("took %q past a record that is being written", s.record.text[:s.record.length])
	}
	r.fill(held, 0, Info, false, []byte("held"))
	r.commit(held)
	for _, want := range []string{"held", "after"} {
		if !s.take(r, 8) || string(s.record.text[:s.record.length]) != want {
			t.Fatalf("took %q, want %q", s.record.text[:s.record.length], want)
		}
		s.handed()
	}
	if s.lost.Load() != 0 {
		t.Errorf("%d records count as lost, want none", s.lost.Load())
	}
}

// A writer held up for more than a turn of the ring must not scribble over what
// others wrote meanwhile.
func TestRingWriterHeldUpForATurn(t *testing.T) {
	r := &ring{spare: Records - 4}
	held, _ := r.reserve()
	for range 3 * 4 {
		r.put(t, strings.Repeat("n", 50))
	}
	r.fill(held, 0, Info, false, []byte(strings.Repeat("o", 50)))
	r.commit(held)
	r.put(t, "end")
	var s sink
	var got []string
	for s.take(r, 8) {
		got = append(got, string(s.record.text[:s.record.length]))
		s.handed()
	}
	for _, text := range got[:len(got)-1] {
		if text != strings.Repeat("n", 50) {
			t.Errorf("a record reads %q", text)
		}
	}
	if got[len(got)-1] != "end" {
		t.Errorf("last record reads %q, want end", got[len(got)-1])
	}
	if total := s.lost.Load() + uint64(len(got)); total != r.head.Load() {
		t.Errorf("%d read and %d lost, of %d numbers", len(got), s.lost.Load(), r.head.Load())
	}
}

// A number given up because of such a writer does not stop the reader.
func TestRingReaderPassesByNumbersGivenUp(t *testing.T) {
	r := &ring{spare: Records - 4}
	r.reserve()
	for range 6 {
		r.put(t, "x")
	}
	var s sink
	n := 0
	for s.take(r, 8) {
		n++
		s.handed()
	}
	if n != 3 || s.next.Load() != r.head.Load() || s.lost.Load() != r.head.Load()-3 {
		t.Errorf("%d read, %d lost, reader stands at %d of %d", n, s.lost.Load(), s.next.Load(), r.head.Load())
	}
}

func TestRingWithoutAFreeSlotDrops(t *testing.T) {
	l := New(4)
	for range 4 {
		l.ring.reserve()
	}
	l.Log(Info, "no room")
	if got := l.Stats().Dropped; got != 1 {
		t.Errorf("%d records count as dropped, want 1", got)
	}
}

func TestRingLateClaimIsGivenUp(t *testing.T) {
	r := &ring{spare: Records - 4}
	late := r.head.Add(1) - 1 // took a number, was held up before its slot
	for range 4 {
		r.put(t, "x")
	}
	if r.claim(late) {
		t.Error("a writer claimed a slot that has a newer record")
	}
	if r.state(late) != gone {
		t.Error("the number of the late writer does not read as gone")
	}
}
