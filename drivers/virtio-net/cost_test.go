package virtionet

import (
	"bytes"
	"testing"

	"gasp/drivers/virtio"
	"gasp/internal/virtiomodel"
)

func TestNothingIsAllocated(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		m.model.Discard = true
		out, in, buf := frame(200, 1), frame(1514, 2), make([]byte, 1514)
		batch := [][]byte{out, in, out}
		for _, c := range []struct {
			name string
			call func() error
		}{
			{"Transmit", func() error { return m.driver.Transmit(out) }},
			{"Room, Commit, Doorbell", func() error { _, err := m.driver.transmitBatch(batch); return err }},
			{"Flush", func() error { return m.driver.Flush() }},
			{"Link", func() error { m.driver.Link(); return nil }},
			{"Receive", func() error { m.model.Inject(in); _, err := m.driver.Receive(buf); return err }},
			{"TakeOver that keeps", func() error { _, err := m.driver.TakeOver(); return err }},
			{"TakeOver that resets", func() error { m.driver.broken = true; _, err := m.driver.TakeOver(); return err }},
		} {
			var failed error
			n := testing.AllocsPerRun(100, func() {
				if err := c.call(); err != nil {
					failed = err
				}
			})
			if n != 0 || failed != nil {
				t.Errorf("%s: %v allocations, error %v; want none", c.name, n, failed)
			}
		}
	})
}

// TestDriverAndDeviceRunAtTheSameTime is what the race detector sees the order of
// ring accesses in: the device never waits for a notification, and the driver
// touches no register.
func TestDriverAndDeviceRunAtTheSameTime(t *testing.T) {
	each(t, func(o *virtiomodel.Options) { o.Faults.Unprompted = true }, func(t *testing.T, m *machine) {
		const frames = 5000
		m.model.Run()
		done := make(chan struct{})
		go func() {
			defer close(done)
			for m.model.Count < frames {
				m.model.Run()
			}
		}()
		m.time = -1 << 62 // a clock so slow that no wait ends
		m.onTime = func() { m.time -= 999 }
		for i := range frames {
			m.transmit(frame(60, i))
		}
		<-done
		if err := m.driver.Flush(); err != nil {
			t.Errorf("Flush: %v", err)
		}
		for i, f := range m.model.Sent {
			if !bytes.Equal(f, frame(60, i)) {
				t.Fatalf("frame %d left as % x", i, f)
			}
		}
	})
}

// idleTransport has registers that cost nothing, for the cost of everything else.
type idleTransport struct{ virtio.Transport }

func (idleTransport) Notify(uint16) {}

func BenchmarkTransmit(b *testing.B) {
	m := up(b, 0, func(o *virtiomodel.Options) { o.Faults.Unprompted = true })
	m.model.Discard = true
	m.driver.transport = idleTransport{m.driver.transport}
	f := frame(100, 1)
	free := 0
	for b.Loop() {
		if free == 0 {
			b.StopTimer()
			m.model.Run()
			free = normalTransmitSlots
			b.StartTimer()
		}
		free--
		if err := m.driver.Transmit(f); err != nil {
			b.Fatal(err)
		}
	}
}
