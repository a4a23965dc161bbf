package qemu

import (
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// withoutPIT is a machine whose watchdog has to do with the high precision timer.
var withoutPIT = Combination{Type: "q35", NIC: "e1000", Extra: []string{"-machine", "pit=off"}}

// TestHangWithoutIntervalTimer: a machine without an interval timer notices a hang, too.
func TestHangWithoutIntervalTimer(t *testing.T) {
	t.Parallel()
	w := &Wire{}
	boot(t, withoutPIT, w, knownStation("")+" panic=-1 gasp.watchdog=2 gasp.crash=hang").Wait()
	if cause := string(reportOf(t, w.Datagrams(), wire.Crash).Headline.Cause); !strings.Contains(cause, "hard lockup") {
		t.Errorf("the machine died of %q", cause)
	}
}

// TestTicksOfALongTime: the high precision timer interrupts when 32 bits of its counter are over, which is no tick and
// nobody's button. QEMU's counts to there in 43 s.
func TestTicksOfALongTime(t *testing.T) {
	t.Parallel()
	const turn, wait = (1 << 32) * 10 * time.Nanosecond, 5 * time.Second
	w := &Wire{}
	m := Machine{Type: withoutPIT.Type, NIC: withoutPIT.NIC, Extra: withoutPIT.Extra, Wire: w, Deadline: 2 * (turn + wait),
		Cmdline: knownStation("") + " panic=-1 gasp.run=100000"}
	r := bootMachine(t, m)
	waitFor(t, "a line", func() bool { return contains(w.Datagrams(), "alive") })
	select {
	case <-r.ended:
		t.Errorf("the machine has ended: %q", reportOf(t, w.Datagrams(), wire.Crash).Headline.Cause)
	case <-time.After(turn + wait):
	}
}
