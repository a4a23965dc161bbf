package e1000_test

import (
	"gasp/drivers/e1000"
	"testing"
)

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
		b.Wire("a device that completes out of order", 0, frames...)
	})
}

func TestTransmitErrorsAreCounted(t *testing.T) {
	onEach(t, func(b *bench) {
		if b.model.Queues {
			return // their descriptors do not tell
		}
		b.model.TransmitErrors = true
		for i := range 500 {
			b.Sends("a device with collisions", numbered(60, i))
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
		b.Fails("Flush", b.Flush(), e1000.ErrStuck)
		b.model.LinkDown = false
		b.model.Elapse(1)
		if err := b.Flush(); err != nil {
			b.Errorf("Flush with the link back: %v", err)
		}
		b.Wire("the link is back", 0, frames...)
	})
}
