package virtionet

import (
	"errors"
	"fmt"
	"testing"

	"gasp/drivers/inuse"
	"gasp/internal/virtiomodel"
)

func TestADeviceThatNeverCompletesFillsTheRingAndIsNotWaitedForTwice(t *testing.T) {
	each(t, func(o *virtiomodel.Options) { o.Faults.NeverCompletes = true }, func(t *testing.T, m *machine) {
		slots := int(m.driver.of(inuse.Normal).tx.slots)
		for i := range slots {
			m.transmit(frame(60, i))
		}
		before, notified := m.time, m.model.Notified[virtiomodel.TransmitQ]
		if err := m.driver.Transmit(frame(60, 0)); err != ErrRingFull {
			t.Fatalf("Transmit to a full ring: %v, want %v", err, ErrRingFull)
		}
		if waited := m.time - before; waited < ringFullWait || waited > ringFullWait+10_000 {
			t.Errorf("waited %d ns, want %d", waited, int64(ringFullWait))
		}
		if m.model.Notified[virtiomodel.TransmitQ] == notified {
			t.Error("device not notified again when the ring was full")
		}
		before = m.time
		if err := m.driver.Transmit(frame(60, 0)); err != ErrRingFull {
			t.Errorf("Transmit to a ring that stayed full: %v, want %v", err, ErrRingFull)
		}
		if err := m.driver.Flush(); err != ErrTimeout {
			t.Errorf("Flush: %v, want %v", err, ErrTimeout)
		}
		if waited := m.time - before; waited > 10_000 {
			t.Errorf("waited %d ns more for a ring that does not move, want none", waited)
		}
		if got := m.driver.Stats(); got.Transmitted != uint64(slots) || got.TransmitRefused != 2 {
			t.Errorf("%d transmitted and %d refused, want %d and 2", got.Transmitted, got.TransmitRefused, slots)
		}
	})
}

func TestAFullRingThatMovesAgainIsWaitedFor(t *testing.T) {
	each(t, func(o *virtiomodel.Options) { o.Faults.Stopped = true }, func(t *testing.T, m *machine) {
		for range int(m.driver.of(inuse.Normal).tx.slots) {
			m.transmit(frame(60, 1))
		}
		start := m.time
		m.onTime = func() {
			if m.time > start+5e6 {
				m.model.Faults.Stopped = false
				m.model.Run()
			}
		}
		m.transmit(frame(60, 2))
		if waited := m.time - start; waited < 5e6 || waited > 6e6 {
			t.Errorf("waited %d ns, want the 5 ms until the device went on", waited)
		}
		if err := m.driver.Flush(); err != nil {
			t.Errorf("Flush: %v", err)
		}
	})
}

// A machine that its host lets stand still, while the device goes on, finds that the time is over and the device done.
func TestAWaitThatTheMachineSleptThrough(t *testing.T) {
	for name, wait := range map[string]func(m *machine) error{
		"Transmit": func(m *machine) error { return m.driver.Transmit(frame(60, 2)) },
		"Flush":    func(m *machine) error { return m.driver.Flush() },
		"TakeOver": func(m *machine) error {
			_, err := m.driver.TakeOver()
			if n := m.driver.Stats().Resets; err == nil && n != 0 {
				return fmt.Errorf("%d resets", n)
			}
			return err
		},
	} {
		each(t, func(o *virtiomodel.Options) { o.Faults.Stopped = true }, func(t *testing.T, m *machine) {
			for range int(m.driver.of(inuse.Normal).tx.slots) {
				m.transmit(frame(60, 1))
			}
			readings := 0
			m.onTime = func() {
				if readings++; readings == 3 {
					m.model.Faults.Stopped = false
					m.model.Run()
					m.time += 10e9
				}
			}
			if err := wait(m); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

func TestAStoppedClockEndsTheWaitToo(t *testing.T) {
	m := up(t, 0, func(o *virtiomodel.Options) { o.Faults.NeverCompletes = true })
	m.transmit(frame(60, 1))
	m.driver.now = func() int64 { return 42 }
	if err := m.driver.Flush(); err != ErrTimeout {
		t.Errorf("Flush with a stopped clock: %v, want %v", err, ErrTimeout)
	}
}

func TestGarbageInTheUsedRingBreaksTheDeviceAndNothingElse(t *testing.T) {
	lies := []struct {
		name string
		lie  func(q int, id, length *uint32, idx *uint16)
	}{
		{"an id beyond the queue", func(_ int, id, _ *uint32, _ *uint16) { *id = 256 }},
		{"an id of all ones", func(_ int, id, _ *uint32, _ *uint16) { *id = 0xFFFF_FFFF }},
		{"an id that is right in its low 16 bits", func(_ int, id, _ *uint32, _ *uint16) { *id |= 0x1_0000 }},
		{"a length beyond the slot", func(_ int, _, n *uint32, _ *uint16) { *n = slotSize }},
		{"a length of all ones", func(_ int, _, n *uint32, _ *uint16) { *n = 0xFFFF_FFFF }},
		{"an index a queue ahead", func(_ int, _, _ *uint32, idx *uint16) { *idx += 256 }},
		{"an index that went back", func(_ int, _, _ *uint32, idx *uint16) { *idx -= 2 }},
		{"an index of all ones", func(_ int, _, _ *uint32, idx *uint16) { *idx = 0xFFFF }},
	}
	for _, l := range lies {
		t.Run(l.name, func(t *testing.T) {
			each(t, nil, func(t *testing.T, m *machine) {
				m.works()
				m.model.Faults.Lie = l.lie
				m.transmit(frame(60, 1))
				if err := m.driver.Flush(); err != ErrBroken {
					t.Errorf("Flush: %v, want %v", err, ErrBroken)
				}
				if err := m.driver.Transmit(frame(60, 1)); err != ErrBroken {
					t.Errorf("Transmit: %v, want %v", err, ErrBroken)
				}
				if _, err := m.driver.Receive(make([]byte, 1514)); err != ErrBroken {
					t.Errorf("Receive: %v, want %v", err, ErrBroken)
				}
				if got := m.driver.Stats().UsedRingErrors; got != 1 {
					t.Errorf("UsedRingErrors is %d, want 1", got)
				}
				m.model.Faults.Lie = nil
				m.takenOver(1)

				m.model.Faults.Lie = l.lie
				m.model.Inject(frame(60, 1))
				if n, err := m.driver.Receive(make([]byte, 1514)); n != 0 || err != ErrBroken {
					t.Errorf("Receive: %d, %v, want 0, %v", n, err, ErrBroken)
				}
				m.model.Faults.Lie = nil
				m.takenOver(2)
			})
		})
	}
}

func TestAnIdThatIsNotInFlightBreaksTheDevice(t *testing.T) {
	each(t, func(o *virtiomodel.Options) { o.Faults.Unprompted = true }, func(t *testing.T, m *machine) {
		m.transmit(frame(60, 1))
		m.transmit(frame(60, 2))
		first := uint32(0xFFFF)
		m.model.Faults.Lie = func(_ int, id, _ *uint32, _ *uint16) { // the same one twice
			if first == 0xFFFF {
				first = *id
			}
			*id = first
		}
		m.model.Run()
		if err := m.driver.Flush(); err != ErrBroken {
			t.Errorf("Flush: %v, want %v", err, ErrBroken)
		}
	})
}

func TestTheSecondDescriptorOfASlotIsNoIdOfIt(t *testing.T) {
	for i, k := range kinds {
		if k.offer&(virtiomodel.FeatureAnyLayout|virtiomodel.FeatureVersion1) != 0 {
			continue
		}
		m := up(t, i, nil)
		m.model.Faults.Lie = func(_ int, id, _ *uint32, _ *uint16) { *id |= 1 }
		m.transmit(frame(60, 1))
		if err := m.driver.Flush(); err != ErrBroken {
			t.Errorf("%s: Flush: %v, want %v", k.name, err, ErrBroken)
		}
	}
}

func TestARingThatMovedIsWaitedForAgain(t *testing.T) {
	each(t, func(o *virtiomodel.Options) { o.Faults.Stopped = true }, func(t *testing.T, m *machine) {
		fill := func() {
			t.Helper()
			for range int(m.driver.of(inuse.Normal).tx.slots) {
				m.transmit(frame(60, 1))
			}
			before := m.time
			if err := m.driver.Transmit(frame(60, 1)); err != ErrRingFull {
				t.Errorf("Transmit to a full ring: %v, want %v", err, ErrRingFull)
			}
			if waited := m.time - before; waited < ringFullWait {
				t.Errorf("waited %d ns, want %d", waited, int64(ringFullWait))
			}
		}
		fill()
		m.model.Faults.Stopped = false
		m.model.Run()
		m.model.Faults.Stopped = true
		fill()
	})
}

func TestAReceiveLengthLessThanTheHeaderBreaksTheDevice(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		m.model.Faults.Lie = func(_ int, _, n *uint32, _ *uint16) { *n = 9 }
		m.model.Inject(frame(60, 1))
		if n, err := m.driver.Receive(make([]byte, 1514)); n != 0 || err != ErrBroken {
			t.Errorf("Receive: %d, %v, want 0, %v", n, err, ErrBroken)
		}
	})
}

func TestTheLongestReceiveLengthStaysInItsSlot(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		m.model.Inject(frame(60, 1))
		m.model.Faults.Lie = func(_ int, _, n *uint32, _ *uint16) {
			*n = uint32(m.driver.of(inuse.Normal).rx.header) + slotRoom
		}
		m.model.Inject(frame(60, 1))
		buf := make([]byte, 4096)
		m.driver.Receive(buf)
		if n, err := m.driver.Receive(buf); n != slotRoom || err != nil {
			t.Errorf("Receive: %d, %v, want %d, nil", n, err, slotRoom)
		}
	})
}

func TestADeviceThatAsksForAResetIsBrokenOnceItsRingFills(t *testing.T) {
	for i, k := range kinds {
		if k.legacy {
			continue
		}
		m := up(t, i, nil)
		m.model.Break()
		m.transmit(frame(60, 1))
		if err := m.driver.Flush(); err != ErrBroken {
			t.Errorf("%s: Flush: %v, want %v", k.name, err, ErrBroken)
		}
		m.takenOver(1)
		m.obeyed()
	}
}

func TestADeviceThatDoesNotComeUpIsAnError(t *testing.T) {
	tests := []struct {
		name   string
		change func(o *virtiomodel.Options)
		modern error
		legacy error
	}{
		{"it refuses the features", func(o *virtiomodel.Options) { o.Faults.RefuseFeatures = true }, ErrFeatures, nil},
		{"it does not start", func(o *virtiomodel.Options) { o.Faults.RefuseStart = true }, ErrStart, ErrStart},
		{"it lacks VERSION_1", func(o *virtiomodel.Options) { o.Offer &^= virtiomodel.FeatureVersion1 }, ErrFeatures, nil},
	}
	for _, test := range tests {
		for i, k := range kinds {
			m := power(t, i, test.change)
			want := test.modern
			if k.legacy {
				want = test.legacy
			}
			if err := m.start(i); !errors.Is(err, want) {
				t.Errorf("%s, %s: New says %v, want %v", k.name, test.name, err, want)
			}
		}
	}
}

func TestAResetThatNeverFinishesIsGivenUp(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		m.model.Faults = virtiomodel.Faults{ResetHangs: true, NeverCompletes: true}
		m.transmit(frame(60, 1))
		before := m.time
		if _, err := m.driver.TakeOver(); err != ErrReset {
			t.Errorf("TakeOver: %v, want %v", err, ErrReset)
		}
		if waited := m.time - before; waited > settleWait+resetWait+20_000 {
			t.Errorf("waited %d ns, want at most %d", waited, int64(settleWait+resetWait))
		}
		if err := m.driver.Transmit(frame(60, 1)); err != ErrBroken {
			t.Errorf("Transmit: %v, want %v", err, ErrBroken)
		}
		m.model.Faults = virtiomodel.Faults{}
		m.takenOver(2)
		if got := m.driver.Stats().Abandoned; got != 1 {
			t.Errorf("Abandoned is %d after two attempts, want the one frame", got)
		}
	})
}

func TestADeviceThatIsGoneIsAnErrorEverywhere(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		m.model.Faults.Dead = true
		if m.driver.Link() {
			t.Error("link is up on a device that is gone")
		}
		m.transmit(frame(60, 1)) // nobody notices before something is waited for
		if err := m.driver.Flush(); err != ErrBroken {
			t.Errorf("Flush: %v, want %v", err, ErrBroken)
		}
		if _, err := m.driver.TakeOver(); err != ErrReset {
			t.Errorf("TakeOver: %v, want %v", err, ErrReset)
		}
		m.bus.restore = func() { m.model.Faults.Dead = false }
		m.takenOver(2)
	})
}

func TestRegistersOfAllOnesAreNoDevice(t *testing.T) {
	for i, k := range kinds {
		m := power(t, i, func(o *virtiomodel.Options) { o.Faults.Dead = true })
		if err := m.start(i); err == nil {
			t.Errorf("%s: New succeeds on registers of all ones", k.name)
		}
	}
}
