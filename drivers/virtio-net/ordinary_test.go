package virtionet

import (
	"bytes"
	"errors"
	"testing"

	"gasp/drivers/virtio"
	"gasp/internal/virtiomodel"
)

func TestAFreshDeviceComesUpWithItsAddressAndWorks(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		if got := m.driver.MAC(); got != modelMAC {
			t.Errorf("MAC is %x, want %x", got, modelMAC)
		}
		if !m.driver.Link() {
			t.Error("link is down, want up")
		}
		m.works()
	})
}

func TestFramesOfEverySizeLeaveWholeAndPadded(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		for n := 14; n <= 1514; n++ {
			f := frame(n, n)
			m.transmit(f)
			m.arrived(f)
		}
	})
}

func TestFramesOutsideTheSizesAreRefused(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		for _, n := range []int{0, 1, 13, 1515, 2048, 65535} {
			if err := m.driver.Transmit(make([]byte, n)); err != ErrFrameSize {
				t.Errorf("Transmit of %d bytes: %v, want %v", n, err, ErrFrameSize)
			}
		}
		m.arrived()
		if got := m.driver.Stats().TransmitRefused; got != 6 {
			t.Errorf("TransmitRefused is %d, want 6", got)
		}
		m.works()
	})
}

func TestASmallFrameCarriesNothingOfTheLargeOneBefore(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		for i := range 2 * normalTransmitSlots {
			big := bytes.Repeat([]byte{0xEE}, 1514)
			small := frame(14, i)
			m.transmit(big)
			m.transmit(small)
			m.arrived(big, small)
		}
	})
}

func TestMoreFramesThanAnIndexCountsLeaveInOrder(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		for i := range 70000 {
			f := frame(64, i)
			m.transmit(f)
			if len(m.model.Sent) != 1 || !bytes.Equal(m.model.Sent[0], f) {
				t.Fatalf("frame %d left as % x, want % x", i, m.model.Sent, f)
			}
			m.model.Sent = m.model.Sent[:0]
		}
		if err := m.driver.Flush(); err != nil {
			t.Errorf("Flush: %v", err)
		}
		if got := m.driver.Stats().Transmitted; got != 70000 {
			t.Errorf("Transmitted is %d, want 70000", got)
		}
	})
}

func TestMoreFramesThanAnIndexCountsComeInInOrder(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		buf := make([]byte, 1514)
		for i := range 70000 {
			f := frame(14+i%1501, i)
			if !m.model.Inject(f) {
				t.Fatalf("no buffer for frame %d", i)
			}
			if n, err := m.driver.Receive(buf); err != nil || !bytes.Equal(buf[:n], f) {
				t.Fatalf("frame %d came in as %d bytes, %v; want %d", i, n, err, len(f))
			}
		}
		if n, err := m.driver.Receive(buf); n != 0 || err != nil {
			t.Errorf("Receive with nothing waiting: %d, %v; want 0, nil", n, err)
		}
	})
}

func TestABatchIsNotifiedOnce(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		batch := [][]byte{frame(60, 1), frame(1514, 2), frame(14, 3)}
		before := m.model.Notified[virtiomodel.TransmitQ]
		if n, err := m.driver.transmitBatch(batch); n != 3 || err != nil {
			t.Fatalf("TransmitBatch: %d, %v; want 3, nil", n, err)
		}
		m.arrived(batch...)
		if got := m.model.Notified[virtiomodel.TransmitQ] - before; got != 1 {
			t.Errorf("device notified %d times, want once", got)
		}
		if n, err := m.driver.transmitBatch(nil); n != 0 || err != nil {
			t.Errorf("TransmitBatch of nothing: %d, %v; want 0, nil", n, err)
		}
	})
}

func TestABatchStopsAtAFrameItCannotTakeAndSendsThoseBefore(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		a, b := frame(100, 1), frame(101, 2)
		n, err := m.driver.transmitBatch([][]byte{a, b, make([]byte, 1515), frame(102, 3)})
		if n != 2 || err != ErrFrameSize {
			t.Errorf("TransmitBatch: %d, %v; want 2, %v", n, err, ErrFrameSize)
		}
		m.arrived(a, b)
	})
}

func TestABatchLongerThanTheRingLeavesWhole(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		var batch [][]byte
		for i := range 3*normalTransmitSlots + 5 {
			batch = append(batch, frame(60, i))
		}
		if n, err := m.driver.transmitBatch(batch); n != len(batch) || err != nil {
			t.Fatalf("TransmitBatch: %d, %v; want %d, nil", n, err, len(batch))
		}
		m.arrived(batch...)
	})
}

func TestRoomIsGivenWithoutWaiting(t *testing.T) {
	each(t, func(o *virtiomodel.Options) { o.Faults.Stopped = true }, func(t *testing.T, m *machine) {
		touched := 0
		m.model.OnAccess = func(int) { touched++ }
		taken := 0
		for ; ; taken++ {
			room, err := m.driver.Room(false)
			if err != nil {
				t.Fatal(err)
			}
			if room == nil {
				break
			}
			if len(room) != RoomSize {
				t.Fatalf("there is room for %d bytes", len(room))
			}
			copy(room, frame(60, taken))
			if err := m.driver.Commit(0, 60, false); err != nil {
				t.Fatal(err)
			}
		}
		if want := int(m.driver.rings().tx.slots); taken != want || touched != 0 {
			t.Errorf("a ring of %d took %d frames, with %d accesses of registers", want, taken, touched)
		}
		if err := m.driver.Commit(0, 60, false); err != ErrRingFull {
			t.Errorf("Commit to a full ring: %v", err)
		}
		if room, err := m.driver.Room(true); room != nil || err != ErrRingFull {
			t.Errorf("waiting for a full ring: %v", err)
		}
		m.model.Faults.Stopped = false
		m.model.Run()
		for _, c := range [][2]int{{0, 0}, {0, 13}, {0, 1515}, {0, -1}, {-1, 60}, {RoomBefore + 1, 60}, {-1 << 62, 1 << 62}} {
			if err := m.driver.Commit(c[0], c[1], false); err != ErrFrameSize {
				t.Errorf("Commit of %d bytes at %d: %v", c[1], c[0], err)
			}
		}
		if room, err := m.driver.Room(false); room == nil || err != nil {
			t.Errorf("no room in a ring that is done: %v", err)
		}
	})
}

// What was in the memory before does not pad a short frame, nor is it the device's header.
func TestACommittedFrameIsPadded(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		for _, at := range []int{0, 1, 11, 66, RoomBefore} {
			for _, n := range []int{14, 59, 60, 1514} {
				room, err := m.driver.Room(true)
				if err != nil {
					t.Fatal(err)
				}
				for i := range room {
					room[i] = 0xff
				}
				f := frame(n, n)
				copy(room[at:], f)
				if err := m.driver.Commit(at, n, false); err != nil {
					t.Fatal(err)
				}
				m.driver.Doorbell()
				m.arrived(f)
			}
		}
	})
}

func TestADeviceThatPollsIsNotNotified(t *testing.T) {
	each(t, func(o *virtiomodel.Options) { o.Faults.Unprompted = true }, func(t *testing.T, m *machine) {
		m.model.Run() // sets NO_NOTIFY
		f := frame(80, 1)
		before := m.model.Notified
		m.transmit(f)
		if m.model.Notified != before {
			t.Error("device notified although it said NO_NOTIFY")
		}
		m.model.Run()
		m.arrived(f)
		if err := m.driver.Flush(); err != nil {
			t.Errorf("Flush: %v", err)
		}
	})
}

func TestSlotsAreFoundThroughTheUsedRingInAnyOrder(t *testing.T) {
	each(t, func(o *virtiomodel.Options) { o.Faults = virtiomodel.Faults{Unprompted: true, Backwards: true} },
		func(t *testing.T, m *machine) {
			var want [][]byte
			for round := range 25 {
				for i := range 1 + round*5 {
					f := frame(60+i, round*1000+i)
					m.transmit(f)
					want = append(want, f)
				}
				m.model.Run()
			}
			m.arrived(want...)
			if err := m.driver.Flush(); err != nil {
				t.Errorf("Flush: %v", err)
			}
		})
}

func TestTheLinkGoesDownAndUp(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		m.model.SetLink(false)
		if m.driver.Link() {
			t.Error("link is up after it went down")
		}
		m.model.SetLink(true)
		if !m.driver.Link() {
			t.Error("link is down after it came back")
		}
		m.works()
	})
}

// A device in hardware may not go on with a driver that does not say that it knows that (6.1).
func TestADeviceInHardwareComesUp(t *testing.T) {
	const hardware = virtiomodel.FeatureAccessPlatform | virtiomodel.FeatureOrderPlatform
	each(t, func(o *virtiomodel.Options) {
		if !o.Legacy {
			o.Offer |= hardware
			o.Insist = hardware
		}
	}, func(t *testing.T, m *machine) { m.works() })
}

func TestADeviceWithoutMACAndSTATUSUsesTheBoardsAddressAndIsUp(t *testing.T) {
	for i, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			m := power(t, i, func(o *virtiomodel.Options) {
				o.Offer &^= virtiomodel.FeatureMAC | virtiomodel.FeatureStatus
			})
			transport, err := k.reach(m.model)
			if err != nil {
				t.Fatal(err)
			}
			own := [6]byte{2, 1, 2, 3, 4, 5}
			mem := m.model.Memory
			m.driver, err = New(transport, &mem, Config{Now: m.now, MAC: own})
			if err != nil {
				t.Fatalf("New: %v", err)
			}
			if got := m.driver.MAC(); got != own {
				t.Errorf("MAC is %x, want the board's %x", got, own)
			}
			if !m.driver.Link() {
				t.Error("link is down on a device that does not report it, want up")
			}
			m.works()
			m.obeyed()
		})
	}
}

func TestReceivedFramesThatDoNotFitAreDropped(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		buf := make([]byte, 100)
		m.model.Inject(frame(101, 1))
		if n, err := m.driver.Receive(buf); n != 0 || err != ErrFrameSize {
			t.Errorf("Receive of 101 bytes into 100: %d, %v; want 0, %v", n, err, ErrFrameSize)
		}
		m.model.Inject(frame(5, 2)) // a runt
		good := frame(100, 3)
		m.model.Inject(good)
		if n, err := m.driver.Receive(buf); err != nil || !bytes.Equal(buf[:n], good) {
			t.Errorf("Receive after a runt: %d, %v; want the frame of 100 bytes behind it", n, err)
		}
		if got := m.driver.Stats().ReceiveDropped; got != 2 {
			t.Errorf("ReceiveDropped is %d, want 2", got)
		}
	})
}

func TestAFloodFillsTheReceiveRingAndNoFurther(t *testing.T) {
	each(t, nil, func(t *testing.T, m *machine) {
		held := 0
		for m.model.Inject(frame(60, held)) {
			held++
		}
		if held != normalReceiveSlots {
			t.Errorf("device held %d frames, want %d", held, normalReceiveSlots)
		}
		buf := make([]byte, 1514)
		for i := range held {
			if n, err := m.driver.Receive(buf); err != nil || !bytes.Equal(buf[:n], frame(60, i)) {
				t.Fatalf("frame %d of the flood: %d bytes, %v", i, n, err)
			}
		}
		m.works()
	})
}

func TestQueueSizesThatDevicesHave(t *testing.T) {
	for i, k := range kinds {
		for _, max := range []uint16{2, 4, 64, 256, 1024} {
			m := up(t, i, func(o *virtiomodel.Options) { o.QueueMax = [2]uint16{max, max} })
			for range 3 * int(max) {
				m.works()
			}
			if t.Failed() {
				t.Fatalf("on %s, queues of %d", k.name, max)
			}
			m.obeyed()
		}
	}
}

func TestUnusableQueuesAreAnError(t *testing.T) {
	for i, k := range kinds {
		for _, max := range [][2]uint16{{0, 256}, {256, 0}} {
			m := power(t, i, func(o *virtiomodel.Options) { o.QueueMax = max })
			if err := m.start(i); !errors.Is(err, virtio.ErrQueue) {
				t.Errorf("%s with queues of %d: New says %v, want %v", k.name, max, err, virtio.ErrQueue)
			}
			if m.model.Status()&virtiomodel.StatusFailed == 0 {
				t.Errorf("%s with queues of %d: device is not told FAILED", k.name, max)
			}
		}
	}
	// The legacy PCI device alone chooses the size.
	for _, max := range []uint16{16384, 100, 32768} {
		m := power(t, 1, func(o *virtiomodel.Options) { o.QueueMax = [2]uint16{max, max} })
		if err := m.start(1); !errors.Is(err, virtio.ErrQueue) {
			t.Errorf("legacy PCI with queues of %d: New says %v, want %v", max, err, virtio.ErrQueue)
		}
	}
}

func TestNewTakesNoMoreMemoryThanItSays(t *testing.T) {
	for _, phys := range []uint64{0x1000, 0x1001, 0x1FFF} {
		m := power(t, 0, func(o *virtiomodel.Options) { o.Memory.Phys = phys })
		if err := m.start(0); err != nil {
			t.Errorf("New with MemorySize bytes at %#x: %v", phys, err)
		}
		m = power(t, 0, func(o *virtiomodel.Options) {
			o.Memory.Phys, o.Memory.Bytes = phys, o.Memory.Bytes[:MemorySize-2*virtio.PageSize]
		})
		if err := m.start(0); err == nil {
			t.Errorf("New with too little memory at %#x succeeds", phys)
		}
	}
}
