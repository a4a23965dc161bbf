// Package calibrate measures counters against a PC's interval timer, on a machine
// that an emulator or a hypervisor may stop at any instruction.
package calibrate

import (
	"math"
	"math/bits"
)

// IntervalHz is how fast the interval timer counts down.
const IntervalHz = 1193182

// A Look is one reading of all counters. The time stamp counter is read around it:
// as long as that took, so wrong can it be.
type Look struct {
	Before, After uint64 // of the time stamp counter
	Interval      uint16 // of the interval timer
	APIC          uint32 // of the local APIC's timer, which counts down too
	Over          bool   // the interval timer has come to its end, and counts on from the top
}

func (l *Look) width() uint64 { return l.After - l.Before }

// A Machine is what is measured.
type Machine interface {
	Restart() // interval timer and APIC timer count from their top
	Look() Look
}

// Rates are counts a second.
type Rates struct{ TSC, APIC uint64 }

const (
	span        = IntervalHz / 100 // counts at the least between two looks that are compared: 10 ms
	firstLooks  = 8                // of which the shortest is the beginning
	maxLooks    = 1_000_000
	maxAttempts = 40 // of 55 ms at the most
	wanted      = 3  // good ones, of which the median counts
	// A look is good that took no longer than a few of the shortest: the machine was
	// not stopped in it.
	goodWidth = 4
)

// Measure tells the rates; false if there is no interval timer. The machine may be
// stopped between looks: only what is inside one makes it worse.
func Measure(m Machine) (r Rates, ok bool) {
	a := attempts{m: m, narrow: math.MaxUint64 / goodWidth, doubt: math.MaxUint64}
	for range maxAttempts {
		if !a.attempt() {
			return Rates{}, false
		}
		if a.n == wanted {
			return a.median(), true
		}
	}
	return a.best, a.best != Rates{}
}

type attempts struct {
	m      Machine
	narrow uint64 // width of the shortest look so far
	good   [wanted]Rates
	n      int
	best   Rates  // of all, good or not
	doubt  uint64 // widths of its looks
}

// attempt ends with a good measurement, or when the interval timer does. It is
// false if that does not count.
func (a *attempts) attempt() bool {
	a.m.Restart()
	from := a.look()
	for range firstLooks - 1 {
		if l := a.look(); l.width() < from.width() {
			from = l
		}
	}
	for range maxLooks {
		l := a.look()
		counts := uint64(from.Interval - l.Interval)
		switch {
		case l.Over, from.Over:
			return true
		case counts < span:
			continue
		}
		r := Rates{rate(l.Before-from.Before, counts), rate(uint64(from.APIC-l.APIC), counts)}
		if r.TSC == 0 || r.APIC == 0 {
			return false
		}
		if doubt := from.width() + l.width(); doubt < a.doubt {
			a.best, a.doubt = r, doubt
		}
		if max(from.width(), l.width()) <= goodWidth*a.narrow {
			a.good[a.n] = r
			a.n++
			return true
		}
	}
	return false
}

func (a *attempts) look() Look {
	l := a.m.Look()
	a.narrow = min(a.narrow, l.width())
	return l
}

func (a *attempts) median() Rates {
	t, p := [wanted]uint64{}, [wanted]uint64{}
	for i, r := range a.good {
		t[i], p[i] = r.TSC, r.APIC
	}
	return Rates{median(t), median(p)}
}

func median(v [wanted]uint64) uint64 {
	lo, hi := min(v[0], v[1]), max(v[0], v[1])
	return max(lo, min(hi, v[2]))
}

// rate is n in so many counts of the interval timer, a second.
func rate(n, counts uint64) uint64 {
	hi, lo := bits.Mul64(n, IntervalHz)
	q, _ := bits.Div64(hi%counts, lo, counts)
	return q
}
