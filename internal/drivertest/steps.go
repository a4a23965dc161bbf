package drivertest

import (
	"bytes"
	"testing"
)

// steps does the stores up to number stop: a crash can come between any two. That makes the states that it leaves
// behind.
func (b *Bench) steps(steps []Step, stop int) {
	for _, s := range steps[:stop+1] {
		s.Do()
	}
}

// The frame arrives after TakeOver only if the device may have seen it.
func (s *Suite) TestTakeOverFromBetweenAnyTwoStoresOfTransmit(t *testing.T) {
	first, lost, next := bytes.Repeat([]byte{1}, 100), bytes.Repeat([]byte{2}, 100), bytes.Repeat([]byte{3}, 100)
	steps := s.first(t).TransmitSteps(lost)
	for stop := range steps {
		for _, before := range []int{0, 1, s.Ring - 1, s.Ring, 700} { // frames, so that the ring is in every condition
			b := s.first(t)
			for range before {
				if err := b.Transmit(first); err != nil {
					t.Fatal(err)
				}
			}
			b.steps(b.TransmitSteps(lost), stop)
			if n, err := b.Device.TakeOver(); n != 0 || err != nil {
				t.Fatalf("after %s: TakeOver: %d lost, error %v", steps[stop].Name, n, err)
			}
			if b.Resets() != 0 {
				t.Errorf("after %s: TakeOver reset an idle device", steps[stop].Name)
			}
			for range 600 {
				if err := b.Transmit(next); err != nil {
					t.Fatalf("after %s: Transmit: %v", steps[stop].Name, err)
				}
			}
			want := before + 600
			told := stop >= s.Steps.Seen
			if told {
				want++
			}
			if len(*b.Sent) != want {
				t.Fatalf("after %s: %d frames on the wire, want %d", steps[stop].Name, len(*b.Sent), want)
			}
			if told != bytes.Equal((*b.Sent)[before], lost) {
				t.Errorf("after %s: the interrupted frame left: %v, want %v", steps[stop].Name, !told, told)
			}
			if !bytes.Equal((*b.Sent)[want-600], next) || len(*b.Complaints) != 0 {
				t.Errorf("after %s: the next frame is % x; complaints: %q", steps[stop].Name, (*b.Sent)[want-600][:8], *b.Complaints)
			}
		}
	}
}

// A batch that was not told of is forgotten, whatever there is of it: memory handed out, frames committed. One that
// was told of leaves.
func (s *Suite) TestTakeOverFromWithinABatch(t *testing.T) {
	first, lost, next := bytes.Repeat([]byte{1}, 100), bytes.Repeat([]byte{2}, 100), bytes.Repeat([]byte{3}, 100)
	for _, committed := range []int{0, 1, 2, 40, s.Ring - 1} {
		for _, before := range []int{0, 1, s.Ring - 1, 700} {
			for _, stop := range []string{"room", "half a frame", "commit", "doorbell"} {
				b := s.first(t)
				for range before {
					if err := b.Transmit(first); err != nil {
						t.Fatal(err)
					}
				}
				for range committed {
					room, err := b.Room(false)
					if room == nil || err != nil {
						t.Fatalf("no room: %v", err)
					}
					copy(room[66:], lost)
					if err := b.Commit(66, len(lost), false); err != nil {
						t.Fatal(err)
					}
				}
				told := 0
				switch room, _ := b.Room(false); stop {
				case "half a frame":
					if room != nil {
						copy(room[66:], lost[:50])
					}
				case "doorbell":
					b.Doorbell()
					told = committed
				}
				if n, err := b.Device.TakeOver(); n != 0 || err != nil || b.Resets() != 0 {
					t.Fatalf("%d committed, stopped at %s: TakeOver: %d lost, error %v, %d resets", committed, stop, n, err, b.Resets())
				}
				for range 600 {
					if err := b.Transmit(next); err != nil {
						t.Fatalf("%d committed, stopped at %s: Transmit: %v", committed, stop, err)
					}
				}
				if len(*b.Sent) != before+told+600 || len(*b.Complaints) != 0 {
					t.Fatalf("%d committed, stopped at %s: %d frames on the wire, want %d; complaints: %q", committed, stop, len(*b.Sent), before+told+600, *b.Complaints)
				}
				for i, f := range (*b.Sent)[before:] {
					if want := i < told; want != bytes.Equal(f, lost) {
						t.Fatalf("%d committed, stopped at %s: frame %d is % x", committed, stop, i, f[:8])
					}
				}
			}
		}
	}
}

func (s *Suite) TestTakeOverFromBetweenAnyTwoStoresOfReceive(t *testing.T) {
	steps := s.first(t).ReceiveSteps
	buf := make([]byte, maxFrame)
	for stop := range steps {
		for _, before := range []int{0, 1, 63, 64, 65, 200} {
			b := s.first(t)
			for range before {
				b.Inject(make([]byte, 60))
				if n, err := b.Receive(buf); n != 60 || err != nil {
					t.Fatalf("Receive gives %d, %v", n, err)
				}
			}
			b.Inject(bytes.Repeat([]byte{1}, 60))
			b.Inject(bytes.Repeat([]byte{2}, 60))
			b.steps(b.ReceiveSteps, stop)
			if _, err := b.Device.TakeOver(); err != nil {
				t.Fatalf("after %s: TakeOver: %v", steps[stop].Name, err)
			}
			if b.Resets() != 0 {
				t.Errorf("after %s: TakeOver reset an idle device", steps[stop].Name)
			}
			first := byte(1)
			if stop > 0 {
				first = 2 // the one being taken is the interrupted caller's
			}
			for i := first; i < 200; i++ {
				if i > 2 && !b.Inject(bytes.Repeat([]byte{i}, 60)) {
					t.Fatalf("after %s: the receiver takes no frame %d", steps[stop].Name, i)
				}
				if n, err := b.Receive(buf); n != 60 || err != nil || buf[0] != i {
					t.Fatalf("after %s: Receive gives %d, %v, frame %d, want frame %d", steps[stop].Name, n, err, buf[0], i)
				}
			}
			if len(*b.Complaints) != 0 {
				t.Errorf("after %s: complaints: %q", steps[stop].Name, *b.Complaints)
			}
		}
	}
}

// Whatever the state in memory has become, no method reaches outside its rings,
// and TakeOver makes the device work.
func (s *Suite) TestCorruptedStateLeadsNowhere(t *testing.T) {
	buf := make([]byte, maxFrame)
	frame := bytes.Repeat([]byte{7}, 100)
	for _, v := range []uint32{1, 0xFF, 0x100, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF} {
		for n := range s.first(t).Corrupt(v) {
			for _, first := range []func(b *Bench){
				func(b *Bench) {},
				func(b *Bench) { b.Transmit(frame); b.Receive(buf); b.Flush() },
			} {
				b := s.first(t)
				b.Transmit(frame)
				b.Inject(frame)
				b.Corrupt(v)[n]()
				first(b)
				if _, err := b.Device.TakeOver(); err != nil {
					t.Fatalf("corruption %d with %#x: TakeOver: %v", n, v, err)
				}
				before := len(*b.Sent)
				for range 600 {
					if err := b.Transmit(frame); err != nil {
						t.Fatalf("corruption %d with %#x: Transmit: %v", n, v, err)
					}
				}
				if got := len(*b.Sent) - before; got != 600 {
					t.Errorf("corruption %d with %#x: %d of 600 frames on the wire", n, v, got)
				}
			}
		}
	}
}

func (s *Suite) TestNothingAllocates(t *testing.T) {
	b := s.first(t)
	frame, buf := make([]byte, 200), make([]byte, maxFrame)
	for name, f := range map[string]func(){
		"Transmit":               func() { b.Transmit(frame) },
		"Transmit of no frame":   func() { b.Transmit(nil) },
		"Room, Commit, Doorbell": func() { b.Room(true); b.Commit(66, 200, false); b.Doorbell() },
		"Room without waiting":   func() { b.Room(false) },
		"Flush":                  func() { b.Flush() },
		"Receive":                func() { b.Receive(buf) },
		"Link":                   func() { b.Link() },
		"MAC":                    func() { b.MAC() },
		"Stats":                  func() { b.Stats() },
		"TakeOver":               func() { b.Device.TakeOver() },
		"TakeOver with a reset":  func() { b.Upset(); b.Device.TakeOver() },
		"TakeOver of no device":  func() { *b.AllOnes = true; b.Device.TakeOver(); *b.AllOnes = false },
	} {
		*b.Discard = true
		if n := testing.AllocsPerRun(50, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}
