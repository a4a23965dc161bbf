package netstack

import (
	"bytes"
	"testing"
)

func TestRingKeepsFramesInOrderAndCountsWhatItDrops(t *testing.T) {
	r := new(ring)
	frame := func(i int) []byte { return bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 30+i%100) }
	for i := range ringFrames + 3 {
		r.tap(frame(i))
	}
	r.tap(make([]byte, frameSize+1))
	if n := r.dropped.Load(); n != 4 {
		t.Errorf("%d frames are counted as dropped, want 4", n)
	}
	for i := range ringFrames {
		if got := r.next(); !bytes.Equal(got, frame(i)) {
			t.Fatalf("frame %d is % x", i, got)
		}
		r.done()
	}
	if r.next() != nil {
		t.Error("there is one more")
	}
	r.tap(frame(7))
	if got := r.next(); !bytes.Equal(got, frame(7)) {
		t.Errorf("the next turn's frame is % x", got)
	}
	if n := testing.AllocsPerRun(100, func() { r.tap(frame2); r.done() }); n != 0 {
		t.Errorf("tap allocates %v times", n)
	}
}

var frame2 = make([]byte, 60)
