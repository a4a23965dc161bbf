package virtionet

import (
	"fmt"
	"testing"

	"gasp/drivers/inuse"
	"gasp/internal/virtiomodel"
)

// takenOver takes the device over and checks that it then works, and how many
// resets that makes by now.
func (m *machine) takenOver(resets uint64) {
	m.t.Helper()
	if _, err := m.driver.TakeOver(); err != nil {
		m.t.Fatalf("TakeOver: %v", err)
	}
	if got := m.driver.Stats().Resets; got != resets {
		m.t.Errorf("%d resets by TakeOver, want %d", got, resets)
	}
	for range 3 {
		m.works()
	}
}

func TestAnIdleDeviceIsKept(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		m.takenOver(0)
		m.transmit(frame(60, 1)) // used, but not yet seen to be
		m.model.Inject(frame(60, 2))
		m.takenOverAndWaiting(0)
		if got := m.driver.Stats().Kept; got != 2 {
			t.Errorf("Kept is %d, want 2", got)
		}
		if got := m.model.Resets; got != 1 {
			t.Errorf("device was reset %d times, want once, by New", got)
		}
	})
}

// takenOverAndWaiting is takenOver with a frame in the receive ring.
func (m *machine) takenOverAndWaiting(resets uint64) {
	m.t.Helper()
	if _, err := m.driver.TakeOver(); err != nil {
		m.t.Fatalf("TakeOver: %v", err)
	}
	if n, err := m.driver.Receive(make([]byte, 1514)); n != 60 || err != nil {
		m.t.Errorf("the frame that waited came in as %d bytes, %v; want 60", n, err)
	}
	if got := m.driver.Stats().Resets; got != resets {
		m.t.Errorf("%d resets by TakeOver, want %d", got, resets)
	}
	m.works()
}

func TestFramesInFlightGetTimeToLeaveAndTheDeviceIsKept(t *testing.T) {
	each(t, func(o *virtiomodel.Options) { o.Faults.Stopped = true }, func(t *testing.T, m *machine) {
		a, b := frame(60, 1), frame(61, 2)
		m.transmit(a)
		m.transmit(b)
		start := m.time
		m.onTime = func() {
			if m.time > start+1e6 {
				m.model.Faults.Stopped = false
				m.model.Run()
			}
		}
		if _, err := m.driver.TakeOver(); err != nil {
			t.Fatalf("TakeOver: %v", err)
		}
		m.arrived(a, b)
		m.takenOver(0)
	})
}

func TestFramesThatDoNotLeaveAreCountedAndTheDeviceIsReset(t *testing.T) {
	each(t, func(o *virtiomodel.Options) { o.Faults.Stopped = true }, func(t *testing.T, m *machine) {
		m.transmit(frame(60, 1))
		m.transmit(frame(60, 2))
		m.model.Faults = virtiomodel.Faults{NeverCompletes: true}
		before := m.time
		if _, err := m.driver.TakeOver(); err != nil {
			t.Fatalf("TakeOver: %v", err)
		}
		if waited := m.time - before; waited > settleWait+100_000 {
			t.Errorf("waited %d ns, want at most %d", waited, int64(settleWait))
		}
		if got := m.driver.Stats().Abandoned; got != 2 {
			t.Errorf("Abandoned is %d, want 2", got)
		}
		m.model.Faults = virtiomodel.Faults{}
		m.takenOver(1)
	})
}

func TestAWrongAvailableIndexSendsNoOldFrames(t *testing.T) {
	for _, jump := range []uint16{1, 3, 5000, 0xFFFF} {
		each(t, nil, func(t *testing.T, m *machine) {
			m.works()
			q := m.driver.rings().tx
			storeFlagsIdx(q.ring.Bytes, q.avail, availNoInterrupt, q.next+jump)
			if _, err := m.driver.TakeOver(); err != nil {
				t.Fatalf("TakeOver: %v", err)
			}
			m.arrived()
			m.works()
		})
	}
}

func TestTakeOverFromEveryState(t *testing.T) {
	states := []struct {
		name    string
		resets  uint64
		corrupt func(m *machine, q queue)
	}{
		{"the device asks for a reset", 1, func(m *machine, _ queue) { m.model.Break(); m.transmit(frame(60, 1)) }},
		{"the device stopped", 1, func(m *machine, _ queue) {
			m.model.Faults.Stopped = true
			m.transmit(frame(60, 1))
			m.model.Faults.Stopped = false
			m.model.Break()
		}},
		{"the driver gave up", 1, func(m *machine, _ queue) { m.driver.broken = true }},
		{"a start was interrupted", 1, func(m *machine, _ queue) { m.driver.active = inuse.None }},
		{"someone else reset the device", 1, func(m *machine, _ queue) { m.driver.transport.SetStatus(0) }},
		{"someone told it FAILED", 1, func(m *machine, _ queue) { m.driver.fail(m.driver.running()) }},
		{"the rings are all ones", 1, func(_ *machine, q queue) {
			for i := range q.ring.Bytes {
				q.ring.Bytes[i] = 0xFF
			}
		}},
		{"the available index jumped by 5000", 1, func(_ *machine, q queue) {
			storeFlagsIdx(q.ring.Bytes, q.avail, availNoInterrupt, q.next+5000)
		}},
		{"the available index jumped by 3", 1, func(_ *machine, q queue) {
			storeFlagsIdx(q.ring.Bytes, q.avail, availNoInterrupt, q.next+3)
		}},
		{"the used index jumped", 1, func(_ *machine, q queue) { storeFlagsIdx(q.ring.Bytes, q.used, 0, q.seen+700) }},
		{"the driver's indices were overwritten", 1, func(_ *machine, q queue) { q.next, q.seen = 0xDEAD, 0xBEEF }},
		{"the slots that are busy were overwritten", 1, func(m *machine, q queue) {
			for i := range q.busy {
				q.busy[i] = ^uint64(0)
			}
			if err := m.driver.Transmit(frame(60, 1)); err != ErrBroken {
				m.t.Errorf("Transmit with no slot free and none in flight: %v, want %v", err, ErrBroken)
			}
		}},
		{"the slots that are busy were overwritten at rest", 0, func(m *machine, q queue) {
			for i := range q.busy {
				q.busy[i] = ^uint64(0)
			}
		}},
		{"the count of slots in flight was overwritten", 0, func(_ *machine, q queue) { q.inFlight = 0xFFFF }},
		{"the number of slots was overwritten", 1, func(_ *machine, q queue) { q.slots = 0xFFFF }},
		{"the number of slots is 0", 1, func(_ *machine, q queue) { q.slots = 0 }},
		{"the size was overwritten", 1, func(_ *machine, q queue) { q.size = 0xFFFF }},
		{"the size is 0", 1, func(_ *machine, q queue) { q.size = 0 }},
		{"the ring offsets were overwritten", 1, func(_ *machine, q queue) { q.avail, q.used = -8, 1<<30 }},
		{"the number of the set was overwritten", 1, func(m *machine, _ queue) {
			m.driver.active = 0xFFFF_FFFF
			m.driver.broken = true
		}},
		{"the link flapped", 0, func(m *machine, _ queue) { m.model.SetLink(false); m.model.SetLink(true) }},
		{"the device works in the wrong order", 0, func(m *machine, _ queue) { m.model.Faults.Backwards = true }},

		// Inside Transmit, step by step.
		{"a slot was claimed", 0, func(_ *machine, q queue) { q.claim() }},
		{"a descriptor was half written", 0, func(_ *machine, q queue) {
			slot, _ := q.claim()
			put32(q.ring.Bytes[descriptorSize*int(slot):], 0xDEAD_BEEF)
		}},
		{"a frame was posted and not counted", 0, func(_ *machine, q queue) {
			slot, _ := q.claim()
			q.post(slot, 0, 60)
			q.next--
		}},
		{"a frame was posted and not published", 0, func(_ *machine, q queue) {
			slot, _ := q.claim()
			q.post(slot, 0, 60)
		}},
		{"a frame was published and not notified", 0, func(_ *machine, q queue) {
			slot, _ := q.claim()
			q.post(slot, 0, 60)
			q.publish()
		}},
		{"a frame was completed and not freed", 0, func(m *machine, q queue) {
			m.transmit(frame(60, 1))
			q.complete()
		}},
		{"a completed frame was counted once only", 0, func(m *machine, q queue) {
			m.transmit(frame(60, 1))
			q.seen++
		}},

		{"memory for a frame was handed out", 0, func(m *machine, _ queue) { m.driver.Room(false) }},
		{"frames were committed and not shown", 0, func(m *machine, _ queue) {
			for range 3 {
				m.driver.Room(false)
				m.driver.Commit(66, 100, false)
			}
			m.driver.Room(false)
		}},
		{"the slot in turn was overwritten", 0, func(_ *machine, q queue) { q.turn = 0xFFFF }},

		// Inside Receive.
		{"a received frame was taken", 1, func(m *machine, _ queue) {
			m.model.Inject(frame(60, 1))
			m.driver.rings().rx.complete()
		}},
		{"a receive slot was posted and not published", 1, func(m *machine, _ queue) {
			rx := m.driver.rings().rx
			m.model.Inject(frame(60, 1))
			slot, _, _, _ := rx.complete()
			rx.post(slot, 0, slotRoom)
		}},
	}
	for _, s := range states {
		t.Run(s.name, func(t *testing.T) {
			each(t, nil, func(t *testing.T, m *machine) {
				m.works()
				s.corrupt(m, m.driver.of(inuse.Normal).tx)
				m.takenOver(s.resets)
				// And once more, when the reserved rings are the ones that broke.
				if s.resets != 0 {
					s.corrupt(m, m.driver.of(inuse.Reserved).tx)
					m.takenOver(2 * s.resets)
				}
			})
		})
	}
}

// A batch that was not shown is forgotten, one that was leaves.
func TestTakeOverFromWithinABatch(t *testing.T) {
	for _, committed := range []int{0, 1, 40, normalTransmitSlots / 2} {
		for _, shown := range []bool{false, true} {
			each(t, nil, func(t *testing.T, m *machine) {
				for range 300 { // the ring has turned
					m.transmit(frame(60, 1))
				}
				m.model.Sent = nil
				var want [][]byte
				for i := range committed {
					room, err := m.driver.Room(false)
					if room == nil || err != nil {
						t.Fatalf("no room for frame %d: %v", i, err)
					}
					f := frame(100, i)
					copy(room[66:], f)
					if err := m.driver.Commit(66, len(f), false); err != nil {
						t.Fatal(err)
					}
					if shown {
						want = append(want, f)
					}
				}
				if room, _ := m.driver.Room(false); room != nil {
					copy(room, frame(50, 7))
				}
				if shown {
					m.driver.Doorbell()
				}
				if lost, err := m.driver.TakeOver(); lost != 0 || err != nil || m.driver.Stats().Resets != 0 {
					t.Fatalf("TakeOver: %d lost, %v, %d resets", lost, err, m.driver.Stats().Resets)
				}
				m.arrived(want...)
				for range 3 {
					m.works()
				}
			})
		}
	}
}

// interrupted is what a hook panics with to leave the driver where it is.
type interrupted struct{}

// until runs f and says whether the hook interrupted it.
func until(f func()) (cut bool) {
	defer func() {
		if r := recover(); r != nil {
			if r != (interrupted{}) {
				panic(r)
			}
			cut = true
		}
	}()
	f()
	return false
}

// TestTakeOverAtEveryStep interrupts each method at its k-th register access or
// reading of the clock, for every k that it has, and takes the device over there.
func TestTakeOverAtEveryStep(t *testing.T) {
	calls := []struct {
		name  string
		setup func(m *machine)
		call  func(m *machine)
	}{
		{"Transmit", nil, func(m *machine) { m.driver.Transmit(frame(60, 1)) }},
		{"TransmitBatch longer than the ring", nil, func(m *machine) {
			var batch [][]byte
			for i := range normalTransmitSlots + 9 {
				batch = append(batch, frame(60, i))
			}
			m.driver.transmitBatch(batch)
		}},
		{"Receive", func(m *machine) { m.model.Inject(frame(60, 1)) }, func(m *machine) { m.driver.Receive(make([]byte, 1514)) }},
		{"Flush", func(m *machine) {
			m.model.Faults.Stopped = true
			m.transmit(frame(60, 1))
			m.model.Faults.Stopped = false
		}, func(m *machine) { m.driver.Flush() }},
		{"TakeOver that keeps", nil, func(m *machine) { m.driver.TakeOver() }},
		{"TakeOver that resets", func(m *machine) { m.driver.broken = true }, func(m *machine) { m.driver.TakeOver() }},
		{"TakeOver with frames in flight", func(m *machine) {
			m.model.Faults.Stopped = true
			m.transmit(frame(60, 1))
			m.model.Faults.Stopped = false
		}, func(m *machine) { m.driver.TakeOver() }},
	}
	for _, c := range calls {
		for i, k := range kinds {
			t.Run(fmt.Sprint(c.name, " on ", k.name), func(t *testing.T) {
				steps := 0
				for k := 1; ; k++ {
					m := up(t, i, nil)
					m.works()
					before := m.driver.Stats().Transmitted
					m.model.Sent = nil
					if c.setup != nil {
						c.setup(m)
					}
					left := k
					step := func() {
						if left--; left == 0 {
							panic(interrupted{})
						}
					}
					m.model.OnAccess = func(int) { step() }
					m.onTime = step
					cut := until(func() { c.call(m) })
					m.model.OnAccess, m.onTime = nil, nil
					if !cut {
						break
					}
					steps++
					lost, err := m.driver.TakeOver()
					if err != nil {
						t.Fatalf("TakeOver at step %d: %v", k, err)
					}
					// One may be posted and not counted yet.
					posted, left := int(m.driver.Stats().Transmitted-before), len(m.model.Sent)
					if reset := m.model.Resets > 1; reset && (left+lost < posted || left+lost > posted+1) || !reset && lost != 0 {
						t.Fatalf("step %d: %d frames posted, %d left, %d lost; reset: %v", k, posted, left, lost, reset)
					}
					m.drain()
					m.works()
					m.obeyed()
				}
				if steps == 0 {
					t.Error("the call was never interrupted: the hook does not work")
				}
			})
		}
	}
}

// drain takes frames that came in before.
func (m *machine) drain() {
	for buf := make([]byte, 1514); ; {
		if n, _ := m.driver.Receive(buf); n == 0 {
			return
		}
	}
}

func TestTakeOverRestoresTheBusIfItMust(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		m.takenOver(0)
		if m.bus.restored != 0 {
			t.Errorf("a bus that is intact was restored %d times", m.bus.restored)
		}
		m.model.Faults.Dead = true // as when its registers are elsewhere
		m.bus.restore = func() { m.model.Faults.Dead = false }
		m.takenOver(0)
		if m.bus.restored != 1 {
			t.Errorf("bus restored %d times, want once", m.bus.restored)
		}
		m.bus.off = true
		m.takenOver(0)
		if m.bus.restored != 2 {
			t.Errorf("bus restored %d times, want twice", m.bus.restored)
		}
	})
}
