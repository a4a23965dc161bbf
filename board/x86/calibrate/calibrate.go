// Package calibrate measures counters against one whose rate is known, on a machine
// that an emulator or a hypervisor may stop at any instruction.
package calibrate

import (
	"math"
	"math/bits"
)

// A Look is one reading of all counters. The time stamp counter is read around it:
// as long as that took, so wrong can it be.
type Look struct {
	Before, After uint64 // of the time stamp counter
	Reference     uint32 // of the counter whose rate is known, which counts up
	APIC          uint32 // of the local APIC's timer, which counts down
	Over          bool   // the reference has come to its end, and what it counts is not to be used
}

func (l *Look) width() uint64 { return l.After - l.Before }

// A Machine is what is measured.
type Machine interface {
	Restart() // reference and APIC timer count anew
	Look() Look
	Hz() uint64 // counts a second of the reference
}

// Rates are counts a second.
type Rates struct{ TSC, APIC uint64 }

const (
	spans       = 100 // a second: two looks that are compared are 10 ms apart at the least
	firstLooks  = 8   // of which the shortest is the beginning
	maxLooks    = 1_000_000
	maxAttempts = 40
	wanted      = 3 // good ones, of which the median counts
	// A look is good that took no longer than a few of the shortest: the machine was
	// not stopped in it.
	goodWidth = 4
)

// Measure tells the rates; false if the reference does not count. The machine may be
// stopped between looks: only what is inside one makes it worse.
func Measure(m Machine) (r Rates, ok bool) {
	a := attempts{m: m, hz: m.Hz(), narrow: math.MaxUint64 / goodWidth, doubt: math.MaxUint64}
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
	hz     uint64 // of the reference
	narrow uint64 // width of the shortest look so far
	good   [wanted]Rates
	n      int
	best   Rates  // of all, good or not
	doubt  uint64 // widths of its looks
}

// attempt ends with a good measurement, or when the reference does. It is
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
		counts := uint64(l.Reference - from.Reference)
		switch {
		case l.Over, from.Over, counts > a.hz: // the APIC timer comes to its end, too
			return true
		case counts < a.hz/spans:
			continue
		}
		r := Rates{a.rate(l.Before-from.Before, counts), a.rate(uint64(from.APIC-l.APIC), counts)}
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

// rate is n in so many counts of the reference, a second.
func (a *attempts) rate(n, counts uint64) uint64 {
	hi, lo := bits.Mul64(n, a.hz)
	q, _ := bits.Div64(hi%counts, lo, counts)
	return q
}
