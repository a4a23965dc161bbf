package calibrate

import (
	"math"
	"math/rand/v2"
	"testing"
)

const (
	tscHz  = 2_900_000_000
	apicHz = 1_000_000_000
	access = 800 // ns that a port or register takes

	pitHz  = 1_193_182
	hpetHz = 100_000_000
)

// emulated is a machine that runs for a time slice, then waits for its next one.
type emulated struct {
	random   *rand.Rand
	slice    int64 // ns
	pause    int64 // ns at the most
	now, end int64 // ns; end of the slice
	began    int64 // the timers did
	dead     bool  // the reference does not count
	hz       uint64
}

// step takes ns, and perhaps a pause.
func (e *emulated) step(ns int64) {
	if e.now += ns; e.now > e.end && e.slice > 0 {
		e.now += e.random.Int64N(e.pause)
		e.end = e.now + e.slice/2 + e.random.Int64N(e.slice)
	}
}

func (e *emulated) tsc() uint64 {
	e.step(10)
	return uint64(float64(e.now) * tscHz / 1e9)
}

func (e *emulated) Restart() {
	e.step(3 * access)
	e.began = e.now
}

func (e *emulated) Hz() uint64 { return e.hz }

func (e *emulated) Look() (l Look) {
	l.Before = e.tsc()
	e.step(access)
	counts := int64(float64(e.now-e.began) * float64(e.hz) / 1e9)
	if e.dead {
		counts = 0
	}
	l.Reference, l.Over = uint32(counts), counts > 0xffff && e.hz == pitHz
	e.step(3 * access)
	l.APIC = math.MaxUint32 - uint32(float64(e.now-e.began)*apicHz/1e9)
	e.step(access)
	l.After = e.tsc()
	return l
}

// TestMeasureOfAMachineThatIsStopped: however busy the host is, the clock goes right to half a percent.
func TestMeasureOfAMachineThatIsStopped(t *testing.T) {
	for name, e := range map[string]emulated{
		"never":           {},
		"now and then":    {slice: 20e6, pause: 100e6},
		"most of a time":  {slice: 3e6, pause: 60e6},
		"nearly always":   {slice: 1e6, pause: 40e6},
		"for a long time": {slice: 30e6, pause: 2e9},
	} {
		for seed := range uint64(200) {
			e.hz = [...]uint64{pitHz, hpetHz}[seed%2]
			e.random, e.now, e.end = rand.New(rand.NewPCG(seed, 1)), 1e9, 1e9
			r, ok := Measure(&e)
			tsc, apic := math.Abs(float64(r.TSC)/tscHz-1), math.Abs(float64(r.APIC)/apicHz-1)
			if !ok || tsc > 0.005 || apic > 0.005 {
				t.Errorf("stopped %s, seed %d: %+v, %v", name, seed, r, ok)
			}
		}
	}
}

func TestMeasureWithoutReference(t *testing.T) {
	if r, ok := Measure(&emulated{dead: true, hz: hpetHz}); ok {
		t.Errorf("without a reference the rates are %+v", r)
	}
}
