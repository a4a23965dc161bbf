package queue

import (
	"net/netip"
	"strings"
	"testing"

	"gasp/internal/source"
)

// TestFloodTakesNoRoomFromSettledSenders: what invented senders say fills half of a queue whose sink stalls, and not
// more, neither with records nor with reports; what is settled still finds the rest.
func TestFloodTakesNoRoomFromSettledSenders(t *testing.T) {
	s := new(teller)
	s.held.Lock()
	const limit = 1 << 20
	q := New(s, Options{Limit: limit})
	text := strings.Repeat("x", 1000)
	const count = limit / 1000
	for i := range count {
		r := numbered(uint64(i), text)
		r.From = source.Origin{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, byte(i >> 8), byte(i)}), 6665)}
		q.Record(r)
		q.CrashBegin(&source.Crash{ID: uint64(i), From: r.From})
	}
	if w := q.Waiting(); w > limit/2+count*noteSize || w < limit/4 {
		t.Errorf("%d bytes of invented senders wait, want about %d", w, limit/2)
	}
	if q.Lost() == 0 {
		t.Error("nothing was left out")
	}
	before := q.Lost()
	const settled = 50 // with a note for each invented sender that was left out, if those are made already, they fill less than three quarters
	for i := range settled {
		q.Record(numbered(uint64(i), text))
	}
	if q.Lost() != before {
		t.Errorf("%d records of a settled sender were left out", q.Lost()-before)
	}
	s.held.Unlock()
	q.Close(patience)
	shown := 0
	for _, line := range s.lines {
		if strings.HasPrefix(line, "record ") {
			shown++
		}
	}
	if shown <= settled {
		t.Errorf("%d records were handed on", shown)
	}
}
