// Package instep finds out whether the time stamp counter of a processor that starts is in step with that of one that runs, and
// has it corrected if it is not. The counters start together, at a reset, but firmware may have changed one since, and those of
// several sockets need not start at once (Linux arch/x86/kernel/tsc_sync.c).
package instep

import "sync/atomic"

// A Meeting is of the processor that runs, which asks, and the one that starts, which answers. It is in memory of both. The zero
// value is ready for one.
type Meeting struct {
	phase   atomic.Uint32
	counter uint64 // of the one that starts
	ahead   uint64 // what that is to subtract from its counter
}

// Phases, each ended by the other one of the two.
const (
	nobody  uint32 = iota
	there          // the one that starts has come, or has answered what it was asked
	asked          // how its counter stands
	told           // that
	correct        // it is to correct its counter
	over           // it may go on
)

// rounds is how often it is asked: the quickest answer finds the smallest difference.
const rounds = 8

// Outcome is what became of a meeting.
type Outcome uint8

const (
	// Absent means that the processor that was to start did not come, or did not answer.
	Absent Outcome = iota
	// InStep means that the counter stood, each time, where it had to between question and answer.
	InStep
	// Corrected means that it does so now.
	Corrected
	// Apart means that it does not.
	Apart
)

// Answer is for the processor that starts. It returns once that may go on; never, if nobody asks, or the counters stay apart. A
// counter must be read in its place between question and answer. subtract sets the counter back, modulo 1<<64; relax is called
// while it waits.
func (m *Meeting) Answer(counter func() uint64, subtract func(ahead uint64), relax func()) {
	m.phase.Store(there)
	for {
		switch m.phase.Load() {
		case asked:
			m.counter = counter()
			m.phase.Store(told)
		case correct:
			subtract(m.ahead)
			m.phase.Store(there)
		case over:
			return
		default:
			relax()
		}
	}
}

// Ask is for the processor that runs. correctable tells that subtract of the other one does something. It waits as long as patient says.
func (m *Meeting) Ask(counter func() uint64, correctable bool, patient func() bool) Outcome {
	good := InStep
	for n := 0; n < rounds; n++ {
		before, ok := m.question(counter, patient)
		if !ok {
			return Absent
		}
		after := counter()
		if m.counter-before <= after-before {
			continue
		}
		if !correctable || good == Corrected {
			return Apart
		}
		good, n = Corrected, -1 // and ask all of it again
		m.ahead = m.counter - before - (after-before)/2
		m.phase.Store(correct)
	}
	m.phase.Store(over)
	return good
}

// question waits until the other one is there, asks, and waits for the answer.
func (m *Meeting) question(counter func() uint64, patient func() bool) (before uint64, ok bool) {
	for p := m.phase.Load(); p != there && p != told; p = m.phase.Load() {
		if !patient() {
			return 0, false
		}
	}
	before = counter()
	m.phase.Store(asked)
	for m.phase.Load() != told {
		if !patient() {
			return 0, false
		}
	}
	return before, true
}
