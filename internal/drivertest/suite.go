// Package drivertest is the tests that the drivers of devices with descriptor rings have in common: each driver's own
// tests run them on the models of its devices, and add what is its own.
package drivertest

import (
	"reflect"
	"strings"
	"testing"
)

// Suite is a driver as its tests see it. The methods whose names begin with Test are the tests.
type Suite struct {
	Errors
	// Kinds are the models that the tests run on. One that needs many devices runs on the first alone.
	Kinds []Kind
	// Ring is how many descriptors the ordinary transmit ring has, Reserved how many that of TakeOver.
	Ring, Reserved int
	// Held is how many frames the ordinary receive ring takes.
	Held int
	// LostMost is how many frames can be lost at once.
	LostMost int
	// Slack is how many frames that are done the driver may not have taken back yet.
	Slack int
	// FrameTime is how many nanoseconds a full frame takes on the wire.
	FrameTime int64
	// Steps are those of Inside.TransmitSteps from which on a frame is written, may have been seen, and has been told of.
	Steps Stores
	// Bounds are those of the driver's waits.
	Bounds Bounds
	// Stride is from a register access before which a method is stopped to the next.
	Stride func(access int) int
}

// Stores are places in a list of steps.
type Stores struct{ Written, Seen, Told int }

// Kind is one model.
type Kind struct {
	Name string
	// Alike is one whose rings are those of another, which stands for it where tests take long.
	Alike bool
	// Open makes a model and the driver on it.
	Open func(t testing.TB) *Bench
}

// Errors are the driver's.
type Errors struct {
	FrameSize, BufferSize, RingFull, Stuck, NotReady, Absent, Reset error
}

// Run runs every test.
func (s *Suite) Run(t *testing.T) {
	v := reflect.ValueOf(s)
	for i := range v.NumMethod() {
		name := v.Type().Method(i).Name
		if test, ok := v.Method(i).Interface().(func(*testing.T)); ok && strings.HasPrefix(name, "Test") {
			t.Run(strings.TrimPrefix(name, "Test"), test)
		}
	}
}

// onEach runs a test on each kind, and checks at its end that the driver did
// nothing that the manual forbids.
func (s *Suite) onEach(t *testing.T, test func(b *Bench)) {
	t.Helper()
	for _, k := range s.Kinds {
		t.Run(k.Name, func(t *testing.T) {
			b := k.Open(t)
			test(b)
			b.Obeyed()
		})
	}
}

// first is the driver on the first kind.
func (s *Suite) first(t testing.TB) *Bench { return s.Kinds[0].Open(t) }

// onEachFault runs a test with each kind, and what gives one with each of its faults, to be set.
func (s *Suite) onEachFault(t *testing.T, of func(b *Bench) []Fault, test func(open func() (*Bench, Fault))) {
	t.Helper()
	for _, k := range s.Kinds {
		for i, f := range of(k.Open(t)) {
			t.Run(k.Name+" that "+f.Name, func(t *testing.T) {
				test(func() (*Bench, Fault) {
					b := k.Open(t)
					return b, of(b)[i]
				})
			})
		}
	}
}
