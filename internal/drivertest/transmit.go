package drivertest

import (
	"math"
	"testing"
)

func (s *Suite) TestFramesOfEverySizeLeavePadded(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		for _, n := range []int{1, 13, 14, 59, 60, 61, 1000, 1514} {
			b.Sends("a frame", Numbered(n, n))
		}
		b.Fails("Transmit of 0 bytes", b.Transmit(nil), s.FrameSize)
		b.Fails("Transmit of 1515 bytes", b.Transmit(make([]byte, 1515)), s.FrameSize)
		b.Fails("Transmit of 65536 bytes", b.Transmit(make([]byte, 65536)), s.FrameSize)
		if n := b.Stats(); n.TxFrames != 8 || n.TxBytes != 1+13+14+59+60+61+1000+1514 || n.TxRefused != 3 {
			b.Errorf("counted %+v", n)
		}
	})
}

func (s *Suite) TestAShortFrameCarriesNothingOfTheOneBefore(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		for range 600 { // the ring goes round: every buffer has been used
			b.Sends("a long frame", Numbered(1514, 0xFFFF))
		}
		for range 300 {
			b.Sends("a short frame after long ones", Numbered(14, 1))
		}
	})
}

func (s *Suite) TestTheRingWrapsManyTimes(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		for i := range 5000 {
			b.Sends("one at a time", Numbered(60+i%1455, i))
		}
		*b.FrameTime = 12e3
		before := len(*b.Sent)
		var all [][]byte
		for i := range 5000 {
			all = append(all, Numbered(60+i%1455, i))
			if err := b.Transmit(all[i]); err != nil {
				b.Fatalf("a device slower than the driver: Transmit %d: %v", i, err)
			}
		}
		if err := b.Flush(); err != nil {
			b.Fatalf("a device slower than the driver: Flush: %v", err)
		}
		b.Wire("a device slower than the driver", before, all...)
	})
}

func (s *Suite) TestABatchLeavesInOrderWithOneDoorbell(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		var frames [][]byte
		for i := range 50 {
			frames = append(frames, Numbered(60+i, i))
		}
		for range 40 {
			before, writes := len(*b.Sent), *b.Writes
			if n, err := b.TransmitBatch(frames); n != 50 || err != nil {
				b.Fatalf("TransmitBatch takes %d, error %v", n, err)
			}
			if w := *b.Writes - writes; w != 1 {
				b.Fatalf("a batch writes %d registers, want 1", w)
			}
			b.Wire("a batch", before, frames...)
		}
	})
}

func (s *Suite) TestABatchLargerThanTheRingLeavesWhole(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		var frames [][]byte
		for i := range 1000 {
			frames = append(frames, Numbered(60, i))
		}
		*b.FrameTime = 12e3
		if n, err := b.TransmitBatch(frames); n != 1000 || err != nil {
			b.Fatalf("TransmitBatch takes %d, error %v", n, err)
		}
		if err := b.Flush(); err != nil {
			b.Fatalf("Flush: %v", err)
		}
		b.Wire("a large batch", 0, frames...)
	})
}

func (s *Suite) TestABatchStopsAtABadFrame(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		good := Numbered(60, 1)
		n, err := b.TransmitBatch([][]byte{good, good, make([]byte, 2000), good})
		if n != 2 {
			b.Errorf("TransmitBatch takes %d, want 2", n)
		}
		b.Fails("TransmitBatch", err, s.FrameSize)
		b.Wire("the frames before the bad one", 0, good, good)
	})
}

func (s *Suite) TestRoomIsGivenWithoutWaiting(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		*b.NeverCompletes = true
		taken := 0
		for ; ; taken++ {
			accesses := *b.Accesses
			room, err := b.Room(false)
			if err != nil || *b.Accesses != accesses {
				b.Fatalf("Room gives error %v after %d register accesses", err, *b.Accesses-accesses)
			}
			if room == nil {
				break
			}
			if len(room) != b.RoomSize {
				b.Fatalf("there is room for %d bytes", len(room))
			}
			copy(room, Numbered(60, taken))
			if err := b.Commit(0, 60, false); err != nil {
				b.Fatalf("Commit %d: %v", taken, err)
			}
		}
		if taken != s.Ring-1 {
			b.Errorf("a ring of %d takes %d frames", s.Ring, taken)
		}
		b.Fails("Commit to a full ring", b.Commit(0, 60, false), s.RingFull)
		_, err := b.Room(true)
		b.Fails("waiting for a full ring", err, s.RingFull)
		*b.NeverCompletes = false
		b.Elapse(1)
		if room, err := b.Room(false); room == nil || err != nil {
			b.Errorf("no room in a ring that is done: %v", err)
		}
		for _, c := range [][2]int{{0, 0}, {0, 1515}, {0, -1}, {-1, 60}, {b.RoomBefore + 1, 60}, {math.MinInt, math.MaxInt}} {
			b.Fails("Commit of no frame", b.Commit(c[0], c[1], false), s.FrameSize)
		}
	})
}

// What was in the memory before does not pad a short frame.
func (s *Suite) TestACommittedFrameIsPadded(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		for _, at := range []int{0, 1, 66, b.RoomBefore} {
			for _, n := range []int{1, 14, 59, 60, 1514} {
				room, err := b.Room(true)
				if err != nil {
					b.Fatal(err)
				}
				for i := range room {
					room[i] = 0xff
				}
				f := Numbered(n, n)
				copy(room[at:], f)
				before := len(*b.Sent)
				if err := b.Commit(at, n, false); err != nil {
					b.Fatal(err)
				}
				b.Doorbell()
				b.Wire("a frame that was committed", before, f)
			}
		}
	})
}

func (s *Suite) TestADeviceThatNeverCompletesFillsTheRingAndIsWaitedForOnce(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		*b.NeverCompletes = true
		taken := 0
		for b.Transmit(Numbered(60, taken)) == nil {
			taken++
		}
		if taken != s.Ring-1 {
			b.Errorf("a ring of %d takes %d frames", s.Ring, taken)
		}
		b.Fails("Transmit to a full ring", b.Transmit(Numbered(60, 0)), s.RingFull)
		b.Fails("Flush of a full ring", b.Flush(), s.Stuck)
		start := b.Now()
		for range 1000 {
			b.Fails("Transmit to a full ring", b.Transmit(Numbered(60, 0)), s.RingFull)
		}
		if took := b.Now() - start; took > 10e6 {
			b.Errorf("1000 refusals took %d ns", took)
		}

		*b.NeverCompletes = false
		b.Elapse(1)
		b.Sends("a device that went on", Numbered(60, 1))
		b.Works("a device that went on")
		*b.FrameTime = 12e3
		for i := range 1000 {
			if err := b.Transmit(Numbered(60, i)); err != nil {
				b.Fatalf("a device that went on, slowly: Transmit %d: %v", i, err)
			}
		}
	})
}

func (s *Suite) TestADeviceThatStopsMidRingKeepsWhatWasGiven(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		*b.StopAfter = 101
		var frames [][]byte
		for i := range s.Ring - 8 {
			frames = append(frames, Numbered(60, i))
			if err := b.Transmit(frames[i]); err != nil {
				b.Fatalf("Transmit %d: %v", i, err)
			}
		}
		b.Fails("Flush", b.Flush(), s.Stuck)
		b.Wire("a device that stopped", 0, frames[:100]...)
		*b.StopAfter = 0
		b.Elapse(1)
		if err := b.Flush(); err != nil {
			b.Errorf("Flush of a device that went on: %v", err)
		}
		b.Wire("a device that went on", 0, frames...)
	})
}

// What a device writes over descriptors leads nowhere outside the ring, and the
// descriptors are whole again when they are next given.
func (s *Suite) TestGarbageWrittenBackDoesNoHarm(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		*b.GarbageWriteBack = true
		taken := 0
		for i := range 2000 {
			if b.Transmit(Numbered(100, i)) == nil {
				taken++
			}
		}
		*b.GarbageWriteBack = false
		if taken != len(*b.Sent) {
			b.Errorf("%d frames taken, %d on the wire", taken, len(*b.Sent))
		}
		if err := b.TakeOver(); err != nil {
			b.Fatalf("TakeOver: %v", err)
		}
		b.Works("a device that wrote garbage")
	})
}

func (s *Suite) TestADeviceThatFellOffTheBusEndsEveryCall(t *testing.T) {
	s.onEach(t, func(b *Bench) {
		*b.AllOnes = true
		for range 300 {
			b.Transmit(Numbered(60, 1))
		}
		b.Fails("Transmit", b.Transmit(Numbered(60, 1)), s.RingFull)
		if b.Link() {
			b.Error("link is up")
		}
		if n, err := b.Receive(make([]byte, 2000)); n != 0 || err != nil {
			b.Errorf("Receive gives %d, %v", n, err)
		}
		b.Fails("TakeOver", b.TakeOver(), s.Absent)
		b.Fails("Transmit after it", b.Transmit(Numbered(60, 1)), s.NotReady)
		b.Fails("Flush after it", b.Flush(), s.NotReady)
		_, err := b.Receive(make([]byte, 2000))
		b.Fails("Receive after it", err, s.NotReady)

		*b.AllOnes = false
		if err := b.TakeOver(); err != nil {
			b.Fatalf("TakeOver of a device that is back: %v", err)
		}
		b.Elapse(1e9)
		b.Works("a device that is back")
	})
}

// BenchmarkTransmit gives frames to a device that is done with each at once.
func (s *Suite) BenchmarkTransmit(b *testing.B) {
	d := s.first(b)
	*d.Discard = true
	frame := make([]byte, 160)
	for b.Loop() {
		d.Transmit(frame)
	}
}
