package netlog

import (
	"strings"
	"testing"
	"time"
)

func TestDeviceThatRefusesFramesIsTakenOver(t *testing.T) {
	l, d, c := machineUp(t, 0, nil)
	d.refuse = -1
	d.onTakeOver = func() error { d.refuse = 0; return nil }
	l.Log(Info, "first")
	c.pass(refusalLimit - 10*time.Millisecond)
	l.Poll()
	if d.takenOver != 0 {
		t.Fatalf("taken over after less than %v", refusalLimit)
	}
	c.pass(10 * time.Millisecond)
	l.Log(Info, "second")
	l.Poll()
	if d.takenOver != 1 {
		t.Fatalf("taken over %d times after %v of refusals, want once", d.takenOver, refusalLimit)
	}
	var got []string
	for _, r := range d.records(t) {
		got = append(got, string(r.Text))
	}
	sent := strings.Join(got, "\n")
	if !strings.Contains(sent, "first\nsecond\n"+sayMended) {
		t.Errorf("after that were sent %q, want both records and what happened", got)
	}
	c.pass(10 * refusalLimit)
	l.Poll()
	if d.takenOver != 1 {
		t.Errorf("a device that takes frames again is taken over %d times more", d.takenOver-1)
	}
}

func TestDeviceThatCannotBeMendedIsSaidOnce(t *testing.T) {
	l, d, c := machineUp(t, 0, nil)
	var serial strings.Builder
	l.SetConsole(func(p []byte) { serial.Write(p) })
	d.refuse, d.onTakeOver = -1, func() error { return errRefused }
	for range 5 {
		l.Log(Info, "nobody takes this")
		c.pass(refusalLimit)
		l.Poll()
	}
	if d.takenOver < 4 || strings.Count(serial.String(), sayDead) != 1 {
		t.Errorf("tried %d times and said %d times in 5 periods, want each period and once:\n%s",
			d.takenOver, strings.Count(serial.String(), sayDead), serial.String())
	}
}
