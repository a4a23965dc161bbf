package enet_test

import (
	"bytes"
	"gasp/drivers/enet"
	"testing"
)

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
				b.Wire("a frame that begins elsewhere", before, f)
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
		b.Works("the link is back")
	})
}

// What was read and is in the FIFO still has left when Flush returns.
func TestFlushWaitsForTheFIFO(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.FrameTime, b.model.FIFOTime = 10e3, 600e3
		b.Sends("with a long FIFO", numbered(1514, 1), numbered(1514, 2), numbered(1514, 3))
	})
}

// A bus error switches the MAC off, and TakeOver on again.
func TestABusError(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.BusError = true
		b.Transmit(numbered(60, 1))
		b.Fails("Flush", b.Flush(), enet.ErrStuck)
		b.Link()
		if b.Stats().TxErrors != 1 {
			b.Errorf("counted %+v", b.Stats())
		}
		b.model.BusError = false
		if err := b.TakeOver(); err != nil || b.Lost != 1 || b.Stats().Resets != 1 {
			b.Errorf("TakeOver: %v, %d lost, %d resets", err, b.Lost, b.Stats().Resets)
		}
		b.Works("after a bus error")
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
		b.Works("after collisions")
		if n := b.Stats().TxErrors; n != 5 {
			b.Errorf("found %d times, want 5", n)
		}
	})
}
