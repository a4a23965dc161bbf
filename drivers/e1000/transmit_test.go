package e1000_test

import (
	"testing"

	"gasp/drivers/e1000"
	"gasp/internal/e1000model"
)

func TestFramesOfEverySizeLeavePadded(t *testing.T) {
	onEach(t, func(b *bench) {
		for _, n := range []int{1, 13, 14, 59, 60, 61, 1000, 1514} {
			b.sends("a frame", numbered(n, n))
		}
		b.fails("Transmit of 0 bytes", b.Transmit(nil), e1000.ErrFrameSize)
		b.fails("Transmit of 1515 bytes", b.Transmit(make([]byte, 1515)), e1000.ErrFrameSize)
		b.fails("Transmit of 65536 bytes", b.Transmit(make([]byte, 65536)), e1000.ErrFrameSize)
		if s := b.Stats(); s.TxFrames != 8 || s.TxBytes != 1+13+14+59+60+61+1000+1514 || s.TxRefused != 3 {
			b.Errorf("counted %+v", s)
		}
	})
}

func TestAShortFrameCarriesNothingOfTheOneBefore(t *testing.T) {
	onEach(t, func(b *bench) {
		for range 600 { // the ring goes round: every buffer has been used
			b.sends("a long frame", numbered(1514, 0xFFFF))
		}
		for range 300 {
			b.sends("a short frame after long ones", numbered(14, 1))
		}
	})
}

func TestTheRingWrapsManyTimes(t *testing.T) {
	onEach(t, func(b *bench) {
		for i := range 5000 {
			b.sends("one at a time", numbered(60+i%1455, i))
		}
		b.model.FrameTime = 12e3
		before := len(b.model.Sent)
		var all [][]byte
		for i := range 5000 {
			all = append(all, numbered(60+i%1455, i))
			if err := b.Transmit(all[i]); err != nil {
				b.Fatalf("a device slower than the driver: Transmit %d: %v", i, err)
			}
		}
		if err := b.Flush(); err != nil {
			b.Fatalf("a device slower than the driver: Flush: %v", err)
		}
		b.wire("a device slower than the driver", before, all...)
	})
}

func TestABatchLeavesInOrderWithOneDoorbell(t *testing.T) {
	onEach(t, func(b *bench) {
		var frames [][]byte
		for i := range 50 {
			frames = append(frames, numbered(60+i, i))
		}
		for range 40 {
			before, writes := len(b.model.Sent), b.model.Writes
			if n, err := b.TransmitBatch(frames); n != 50 || err != nil {
				b.Fatalf("TransmitBatch takes %d, error %v", n, err)
			}
			if w := b.model.Writes - writes; w != 1 {
				b.Fatalf("a batch writes %d registers, want 1", w)
			}
			b.wire("a batch", before, frames...)
		}
	})
}

func TestABatchLargerThanTheRingLeavesWhole(t *testing.T) {
	onEach(t, func(b *bench) {
		var frames [][]byte
		for i := range 1000 {
			frames = append(frames, numbered(60, i))
		}
		b.model.FrameTime = 12e3
		if n, err := b.TransmitBatch(frames); n != 1000 || err != nil {
			b.Fatalf("TransmitBatch takes %d, error %v", n, err)
		}
		if err := b.Flush(); err != nil {
			b.Fatalf("Flush: %v", err)
		}
		b.wire("a large batch", 0, frames...)
	})
}

func TestABatchStopsAtABadFrame(t *testing.T) {
	onEach(t, func(b *bench) {
		good := numbered(60, 1)
		n, err := b.TransmitBatch([][]byte{good, good, make([]byte, 2000), good})
		if n != 2 {
			b.Errorf("TransmitBatch takes %d, want 2", n)
		}
		b.fails("TransmitBatch", err, e1000.ErrFrameSize)
		b.wire("the frames before the bad one", 0, good, good)
	})
}

func TestTransmitReadsNoRegister(t *testing.T) {
	onEach(t, func(b *bench) {
		for i := range 1000 {
			before := b.model.Accesses
			if err := b.Transmit(numbered(100, i)); err != nil {
				b.Fatal(err)
			}
			if n := b.model.Accesses - before; n != 1 {
				b.Fatalf("Transmit %d accesses %d registers, want 1", i, n)
			}
		}
	})
}

func TestRoomIsGivenWithoutWaiting(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.NeverCompletes = true
		taken := 0
		for ; ; taken++ {
			accesses := b.model.Accesses
			room, err := b.Room(false)
			if err != nil || b.model.Accesses != accesses {
				b.Fatalf("Room gives error %v after %d register accesses", err, b.model.Accesses-accesses)
			}
			if room == nil {
				break
			}
			if len(room) != e1000.RoomSize {
				b.Fatalf("there is room for %d bytes", len(room))
			}
			copy(room, numbered(60, taken))
			if err := b.Commit(0, 60, false); err != nil {
				b.Fatalf("Commit %d: %v", taken, err)
			}
		}
		if taken != 255 {
			b.Errorf("a ring of 256 takes %d frames, want 255", taken)
		}
		b.fails("Commit to a full ring", b.Commit(0, 60, false), e1000.ErrRingFull)
		_, err := b.Room(true)
		b.fails("waiting for a full ring", err, e1000.ErrRingFull)
		b.model.NeverCompletes = false
		b.model.Elapse(1)
		if room, err := b.Room(false); room == nil || err != nil {
			b.Errorf("no room in a ring that is done: %v", err)
		}
		for _, c := range [][2]int{{0, 0}, {0, 1515}, {0, -1}, {-1, 60}, {e1000.RoomBefore + 1, 60}, {-1 << 62, 1 << 62}} {
			b.fails("Commit of no frame", b.Commit(c[0], c[1], false), e1000.ErrFrameSize)
		}
	})
}

// What was in the memory before does not pad a short frame.
func TestACommittedFrameIsPadded(t *testing.T) {
	onEach(t, func(b *bench) {
		for _, at := range []int{0, 1, 66, e1000.RoomBefore} {
			for _, n := range []int{1, 14, 59, 60, 1514} {
				room, err := b.Room(true)
				if err != nil {
					b.Fatal(err)
				}
				for i := range room {
					room[i] = 0xff
				}
				f := numbered(n, n)
				copy(room[at:], f)
				before := len(b.model.Sent)
				if err := b.Commit(at, n, false); err != nil {
					b.Fatal(err)
				}
				b.Doorbell()
				b.wire("a frame that was committed", before, f)
			}
		}
	})
}

func TestADeviceThatNeverCompletesFillsTheRingAndIsWaitedForOnce(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.NeverCompletes = true
		taken := 0
		for b.Transmit(numbered(60, taken)) == nil {
			taken++
		}
		if taken != 255 {
			b.Errorf("a ring of 256 takes %d frames, want 255", taken)
		}
		b.fails("Transmit to a full ring", b.Transmit(numbered(60, 0)), e1000.ErrRingFull)
		b.fails("Flush of a full ring", b.Flush(), e1000.ErrStuck)
		start := b.model.Now()
		for range 1000 {
			b.fails("Transmit to a full ring", b.Transmit(numbered(60, 0)), e1000.ErrRingFull)
		}
		if took := b.model.Now() - start; took > 10e6 {
			b.Errorf("1000 refusals took %d ns", took)
		}

		b.model.NeverCompletes = false
		b.model.Elapse(1)
		b.sends("a device that went on", numbered(60, 1))
		b.works("a device that went on")
		b.model.FrameTime = 12e3
		for i := range 1000 {
			if err := b.Transmit(numbered(60, i)); err != nil {
				b.Fatalf("a device that went on, slowly: Transmit %d: %v", i, err)
			}
		}
	})
}

func TestADeviceThatStopsMidRingKeepsWhatWasGiven(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.StopAfter = 101
		var frames [][]byte
		for i := range 200 {
			frames = append(frames, numbered(60, i))
			if err := b.Transmit(frames[i]); err != nil {
				b.Fatalf("Transmit %d: %v", i, err)
			}
		}
		b.fails("Flush", b.Flush(), e1000.ErrStuck)
		b.wire("a device that stopped", 0, frames[:100]...)
		b.model.StopAfter = 0
		b.model.Elapse(1)
		if err := b.Flush(); err != nil {
			b.Errorf("Flush of a device that went on: %v", err)
		}
		b.wire("a device that went on", 0, frames...)
	})
}

func TestOutOfOrderCompletionReusesNoDescriptorEarly(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.OutOfOrder = true
		b.model.FrameTime = 12e3
		var frames [][]byte
		for i := range 3000 {
			frames = append(frames, numbered(60+i%1000, i))
			if err := b.Transmit(frames[i]); err != nil {
				b.Fatalf("Transmit %d: %v", i, err)
			}
		}
		if err := b.Flush(); err != nil {
			b.Fatalf("Flush: %v", err)
		}
		b.wire("a device that completes out of order", 0, frames...)
	})
}

func TestTransmitErrorsAreCounted(t *testing.T) {
	onEach(t, func(b *bench) {
		if b.model.Queues {
			return // their descriptors do not tell
		}
		b.model.TransmitErrors = true
		for i := range 500 {
			b.sends("a device with collisions", numbered(60, i))
		}
		if n := b.Stats().TxErrors; n != 500 {
			b.Errorf("counted %d transmit errors, want 500", n)
		}
	})
}

func TestWithoutALinkFramesWaitAndLeaveWhenItIsBack(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.LinkDown = true
		var frames [][]byte
		for i := range 20 {
			frames = append(frames, numbered(60, i))
			if err := b.Transmit(frames[i]); err != nil {
				b.Fatalf("Transmit %d: %v", i, err)
			}
		}
		b.fails("Flush", b.Flush(), e1000.ErrStuck)
		b.model.LinkDown = false
		b.model.Elapse(1)
		if err := b.Flush(); err != nil {
			b.Errorf("Flush with the link back: %v", err)
		}
		b.wire("the link is back", 0, frames...)
	})
}

// What a device writes over descriptors leads nowhere outside the ring, and the
// descriptors are whole again when they are next given.
func TestGarbageWrittenBackDoesNoHarm(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.GarbageWriteBack = true
		taken := 0
		for i := range 2000 {
			if b.Transmit(numbered(100, i)) == nil {
				taken++
			}
		}
		b.model.GarbageWriteBack = false
		if taken != len(b.model.Sent) {
			b.Errorf("%d frames taken, %d on the wire", taken, len(b.model.Sent))
		}
		if err := b.TakeOver(); err != nil {
			b.Fatalf("TakeOver: %v", err)
		}
		b.works("a device that wrote garbage")
	})
}

func TestADeviceThatFellOffTheBusEndsEveryCall(t *testing.T) {
	for _, kind := range []e1000model.Kind{e1000model.I82540, e1000model.I82574} {
		b := newBench(t, kind)
		b.open()
		b.model.AllOnes = true
		for range 300 {
			b.Transmit(numbered(60, 1))
		}
		b.fails("Transmit", b.Transmit(numbered(60, 1)), e1000.ErrRingFull)
		if b.Link() {
			t.Error("link is up")
		}
		if n, err := b.Receive(make([]byte, 2000)); n != 0 || err != nil {
			t.Errorf("Receive gives %d, %v", n, err)
		}
		b.fails("TakeOver", b.TakeOver(), e1000.ErrAbsent)
		b.fails("Transmit after it", b.Transmit(numbered(60, 1)), e1000.ErrNotReady)
		b.fails("Flush after it", b.Flush(), e1000.ErrNotReady)
		_, err := b.Receive(make([]byte, 2000))
		b.fails("Receive after it", err, e1000.ErrNotReady)

		b.model.AllOnes = false
		if err := b.TakeOver(); err != nil {
			t.Fatalf("TakeOver of a device that is back: %v", err)
		}
		b.model.Elapse(1e9)
		b.works("a device that is back")
	}
}
