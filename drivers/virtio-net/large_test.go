package virtionet

import (
	"testing"

	"gasp/internal/virtiomodel"
)

// Legacy PCI devices choose the size of their queues, and those of some hypervisors are large. Of memory there is as much
// as a board gives.
func TestLegacyQueuesThatAreLarge(t *testing.T) {
	const board = 2<<20 - 64<<10
	for _, size := range []uint16{2048, 4096, 8192} {
		m := power(t, 1, func(o *virtiomodel.Options) {
			o.QueueMax = [2]uint16{size, size}
			o.Memory.Bytes = make([]byte, board)
		})
		if err := m.start(1); err != nil {
			t.Fatalf("queues of %d: New says %v", size, err)
		}
		for range 2*int(size) + 10 {
			m.works()
		}
		m.driver.of(m.driver.active).tx.size /= 2 // somebody overwrote it
		if _, err := m.driver.TakeOver(); err != nil || m.driver.stats.Resets != 1 {
			t.Errorf("queues of %d: TakeOver: error %v, %d resets", size, err, m.driver.stats.Resets)
		}
		for range size {
			m.works()
		}
		m.obeyed()
		if t.Failed() {
			t.Fatalf("queues of %d", size)
		}
	}
}

func TestRingRoomOfACommonQueue(t *testing.T) {
	if n := ringRoomOf(commonQueueSize); n != ringRoom {
		t.Errorf("rings of %d descriptors take %d bytes, want %d", commonQueueSize, n, ringRoom)
	}
	if more := 4 * (ringRoomOf(maxQueueSize) - ringRoom); more > 752<<10 {
		t.Errorf("the largest queues take %d bytes more", more)
	}
}
