package source

import (
	"strings"
	"testing"
	"time"
)

// TestPieceOfAMessageThatCameLongAgo: a copy of a fragment that a busy machine kept for seconds does not look like another
// boot, and what it was a piece of is shown once.
func TestPieceOfAMessageThatCameLongAgo(t *testing.T) {
	long := strings.Repeat("y", 2500)
	pieces := fragmentsOf(extended(6, 1, long))
	j := new(journal)
	table := NewTable(j, Options{})
	say := func(at time.Duration, datagrams ...string) {
		for _, d := range datagrams {
			table.Datagram(&Datagram{At: start.Add(at), From: sender, Data: []byte(d), Size: len(d)})
		}
	}
	say(0, extended(6, 0, "a"))
	say(0, pieces...)
	say(0, extended(6, 2, "b"))
	say(2*duplicateWindow, pieces[1])
	table.Tick(start.Add(2*duplicateWindow + FragmentWindow))
	say(3*duplicateWindow, extended(6, 3, "c"))
	settle(t, table, start.Add(4*duplicateWindow))
	expect(t, "records", j.lines, "0 a", "1 "+long, "2 b", "3 c")
}
