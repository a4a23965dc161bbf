package qemu

import (
	"testing"
	"time"
)

// TestUptime: only the basic format's prefix is a time.
func TestUptime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"[    0.034792] eth0: up": 34792 * time.Microsecond, "[12345.000001] x": 12345*time.Second + time.Microsecond,
		"6,1,34792,-;eth0: up": -1, "[x] y": -1, "[1.5]": -1, "1.5] y": -1, "": -1,
	} {
		got, ok := uptime([]byte(text))
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
}

// TestCountFirstFrame: QEMU's e1000 takes nothing in its first second, in which the CPU executes next to nothing: what is
// executed and what the clock says differ.
func TestCountFirstFrame(t *testing.T) {
	f, err := CountFirstFrame(t.Context(), image(t), CountMachine, true)
	if err != nil {
		t.Fatal(err)
	}
	if f.Clock < int(time.Second) || f.Executed < 1_000_000 || f.Executed > f.Clock/2 {
		t.Errorf("to the first frame: %+v", f)
	}
}
