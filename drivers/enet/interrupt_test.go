package enet_test

import (
	"fmt"
	"testing"

	"gasp/drivers/enet"
	"gasp/internal/enetmodel"
)

// take receives all frames that wait and returns how many those were.
func (b *bench) take() (n int) {
	b.Helper()
	buf := make([]byte, enet.MaxFrame)
	for {
		size, err := b.Receive(buf)
		if err != nil {
			b.Fatalf("Receive: %v", err)
		}
		if size == 0 {
			return n
		}
		n++
	}
}

func TestFrameInterruptsOnceItIsEnabled(t *testing.T) {
	onEach(t, func(b *bench) {
		f := numbered(60, 1)
		b.model.Inject(f)
		if b.model.Asserted() {
			t.Fatal("New leaves interrupts enabled")
		}
		b.take()
		for range 100 {
			if b.EnableInterrupt() {
				t.Fatal("a frame is said to wait after all were taken")
			}
			if b.model.Asserted() {
				t.Fatal("a frame that was taken interrupts")
			}
			if !b.model.Inject(f) || !b.model.Asserted() {
				t.Fatal("a frame does not interrupt")
			}
			if !b.Interrupted() {
				t.Fatal("the interrupt is not the device's")
			}
			if b.model.Asserted() {
				t.Fatal("the line stays asserted")
			}
			b.model.Inject(f)
			if b.model.Asserted() || b.Interrupted() && b.model.Unmasked() != 0 {
				t.Fatal("a second frame interrupts although that is masked")
			}
			if n := b.take(); n != 2 {
				t.Fatalf("%d frames waited, want 2", n)
			}
		}
		b.works("after interrupts")
	})
}

func TestInterruptOfAnotherDevice(t *testing.T) {
	onEach(t, func(b *bench) {
		b.EnableInterrupt()
		if b.Interrupted() {
			t.Error("an interrupt without a cause is said to be the device's")
		}
		b.model.AllOnes = true
		if b.Interrupted() {
			t.Error("a device that is gone is said to interrupt")
		}
	})
}

// TestNoFrameIsMissed lets a frame arrive at each register access of EnableInterrupt: it is told, or interrupts.
func TestNoFrameIsMissed(t *testing.T) {
	onEach(t, func(b *bench) {
		for at := 0; at <= 4; at++ {
			from := b.model.Accesses
			b.model.OnAccess = func(n int) {
				if n == from+at {
					b.model.Inject(numbered(60, at))
				}
			}
			waiting := b.EnableInterrupt()
			b.model.OnAccess = nil
			arrived := b.take() > 0
			if arrived && !waiting && !b.model.Asserted() {
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
func TestTakeOverMasksInterrupts(t *testing.T) {
	for _, wrecked := range []bool{false, true} {
		t.Run(fmt.Sprintf("wrecked=%v", wrecked), func(t *testing.T) {
			onEach(t, func(b *bench) {
				b.EnableInterrupt()
				b.model.Inject(numbered(60, 1))
				if !b.model.Asserted() {
					t.Fatal("a frame does not interrupt")
				}
				if wrecked {
					b.model.Set(0xC4, 0) // TCR
				}
				flood := 0
				b.model.OnAccess = func(int) {
					flood++
					b.model.Inject(numbered(60, flood))
				}
				if err := b.TakeOver(); err != nil {
					t.Fatalf("TakeOver: %v", err)
				}
				b.model.OnAccess = nil
				if b.model.Asserted() || b.model.Unmasked() != 0 {
					t.Errorf("interrupts %#x are enabled after TakeOver, line asserted: %v", b.model.Unmasked(), b.model.Asserted())
				}
				if flood == 0 {
					t.Error("no frame came in meanwhile")
				}
				b.model.Elapse(2e9)
				b.take()
				b.works("after TakeOver")
				if b.lost != 0 {
					t.Errorf("%d frames are said to be lost", b.lost)
				}
				if b.model.Asserted() || b.model.Unmasked() != 0 {
					t.Error("an interrupt after TakeOver")
				}
			})
		})
	}
}

// TestTakeOverInTheMiddleOfTheInterruptSide stops each of its methods at each register access.
func TestTakeOverInTheMiddleOfTheInterruptSide(t *testing.T) {
	type crash struct{}
	for name, method := range map[string]func(*enet.Device){
		"EnableInterrupt":  func(d *enet.Device) { d.EnableInterrupt() },
		"DisableInterrupt": (*enet.Device).DisableInterrupt,
		"Interrupted":      func(d *enet.Device) { d.Interrupted() },
	} {
		for at := 1; at <= 2; at++ {
			t.Run(fmt.Sprint(name, at), func(t *testing.T) {
				onEach(t, func(b *bench) {
					b.EnableInterrupt()
					b.model.Inject(numbered(60, 1))
					from := b.model.Accesses
					b.model.OnAccess = func(n int) {
						if n == from+at {
							panic(crash{})
						}
					}
					func() {
						defer func() { recover() }()
						method(b.Device)
					}()
					b.model.OnAccess = nil
					if err := b.TakeOver(); err != nil {
						t.Fatalf("TakeOver: %v", err)
					}
					if b.model.Asserted() || b.model.Unmasked() != 0 {
						t.Error("interrupts are enabled after TakeOver")
					}
					b.take()
					b.works("after TakeOver")
				})
			})
		}
	}
}

func TestInterruptSideAllocatesNothing(t *testing.T) {
	b := newBench(t, enetmodel.I6UL)
	b.open()
	if n := testing.AllocsPerRun(100, func() {
		b.EnableInterrupt()
		b.Interrupted()
		b.DisableInterrupt()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
