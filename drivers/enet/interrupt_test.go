package enet_test

import "testing"

// TestNoFrameIsMissedBehindPostedWrites lets a frame arrive just behind EnableInterrupt, which may not leave writes on their way that clear its event.
func TestNoFrameIsMissedBehindPostedWrites(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.Posted = true
		for i := range 10 {
			waiting := b.EnableInterrupt()
			if !b.model.Inject(numbered(60, i)) {
				b.Fatal("no frame came")
			}
			b.model.Elapse(1)
			if waiting || !b.model.Asserted() {
				b.Fatal("a frame that comes behind the look does not interrupt")
			}
			b.Interrupted()
			if n, err := b.Receive(make([]byte, 60)); n != 60 || err != nil {
				b.Fatalf("it is received as %d bytes, %v", n, err)
			}
		}
		b.model.Posted = false
	})
}
