package enet_test

import (
	"bytes"
	"testing"

	"gasp/drivers/enet"
	"gasp/internal/enetmodel"
)

func TestFramesOfEverySizeLeavePadded(t *testing.T) {
	onEach(t, func(b *bench) {
		for _, n := range []int{1, 13, 14, 59, 60, 61, 1000, 1514} {
			b.sends("a frame", numbered(n, n))
		}
		b.fails("Transmit of 0 bytes", b.Transmit(nil), enet.ErrFrameSize)
		b.fails("Transmit of 1515 bytes", b.Transmit(make([]byte, 1515)), enet.ErrFrameSize)
		b.fails("Transmit of 65536 bytes", b.Transmit(make([]byte, 65536)), enet.ErrFrameSize)
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
			if w := b.model.Writes - writes; w != 1 { // of TDAR
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
		b.fails("TransmitBatch", err, enet.ErrFrameSize)
		b.wire("the frames before the bad one", 0, good, good)
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
			if len(room) != enet.RoomSize {
				b.Fatalf("there is room for %d bytes", len(room))
			}
			copy(room, numbered(60, taken))
			if err := b.Commit(0, 60, false); err != nil {
				b.Fatalf("Commit %d: %v", taken, err)
			}
		}
		if taken != 127 {
			b.Errorf("a ring of 128 takes %d frames, want 127", taken)
		}
		b.fails("Commit to a full ring", b.Commit(0, 60, false), enet.ErrRingFull)
		_, err := b.Room(true)
		b.fails("waiting for a full ring", err, enet.ErrRingFull)
		b.model.NeverCompletes = false
		b.model.Elapse(1)
		if room, err := b.Room(false); room == nil || err != nil {
			b.Errorf("no room in a ring that is done: %v", err)
		}
		for _, c := range [][2]int{{0, 0}, {0, 1515}, {0, -1}, {-1, 60}, {enet.RoomBefore + 1, 60}, {-1 << 30, 1 << 30}} {
			b.fails("Commit of no frame", b.Commit(c[0], c[1], false), enet.ErrFrameSize)
		}
	})
}

// What was in the memory before does not pad a short frame.
func TestACommittedFrameIsPadded(t *testing.T) {
	onEach(t, func(b *bench) {
		for _, at := range []int{0, 1, 66, enet.RoomBefore} {
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
		if taken != 127 {
			b.Errorf("a ring of 128 takes %d frames, want 127", taken)
		}
		b.fails("Transmit to a full ring", b.Transmit(numbered(60, 0)), enet.ErrRingFull)
		b.fails("Flush of a full ring", b.Flush(), enet.ErrStuck)
		start := b.model.Now()
		for range 1000 {
			b.fails("Transmit to a full ring", b.Transmit(numbered(60, 0)), enet.ErrRingFull)
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
		for i := range 120 {
			frames = append(frames, numbered(60, i))
			if err := b.Transmit(frames[i]); err != nil {
				b.Fatalf("Transmit %d: %v", i, err)
			}
		}
		b.fails("Flush", b.Flush(), enet.ErrStuck)
		b.wire("a device that stopped", 0, frames[:100]...)
		b.model.StopAfter = 0
		b.model.Elapse(1)
		if err := b.Flush(); err != nil {
			b.Errorf("Flush of a device that went on: %v", err)
		}
		b.wire("a device that went on", 0, frames...)
	})
}

// What a device writes over descriptors leads nowhere outside the ring, and the
// descriptors are whole again when they are next given.
func TestGarbageWrittenBackDoesNoHarm(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.GarbageWriteBack = true
		taken := 0
		for i := range 1200 {
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

func TestTransmitLooksAtTDARBeforeItWritesIt(t *testing.T) {
	onEach(t, func(b *bench) {
		for i := range 500 {
			before, writes := b.model.Accesses, b.model.Writes
			if err := b.Transmit(numbered(100, i)); err != nil {
				b.Fatal(err)
			}
			if n, w := b.model.Accesses-before, b.model.Writes-writes; n != 2 || w != 1 {
				b.Fatalf("Transmit %d accesses %d registers and writes %d, want 2 and 1", i, n, w)
			}
		}
		b.model.FrameTime = 120e3 // TDAR stays set, and is left alone
		b.model.Elapse(1e6)
		for i := range 100 {
			before, writes := b.model.Accesses, b.model.Writes
			b.Transmit(numbered(100, i))
			if n, w := b.model.Accesses-before, b.model.Writes-writes; i > 0 && (n != 4 || w != 0) {
				b.Fatalf("Transmit %d to a device that sends accesses %d registers and writes %d, want 4 and 0", i, n, w)
			}
		}
		b.Flush()
	})
}

// A write of TDAR that the hardware did not notice is made up for, by whoever looks next.
func TestAWriteOfTDARThatIsNotNoticed(t *testing.T) {
	for name, look := range map[string]func(b *bench){
		"Receive":  func(b *bench) { b.Receive(make([]byte, enet.MaxFrame)) },
		"Flush":    func(b *bench) { b.Flush() },
		"Transmit": func(b *bench) { b.Transmit(numbered(60, 2)) },
		"TakeOver": func(b *bench) { b.TakeOver() },
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(b *bench) {
				for i := range 300 {
					before := len(b.model.Sent)
					b.model.SleepyTDAR = 1
					b.Transmit(numbered(60, 1))
					b.model.Elapse(1e6)
					if len(b.model.Sent) != before {
						b.Fatal("the frame left at once: the test shows nothing")
					}
					look(b)
					if n := len(b.model.Sent) - before; n < 1 {
						b.Fatalf("round %d: the frame did not leave", i)
					}
				}
				if b.Stats().Resets != 0 {
					b.Error("a reset for that")
				}
			})
		})
	}
}

// Frames are aligned wherever they begin, and one that begins where the last did is not moved.
func TestFramesAreAligned(t *testing.T) {
	onEach(t, func(b *bench) {
		for i := range 400 {
			at := []int{24, 24, 24, 20, 0, 66, 4, 1, enet.RoomBefore}[i%9]
			for j := range 3 {
				room, err := b.Room(true)
				if err != nil || len(room) != enet.RoomSize {
					b.Fatalf("Room gives %d bytes, %v", len(room), err)
				}
				f := numbered(1514-i, i)
				copy(room[at:], f)
				before := len(b.model.Sent)
				if err := b.Commit(at, len(f), true); err != nil {
					b.Fatal(err)
				}
				b.wire("a frame that begins elsewhere", before, f)
				if j > 0 && !bytes.Equal(room[at:][:len(f)], f) {
					b.Fatal("a frame was moved that begins where the one before did")
				}
			}
		}
	})
}

func TestWithoutALinkFramesAreLostAndNotAnError(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.LinkDown = true
		for i := range 200 {
			if err := b.Transmit(numbered(60, i)); err != nil {
				b.Fatalf("Transmit %d: %v", i, err)
			}
		}
		if err := b.Flush(); err != nil || b.model.Dropped != 200 {
			b.Errorf("Flush: %v; %d frames left", err, b.model.Dropped)
		}
		b.model.LinkDown = false
		b.works("the link is back")
	})
}

// What was read and is in the FIFO still has left when Flush returns.
func TestFlushWaitsForTheFIFO(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.FrameTime, b.model.FIFOTime = 10e3, 600e3
		b.sends("with a long FIFO", numbered(1514, 1), numbered(1514, 2), numbered(1514, 3))
	})
}

func TestADeviceWithoutItsClockEndsEveryCall(t *testing.T) {
	b := newBench(t, enetmodel.I6UL)
	b.open()
	b.model.AllOnes = true
	for range 300 {
		b.Transmit(numbered(60, 1))
	}
	b.fails("Transmit", b.Transmit(numbered(60, 1)), enet.ErrRingFull)
	if b.Link() {
		t.Error("link is up")
	}
	if n, err := b.Receive(make([]byte, 2000)); n != 0 || err != nil {
		t.Errorf("Receive gives %d, %v", n, err)
	}
	b.fails("TakeOver", b.TakeOver(), enet.ErrAbsent)
	b.fails("Transmit after it", b.Transmit(numbered(60, 1)), enet.ErrNotReady)
	b.fails("Flush after it", b.Flush(), enet.ErrNotReady)
	_, err := b.Receive(make([]byte, 2000))
	b.fails("Receive after it", err, enet.ErrNotReady)

	b.model.AllOnes = false
	if err := b.TakeOver(); err != nil {
		t.Fatalf("TakeOver of a device that is back: %v", err)
	}
	b.works("a device that is back")
}

// A bus error switches the MAC off, and TakeOver on again.
func TestABusError(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.BusError = true
		b.Transmit(numbered(60, 1))
		b.fails("Flush", b.Flush(), enet.ErrStuck)
		b.Link()
		if b.Stats().TxErrors != 1 {
			b.Errorf("counted %+v", b.Stats())
		}
		b.model.BusError = false
		if err := b.TakeOver(); err != nil || b.lost != 1 || b.Stats().Resets != 1 {
			b.Errorf("TakeOver: %v, %d lost, %d resets", err, b.lost, b.Stats().Resets)
		}
		b.works("after a bus error")
	})
}

func TestCollisionsAreCounted(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.TransmitErrors = true
		for range 5 {
			b.Transmit(numbered(60, 1))
			b.Flush()
		}
		b.model.TransmitErrors = false
		b.works("after collisions")
		if n := b.Stats().TxErrors; n != 5 {
			b.Errorf("found %d times, want 5", n)
		}
	})
}
