package drivertest

import (
	"bytes"
	"errors"
	"testing"
)

// Bench is a driver on a model.
type Bench struct {
	testing.TB
	Device
	Model
	Inside
	Lost int // by TakeOver, so far
}

// TakeOver counts the frames that are lost.
func (b *Bench) TakeOver() error {
	lost, err := b.Device.TakeOver()
	b.Lost += lost
	return err
}

// Obeyed checks that the driver did nothing that the manual forbids.
func (b *Bench) Obeyed() {
	b.Helper()
	for _, c := range *b.Complaints {
		b.Errorf("the model complains: %s", c)
	}
}

// frames are those on the wire that somebody gave the driver.
func (b *Bench) frames() [][]byte {
	if b.Frames == nil {
		return *b.Sent
	}
	return b.Frames()
}

// Resets is how often TakeOver reset the device.
func (b *Bench) Resets() int { return int(b.Inside.Stats().Resets) }

// TransmitBatch gives several frames with one doorbell, each written where the device reads it. It returns how many
// were taken.
func (b *Bench) TransmitBatch(frames [][]byte) (taken int, err error) {
	defer b.Doorbell()
	for i, frame := range frames {
		room, err := b.Room(true)
		if err != nil {
			return i, err
		}
		at := i * 7 % (b.RoomBefore + 1)
		copy(room[at:], frame)
		if err := b.Commit(at, len(frame), false); err != nil {
			return i, err
		}
	}
	return len(frames), nil
}

// Numbered is a frame of n bytes that tells which one it is.
func Numbered(n, number int) []byte {
	f := make([]byte, n)
	for i := range f {
		f[i] = byte(number >> (8 * (i & 1)))
	}
	return f
}

// numberOf tells which frame of Numbered it is.
func numberOf(f []byte) int { return int(f[0]) | int(f[1])<<8 }

// padded is a frame on the wire.
func padded(f []byte) []byte {
	return append(bytes.Clone(f), make([]byte, max(0, 60-len(f)))...)
}

// Sends transmits frames and expects exactly these on the wire, in order.
func (b *Bench) Sends(state string, frames ...[]byte) {
	b.Helper()
	before := len(*b.Sent)
	for i, f := range frames {
		if err := b.Transmit(f); err != nil {
			b.Fatalf("%s: Transmit of frame %d: %v", state, i, err)
		}
	}
	if err := b.Flush(); err != nil {
		b.Fatalf("%s: Flush: %v", state, err)
	}
	b.Wire(state, before, frames...)
}

// Wire expects frames from number `from` on.
func (b *Bench) Wire(state string, from int, frames ...[]byte) {
	b.Helper()
	sent := (*b.Sent)[from:]
	if len(sent) != len(frames) {
		b.Fatalf("%s: %d frames on the wire, want %d", state, len(sent), len(frames))
	}
	for i, f := range frames {
		if !bytes.Equal(sent[i], padded(f)) {
			b.Fatalf("%s: frame %d on the wire is %d bytes beginning % x, want %d beginning % x",
				state, i, len(sent[i]), sent[i][:16], max(60, len(f)), padded(f)[:16])
		}
	}
}

// Receives lets one frame arrive and expects it.
func (b *Bench) Receives(state string, f []byte) {
	b.Helper()
	if !b.Inject(f) {
		b.Fatalf("%s: the receiver takes no frame", state)
	}
	buf := make([]byte, maxFrame)
	n, err := b.Receive(buf)
	if err != nil || !bytes.Equal(buf[:n], f) {
		b.Fatalf("%s: received %d bytes, error %v, want %d bytes", state, n, err, len(f))
	}
}

// maxFrame is the largest frame, without FCS (IEEE 802.3).
const maxFrame = 1514

// take receives all frames that wait and returns how many those were.
func (b *Bench) take() (n int) {
	b.Helper()
	buf := make([]byte, maxFrame)
	for {
		size, err := b.Receive(buf)
		if err != nil {
			b.Fatalf("Receive: %v", err)
		}
		if size == 0 {
			return n
		}
		n++
	}
}

// Works expects both directions to work, through a whole turn of the rings.
func (b *Bench) Works(state string) {
	b.Helper()
	for i := range 600 {
		b.Sends(state, Numbered(60+i, i))
	}
	for i := range 150 {
		b.Receives(state, Numbered(60+i, i))
	}
}

// Fails expects an error.
func (b *Bench) Fails(what string, err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Errorf("%s gives error %v, want %v", what, err, want)
	}
}
