package source

import (
	"fmt"
	"slices"
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

// TestUnsentRecordsComeAgainLongAfter: a machine that does not know whether its device sent the last records before the crash
// sends them behind the headline, however long ago they were sent first. What the headline does not count as unsent, and
// comes again so late, is of another boot all the same.
func TestUnsentRecordsComeAgainLongAfter(t *testing.T) {
	const lines = 3
	crash := report(bootA, extended, lines, 0) // of number 10; 7 to 9 are unsent
	for _, c := range []struct {
		name string
		more string
	}{
		{name: "as it is"},
		{name: "and one that was not unsent", more: extended(6, 6, "before 6")},
	} {
		j := new(journal)
		table := NewTable(j, Options{})
		now := start
		say := func(d string) {
			table.Datagram(&Datagram{At: now, From: sender, Data: []byte(d), Size: len(d)})
		}
		var want []string
		for seq := uint64(0); seq < 10; seq++ {
			say(extended(6, seq, fmt.Sprint("before ", seq)))
			want = append(want, fmt.Sprint(seq, " before ", seq))
		}
		now = now.Add(3 * duplicateWindow)
		say(crash[0])
		if c.more != "" {
			say(c.more)
		}
		for _, d := range crash[1:] {
			say(d)
		}
		settle(t, table, now)
		verdict := fmt.Sprintf("crash report complete: %d records", lines+2)
		whole := slices.Contains(j.lines, verdict) && !slices.ContainsFunc(j.lines, func(line string) bool { return strings.Contains(line, "rebooted") })
		if whole != (c.more == "") {
			t.Errorf("%s: %s", c.name, strings.Join(j.lines, "\n"))
		}
		for _, line := range want {
			if n := len(j.lines) - len(slices.DeleteFunc(slices.Clone(j.lines), func(l string) bool { return l == line })); whole && n != 1 {
				t.Errorf("%s: %q is shown %d times", c.name, line, n)
			}
		}
	}
}
