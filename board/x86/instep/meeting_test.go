package instep

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// counters are those of two processors, the second one ahead by so much.
type counters struct {
	now   atomic.Uint64
	ahead atomic.Uint64
}

func (c *counters) first() uint64  { return c.now.Add(1) }
func (c *counters) second() uint64 { return c.now.Add(1) + c.ahead.Load() }

func patient() bool { runtime.Gosched(); return true }

func TestMeeting(t *testing.T) {
	const far = 1 << 40
	for _, tt := range []struct {
		name        string
		ahead       uint64
		correctable bool
		want        Outcome
	}{
		{"in step", 0, true, InStep},
		{"far ahead", far, true, Corrected},
		{"far behind", 1<<64 - far, true, Corrected},
		{"a little ahead", 100_000, true, Corrected},
		{"in step, nothing to correct it by", 0, false, InStep},
		{"ahead, nothing to correct it by", far, false, Apart},
		{"behind, nothing to correct it by", 1<<64 - far, false, Apart},
	} {
		var m Meeting
		c := counters{}
		c.now.Store(1 << 50)
		c.ahead.Store(tt.ahead)
		goesOn := make(chan bool)
		go func() {
			m.Answer(c.second, func(ahead uint64) { c.ahead.Add(-ahead) }, runtime.Gosched)
			goesOn <- true
		}()
		got := m.Ask(c.first, tt.correctable, patient)
		if got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if got == Apart {
			select {
			case <-goesOn:
				t.Errorf("%s: it goes on", tt.name)
			default:
			}
			m.phase.Store(over)
		}
		<-goesOn
		if left := int64(c.ahead.Load()); got == Corrected && (left < -50_000 || left > 50_000) {
			t.Errorf("%s: %d are left", tt.name, left)
		}
	}
}

func TestCounterThatCannotBeCorrected(t *testing.T) {
	var m Meeting
	c := counters{}
	c.ahead.Store(1 << 40)
	go m.Answer(c.second, func(uint64) {}, runtime.Gosched)
	if got := m.Ask(c.first, true, patient); got != Apart {
		t.Errorf("a counter that stays where it is is %v, want %v", got, Apart)
	}
	m.phase.Store(over)
}

func TestNobodyComes(t *testing.T) {
	var m Meeting
	looks := 0
	patient := func() bool { looks++; return looks < 1000 }
	if got := m.Ask(new(counters).first, true, patient); got != Absent || looks != 1000 {
		t.Errorf("%v after %d looks", got, looks)
	}
	// One that comes and does not answer.
	looks = 0
	m.phase.Store(there)
	if got := m.Ask(new(counters).first, true, patient); got != Absent || looks != 1000 {
		t.Errorf("%v after %d looks at one that is there", got, looks)
	}
}

// TestMeetingOfRealCounters: two goroutines with one clock are in step.
func TestMeetingOfRealCounters(t *testing.T) {
	began := time.Now()
	clock := func() uint64 { return uint64(time.Since(began)) }
	for range 20 {
		var m Meeting
		go m.Answer(clock, func(uint64) {}, runtime.Gosched)
		if got := m.Ask(clock, true, patient); got != InStep {
			t.Fatalf("%v, want %v", got, InStep)
		}
	}
}
