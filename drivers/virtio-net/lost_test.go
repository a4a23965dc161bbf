package virtionet

import (
	"math/rand/v2"
	"reflect"
	"runtime/debug"
	"testing"
	"unsafe"

	"gasp/drivers/dma"
	"gasp/internal/drivertest"
	"gasp/internal/virtiomodel"
)

func TestFramesThatDoNotLeaveAreToldOfOnce(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		for _, n := range []int{0, 1, 7, 300, 300} { // the last on the reserved rings
			m.model.Faults = virtiomodel.Faults{Stopped: true}
			taken := 0
			for i := range n {
				if m.driver.Transmit(frame(60, i)) == nil {
					taken++
				}
			}
			m.model.Faults.ResetHangs = true
			m.driver.broken = true
			if lost, err := m.driver.TakeOver(); lost != 0 || err != ErrReset {
				t.Fatalf("a TakeOver that fails: %d lost, error %v", lost, err)
			}
			m.model.Faults = virtiomodel.Faults{}
			if lost, err := m.driver.TakeOver(); lost != taken || err != nil {
				t.Errorf("%d frames that did not leave: %d lost, error %v", taken, lost, err)
			}
			if lost, err := m.driver.TakeOver(); lost != 0 || err != nil {
				t.Errorf("the next TakeOver tells of %d lost again, error %v", lost, err)
			}
			m.works()
		}
	})
}

// Rings, buffers, all that the device reads and writes.
func TestTakeOverWithItsMemoryOverwritten(t *testing.T) {
	for name, fill := range drivertest.Fills {
		each(t, nil, func(t *testing.T, m *machine) {
			for range 3 { // then the reserved rings
				m.works()
				m.model.Faults.Stopped = true
				m.transmit(frame(60, 1))
				m.transmit(frame(60, 2))
				fill(m.model.Memory.Bytes)
				m.model.Faults.Stopped = false
				if lost, err := m.driver.TakeOver(); lost != 2 || err != nil {
					t.Fatalf("%s: TakeOver: %d lost, error %v, want 2", name, lost, err)
				}
				m.arrived()
				for range 200 {
					m.works()
				}
			}
		})
	}
}

// Buffers alone: what stands before a frame asks nothing of the device.
func TestAHeaderThatWasOverwrittenIsWrittenAnew(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		m.works()
		for _, q := range []queue{m.driver.rings().tx, m.driver.rings().rx} {
			drivertest.Fills["ones"](q.buffers.Bytes)
		}
		m.takenOver(0)
	})
}

// Whatever the driver's own numbers have become, TakeOver ends, accounts for every
// frame, and leaves a device that works.
func TestTakeOverFromAnyBookkeeping(t *testing.T) {
	for kind := range kinds {
		memory := make([]byte, MemorySize)
		for seed := range uint64(350) {
			random := rand.New(rand.NewPCG(seed, uint64(kind)))
			m := up(t, kind, func(o *virtiomodel.Options) { o.Memory = dma.Memory{Bytes: memory, Phys: memoryBase} })
			if random.IntN(4) == 0 { // on the reserved rings
				m.driver.broken = true
				m.driver.TakeOver()
			}
			for range random.IntN(300) {
				m.transmit(frame(60, 1))
			}
			m.model.Sent = nil
			m.model.Faults.Stopped = random.IntN(2) == 0
			taken := 0
			for i := range random.IntN(40) {
				if m.driver.Transmit(frame(60, i)) == nil {
					taken++
				}
			}
			gone := random.IntN(2) == 0
			m.model.Faults.Stopped = m.model.Faults.Stopped && gone
			share, small := random.IntN(4), random.IntN(2) == 0
			d := m.driver
			for _, p := range []any{&d.state, &d.active, &d.broken, &d.stalled, &d.unreported, &d.stats} {
				drivertest.Integers(reflect.ValueOf(p).Elem(), func(b []byte) {
					if random.IntN(4) > share {
						return
					}
					for i := range b {
						b[i] = byte(random.Uint32())
						if small && i > 0 {
							b[i] = 0
						}
					}
					if len(b) == 1 {
						b[0] &= 1
					}
				})
			}
			start := m.time
			lost, err := d.TakeOver()
			if err != nil || lost < taken-len(m.model.Sent) || lost > lostMost {
				t.Fatalf("%s, seed %d: TakeOver: %d lost of %d that did not leave, error %v",
					kinds[kind].name, seed, lost, taken-len(m.model.Sent), err)
			}
			if took := m.time - start; took > takeOverMost+100_000 {
				t.Fatalf("%s, seed %d: TakeOver took %d ns", kinds[kind].name, seed, took)
			}
			m.model.Faults = virtiomodel.Faults{}
			if _, err := d.TakeOver(); err != nil {
				t.Fatalf("%s, seed %d: a second TakeOver: %v", kinds[kind].name, seed, err)
			}
			for range 40 {
				m.works()
			}
			m.obeyed()
			if t.Failed() {
				t.Fatalf("%s, seed %d", kinds[kind].name, seed)
			}
		}
	}
}

// A stray write over where registers and memory are may make a first TakeOver, or
// the first Transmit after it, fault. The second TakeOver works.
func TestTheSecondTakeOverMendsWhereThingsAre(t *testing.T) {
	faults := 0
	fault := func(f func()) {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		defer func() {
			if recover() != nil {
				faults++
			}
		}()
		f()
	}
	size := int(unsafe.Sizeof(core{}))
	for at := 0; at < size; at += 8 {
		for _, n := range []int{8, 64, size} {
			m := up(t, 0, nil)
			clear(unsafe.Slice((*byte)(unsafe.Pointer(&m.driver.core)), size)[at:min(size, at+n)])
			fault(func() { m.driver.TakeOver(); m.driver.Transmit(frame(60, 1)) })
			m.model.Violations = nil
			if _, err := m.driver.TakeOver(); err != nil {
				t.Fatalf("%d bytes from %d on: TakeOver: %v", n, at, err)
			}
			for range 300 {
				m.works()
			}
			m.obeyed()
		}
	}
	if faults == 0 {
		t.Error("nothing ever faulted: the test shows nothing")
	}
}

func TestEveryCallComesBackInTime(t *testing.T) {
	for name, faults := range map[string]virtiomodel.Faults{
		"completes nothing":                 {NeverCompletes: true},
		"is stopped":                        {Stopped: true},
		"is stopped and stays in reset":     {Stopped: true, ResetHangs: true},
		"is gone":                           {Dead: true},
		"does not start":                    {Stopped: true, RefuseStart: true},
		"is stopped, refuses every feature": {Stopped: true, RefuseFeatures: true},
	} {
		each(t, nil, func(t *testing.T, m *machine) {
			m.model.Faults = faults
			within := func(call string, most int64, f func()) {
				t.Helper()
				start := m.time
				if f(); m.time-start > most+100_000 {
					t.Errorf("a device that %s: %s took %d ns, want at most %d", name, call, m.time-start, most)
				}
			}
			for range m.driver.rings().tx.slots {
				m.driver.Transmit(frame(60, 1))
			}
			for _, when := range []string{"", " after TakeOver"} {
				within("Transmit"+when, ringFullWait, func() { m.driver.Transmit(frame(60, 1)) })
				within("Flush"+when, flushWait, func() { m.driver.Flush() })
				within("Receive"+when, 0, func() { m.driver.Receive(make([]byte, 1514)) })
				within("TakeOver"+when, takeOverMost, func() { m.driver.TakeOver() })
			}
		})
	}
}
