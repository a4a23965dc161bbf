package virtionet

import (
	"fmt"
	"testing"

	"gasp/internal/virtiomodel"
)

// upMSIX is a modern PCI device whose receive queue has entry 0 of the MSI-X table.
func upMSIX(t testing.TB, change func(o *virtiomodel.Options)) *machine {
	t.Helper()
	m := power(t, 0, change)
	p := m.model.PCI(false)
	p.Config[virtiomodel.CapMSIX+3] |= 0x80
	transport, err := NewPCI(p, p.BAR)
	if err != nil {
		t.Fatal(err)
	}
	mem := m.model.Memory
	if m.driver, err = New(transport, &mem, Config{Now: m.now, Bus: &m.bus, MSIX: true}); err != nil {
		t.Fatalf("New: %v", err)
	}
	return m
}

// eachInterrupt runs a test on every kind of device, and on one with MSI-X.
func eachInterrupt(t *testing.T, test func(t *testing.T, m *machine)) {
	each(t, nil, test)
	t.Run("MSI-X", func(t *testing.T) {
		m := upMSIX(t, nil)
		test(t, m)
		m.obeyed()
	})
}

// interrupted tells, once, whether the device interrupts.
func (m *machine) interrupted() bool {
	n := m.model.Messages[0]
	m.model.Messages[0] = 0
	return n > 0 || m.model.Asserted()
}

func (m *machine) take() (n int) {
	m.t.Helper()
	buf := make([]byte, maxFrame)
	for {
		size, err := m.driver.Receive(buf)
		if err != nil {
			m.t.Fatalf("Receive: %v", err)
		}
		if size == 0 {
			return n
		}
		n++
	}
}

func (m *machine) inject() {
	m.t.Helper()
	if !m.model.Inject(frame(60, 1)) {
		m.t.Fatal("the device has no buffer for a frame")
	}
}

func TestFrameInterruptsOnceItIsEnabled(t *testing.T) {
	eachInterrupt(t, func(t *testing.T, m *machine) {
		m.inject()
		m.transmit(frame(60, 1))
		m.model.Run()
		if m.interrupted() {
			t.Fatal("New leaves interrupts enabled")
		}
		if !m.driver.EnableInterrupt() {
			t.Fatal("a frame waits and that is not told")
		}
		m.take()
		for range 300 { // around the ring
			if m.driver.EnableInterrupt() || m.interrupted() {
				t.Fatal("a frame that was taken is told, or interrupts")
			}
			m.transmit(frame(60, 1))
			m.model.Run()
			if m.interrupted() {
				t.Fatal("a frame that was sent interrupts")
			}
			m.inject()
			if !m.interrupted() {
				t.Fatal("a frame does not interrupt")
			}
			if !m.driver.Interrupted() {
				t.Fatal("the interrupt is not the device's")
			}
			m.inject()
			if m.interrupted() {
				t.Fatal("a second frame interrupts although that is masked, or the pin stays asserted")
			}
			if n := m.take(); n != 2 {
				t.Fatalf("%d frames waited, want 2", n)
			}
		}
		m.works()
	})
}

func TestInterruptOfAnotherDevice(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		m.driver.EnableInterrupt()
		if m.driver.Interrupted() {
			t.Error("an interrupt without a cause is said to be the device's")
		}
		m.model.SetLink(false)
		if !m.driver.Interrupted() || m.interrupted() {
			t.Error("a change of the link is not the device's interrupt, or is not acknowledged")
		}
		m.model.Faults.Dead = true
		if m.driver.Interrupted() {
			t.Error("a device that is gone is said to interrupt")
		}
	})
}

// TestProvokedInterrupt: the device interrupts at the next frame, whichever way it goes, and tells that it should have.
func TestProvokedInterrupt(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		if m.driver.ProvokeInterrupt() || m.interrupted() {
			t.Fatal("an interrupt without a frame")
		}
		if m.driver.ProvokeInterrupt() {
			t.Error("an interrupt is said to be due without a frame")
		}
		m.transmit(frame(60, 1))
		m.model.Run()
		if !m.interrupted() {
			t.Error("a frame that was sent does not interrupt")
		}
		if !m.driver.ProvokeInterrupt() || m.driver.ProvokeInterrupt() {
			t.Error("an interrupt that was due is not told, or twice")
		}
		if !m.driver.Interrupted() || m.interrupted() {
			t.Error("it is not acknowledged")
		}
		m.transmit(frame(60, 1))
		m.model.Run()
		if m.interrupted() {
			t.Error("frames that are sent go on interrupting")
		}
		m.driver.ProvokeInterrupt()
		m.inject()
		if !m.interrupted() {
			t.Error("a frame that comes in does not interrupt")
		}
	})
}

func TestVectorRefused(t *testing.T) {
	m := upMSIX(t, func(o *virtiomodel.Options) { o.Faults.RefuseVector = true })
	if m.driver.Interrupts() {
		t.Error("a device without a vector is said to interrupt")
	}
	m.works()
	m.obeyed()
}

// TestTakeOverMasksInterrupts takes the device over with interrupts enabled for both queues, and frames that go on coming
// in at every register access: it ends up masked, on both ways through TakeOver, and works.
func TestTakeOverMasksInterrupts(t *testing.T) {
	for _, broken := range []bool{false, true} {
		t.Run(fmt.Sprintf("broken=%v", broken), func(t *testing.T) {
			eachInterrupt(t, func(t *testing.T, m *machine) {
				m.driver.ProvokeInterrupt()
				m.driver.EnableInterrupt()
				m.inject()
				if !m.interrupted() {
					t.Fatal("a frame does not interrupt")
				}
				m.driver.broken = broken
				flood := 0
				m.model.OnAccess = nil
				m.onTime = func() {
					if m.model.Inject(frame(60, flood)) {
						flood++
					}
				}
				lost, err := m.driver.TakeOver()
				m.onTime = nil
				if err != nil || lost != 0 {
					t.Fatalf("TakeOver: %d lost, %v", lost, err)
				}
				if kept := m.driver.Stats().Kept == 1; kept == broken {
					t.Errorf("the rings were kept: %v", kept)
				}
				m.driver.transport.Acknowledge() // what was pending before
				m.interrupted()
				m.take()
				m.works()
				m.inject()
				if m.interrupted() {
					t.Error("an interrupt after TakeOver")
				}
			})
		})
	}
}

// TestTakeOverBesideAnInterruptsFlag stops the interrupt side between what it keeps and what it tells the device.
func TestTakeOverBesideAnInterruptsFlag(t *testing.T) {
	eachInterrupt(t, func(t *testing.T, m *machine) {
		for i := range 2 {
			q := m.driver.rings().rx
			q.flags = uint16(i) // and not the ring's
			if lost, err := m.driver.TakeOver(); err != nil || lost != 0 || m.driver.Stats().Kept != uint64(i+1) {
				t.Fatalf("TakeOver: %d lost, %v, the rings were kept %d times of %d", lost, err, m.driver.Stats().Kept, i+1)
			}
			m.works()
			m.inject()
			if m.interrupted() {
				t.Error("an interrupt after TakeOver")
			}
			m.take()
		}
	})
}

func TestInterruptSideAllocatesNothing(t *testing.T) {
	m := upMSIX(t, nil)
	if n := testing.AllocsPerRun(100, func() {
		m.driver.EnableInterrupt()
		m.driver.Interrupted()
		m.driver.ProvokeInterrupt()
		m.driver.DisableInterrupt()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestFlagsAndIndexHaveTheirOwnWriters changes both at the same time.
func TestFlagsAndIndexHaveTheirOwnWriters(t *testing.T) {
	const turns = 100_000
	word := make([]byte, 8)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range turns {
			storeFlags(word, 4, uint16(i&1))
		}
		storeFlags(word, 4, 0)
	}()
	for i := range turns {
		storeIdx(word, 4, uint16(i))
		if _, idx := loadFlagsIdx(word, 4); idx != uint16(i) {
			t.Fatalf("index %d became %d", uint16(i), idx)
		}
	}
	<-done
	if flags, _ := loadFlagsIdx(word, 4); flags != 0 {
		t.Errorf("flags %d, want 0", flags)
	}
}
