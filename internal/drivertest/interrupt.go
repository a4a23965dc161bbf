package drivertest

import (
	"fmt"
	"testing"
)

// onEachInterrupting is onEach where the device may interrupt.
func (s *Suite) onEachInterrupting(t *testing.T, test func(b *Bench)) {
	t.Helper()
	s.onEach(t, func(b *Bench) {
		b.Interrupting()
		test(b)
	})
}

func (s *Suite) TestFrameInterruptsOnceItIsEnabled(t *testing.T) {
	s.onEachInterrupting(t, func(b *Bench) {
		f := Numbered(60, 1)
		b.Inject(f)
		if b.Asserted() {
			t.Fatal("New leaves interrupts enabled")
		}
		b.take()
		for range 100 {
			if b.EnableInterrupt() {
				t.Fatal("a frame is said to wait after all were taken")
			}
			if b.Asserted() {
				t.Fatal("a frame that was taken interrupts")
			}
			if !b.Inject(f) || !b.Asserted() {
				t.Fatal("a frame does not interrupt")
			}
			if !b.Interrupted() {
				t.Fatal("the interrupt is not the device's")
			}
			if b.Asserted() {
				t.Fatal("the line stays asserted")
			}
			b.Inject(f)
			if b.Asserted() || b.Interrupted() && b.Unmasked() != 0 {
				t.Fatal("a second frame interrupts although that is masked")
			}
			if n := b.take(); n != 2 {
				t.Fatalf("%d frames waited, want 2", n)
			}
		}
		b.Works("after interrupts")
	})
}

// TestNoFrameIsMissedBehindPostedWrites lets a frame arrive just behind EnableInterrupt, which may not leave writes on their way that clear its event.
func (s *Suite) TestNoFrameIsMissedBehindPostedWrites(t *testing.T) {
	s.onEachInterrupting(t, func(b *Bench) {
		*b.Posted = true
		for i := range 10 {
			waiting := b.EnableInterrupt()
			if !b.Inject(Numbered(60, i)) {
				b.Fatal("no frame came")
			}
			b.Elapse(1)
			if waiting || !b.Asserted() {
				b.Fatal("a frame that comes behind the look does not interrupt")
			}
			b.Interrupted()
			if n := b.take(); n != 1 {
				b.Fatalf("%d frames waited, want 1", n)
			}
		}
		*b.Posted = false
	})
}

func (s *Suite) TestInterruptOfAnotherDevice(t *testing.T) {
	s.onEachInterrupting(t, func(b *Bench) {
		b.EnableInterrupt()
		if b.Interrupted() {
			t.Error("an interrupt without a cause is said to be the device's")
		}
		*b.AllOnes = true
		if b.Interrupted() {
			t.Error("a device that is gone is said to interrupt")
		}
	})
}

// TestNoFrameIsMissed lets a frame arrive at each register access of EnableInterrupt: it is told, or interrupts.
func (s *Suite) TestNoFrameIsMissed(t *testing.T) {
	s.onEachInterrupting(t, func(b *Bench) {
		for at := 0; at <= 4; at++ {
			from := *b.Accesses
			*b.OnAccess = func(n int) {
				if n == from+at {
					b.Inject(Numbered(60, at))
				}
			}
			waiting := b.EnableInterrupt()
			*b.OnAccess = nil
			arrived := b.take() > 0
			if arrived && !waiting && !b.Asserted() {
				t.Errorf("a frame that comes at access %d neither interrupts nor is told", at)
			}
			if !arrived && at > 0 && at <= 2 {
				t.Errorf("no frame came at access %d", at)
			}
			b.Interrupted()
		}
	})
}

// TestTakeOverMasksInterrupts takes the device over with interrupts enabled, one pending, and frames that go on coming in
// at every register access: it ends up masked, on both ways through TakeOver, and works.
func (s *Suite) TestTakeOverMasksInterrupts(t *testing.T) {
	for _, wrecked := range []bool{false, true} {
		t.Run(fmt.Sprintf("wrecked=%v", wrecked), func(t *testing.T) {
			s.onEachInterrupting(t, func(b *Bench) {
				b.EnableInterrupt()
				b.Inject(Numbered(60, 1))
				if !b.Asserted() {
					t.Fatal("a frame does not interrupt")
				}
				if wrecked {
					b.Upset()
				}
				flood := 0
				*b.OnAccess = func(int) {
					flood++
					b.Inject(Numbered(60, flood))
				}
				if err := b.TakeOver(); err != nil {
					t.Fatalf("TakeOver: %v", err)
				}
				*b.OnAccess = nil
				if b.Asserted() || b.Unmasked() != 0 {
					t.Errorf("interrupts %#x are enabled after TakeOver, line asserted: %v", b.Unmasked(), b.Asserted())
				}
				if flood == 0 {
					t.Error("no frame came in meanwhile")
				}
				b.Elapse(2e9)
				b.take()
				b.Works("after TakeOver")
				if b.Lost != 0 {
					t.Errorf("%d frames are said to be lost", b.Lost)
				}
				if b.Asserted() || b.Unmasked() != 0 {
					t.Error("an interrupt after TakeOver")
				}
			})
		})
	}
}

// TestTakeOverInTheMiddleOfTheInterruptSide stops each of its methods at each register access.
func (s *Suite) TestTakeOverInTheMiddleOfTheInterruptSide(t *testing.T) {
	type crash struct{}
	for name, method := range map[string]func(Device){
		"EnableInterrupt":  func(d Device) { d.EnableInterrupt() },
		"DisableInterrupt": Device.DisableInterrupt,
		"Interrupted":      func(d Device) { d.Interrupted() },
		"ProvokeInterrupt": func(d Device) { provoke(d) },
	} {
		for at := 1; at <= 2; at++ {
			t.Run(fmt.Sprint(name, at), func(t *testing.T) {
				s.onEachInterrupting(t, func(b *Bench) {
					b.EnableInterrupt()
					b.Inject(Numbered(60, 1))
					from := *b.Accesses
					*b.OnAccess = func(n int) {
						if n == from+at {
							panic(crash{})
						}
					}
					func() {
						defer func() { recover() }()
						method(b.Device)
					}()
					*b.OnAccess = nil
					if err := b.TakeOver(); err != nil {
						t.Fatalf("TakeOver: %v", err)
					}
					if b.Asserted() || b.Unmasked() != 0 {
						t.Error("interrupts are enabled after TakeOver")
					}
					b.take()
					b.Works("after TakeOver")
				})
			})
		}
	}
}

func (s *Suite) TestInterruptSideAllocatesNothing(t *testing.T) {
	b := s.first(t)
	b.Interrupting()
	if n := testing.AllocsPerRun(100, func() {
		b.EnableInterrupt()
		b.Interrupted()
		provoke(b.Device)
		b.DisableInterrupt()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// provoke asks a device for an interrupt that can be asked for one.
func provoke(d Device) {
	if p, ok := d.(interface{ ProvokeInterrupt() }); ok {
		p.ProvokeInterrupt()
	}
}
