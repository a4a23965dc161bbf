package enet_test

import (
	"bytes"
	"errors"
	"testing"

	"gasp/drivers/dma"
	"gasp/drivers/enet"
	"gasp/internal/enetmodel"
)

// bench is a driver on a model.
type bench struct {
	*testing.T
	*enet.Device
	model  *enetmodel.Device
	config enet.Config
	mem    dma.Memory
	lost   int // by TakeOver, so far
}

func (b *bench) TakeOver() error {
	lost, err := b.Device.TakeOver()
	b.lost += lost
	return err
}

// kinds are the models on which every test of ordinary work runs.
var kinds = []struct {
	name string
	kind enetmodel.Kind
}{
	{"i.MX6UL", enetmodel.I6UL},
	{"i.MX6UL of QEMU", enetmodel.QEMU6UL},
}

// onEach runs a test on each kind, and checks at its end that the driver did
// nothing that the manual forbids.
func onEach(t *testing.T, test func(b *bench)) {
	t.Helper()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			b := newBench(t, k.kind)
			b.open()
			test(b)
			for _, c := range b.model.Complaints {
				t.Errorf("the model complains: %s", c)
			}
		})
	}
}

func newBench(t *testing.T, kind enetmodel.Kind) *bench {
	b := &bench{T: t}
	// At an odd place, high up.
	b.mem = dma.Memory{Bytes: make([]byte, enet.MemorySize+8)[8:], Phys: 0xE0000000 + 8}
	b.model = enetmodel.New(kind, b.mem)
	b.config = enet.Config{
		Clock: 66_000_000,
		MAC:   enetmodel.Address,
		PHY:   enet.PHY{Address: enetmodel.PHYAddress, Writes: []enet.PHYWrite{{Register: 31, Value: 0x8190}}},
		Now:   b.model.Now,
	}
	return b
}

func (b *bench) start() (err error) {
	mem := b.mem
	b.Device, err = enet.New(b.model, &mem, b.config)
	b.model.Elapse(3e9)
	return err
}

func (b *bench) open() {
	b.Helper()
	if err := b.start(); err != nil {
		b.Fatalf("New: %v", err)
	}
	if n := len(b.model.Sent); n != 0 {
		b.Fatalf("New put %d frames on the wire", n)
	}
}

// TransmitBatch gives several frames with one doorbell, each written where the device reads it. It returns how many
// were taken.
func (b *bench) TransmitBatch(frames [][]byte) (taken int, err error) {
	defer b.Doorbell()
	for i, frame := range frames {
		room, err := b.Room(true)
		if err != nil {
			return i, err
		}
		at := i * 7 % (enet.RoomBefore + 1)
		copy(room[at:], frame)
		if err := b.Commit(at, len(frame), false); err != nil {
			return i, err
		}
	}
	return len(frames), nil
}

// numbered is a frame of n bytes that tells which one it is.
func numbered(n, number int) []byte {
	f := make([]byte, n)
	for i := range f {
		f[i] = byte(number >> (8 * (i & 1)))
	}
	return f
}

func padded(f []byte) []byte {
	return append(bytes.Clone(f), make([]byte, max(0, 60-len(f)))...)
}

// sends transmits frames and expects exactly these on the wire, in order.
func (b *bench) sends(state string, frames ...[]byte) {
	b.Helper()
	before := len(b.model.Sent)
	for i, f := range frames {
		if err := b.Transmit(f); err != nil {
			b.Fatalf("%s: Transmit of frame %d: %v", state, i, err)
		}
	}
	if err := b.Flush(); err != nil {
		b.Fatalf("%s: Flush: %v", state, err)
	}
	b.wire(state, before, frames...)
}

// wire expects frames from number `from` on.
func (b *bench) wire(state string, from int, frames ...[]byte) {
	b.Helper()
	sent := b.model.Sent[from:]
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

// receives lets one frame arrive and expects it.
func (b *bench) receives(state string, f []byte) {
	b.Helper()
	if !b.model.Inject(f) {
		b.Fatalf("%s: the receiver takes no frame", state)
	}
	buf := make([]byte, enet.MaxFrame)
	n, err := b.Receive(buf)
	if err != nil || !bytes.Equal(buf[:n], f) {
		b.Fatalf("%s: received %d bytes, error %v, want %d bytes", state, n, err, len(f))
	}
}

// works expects both directions to work, through a whole turn of the rings.
func (b *bench) works(state string) {
	b.Helper()
	for i := range 300 {
		b.sends(state, numbered(60+i, i))
	}
	for i := range 150 {
		b.receives(state, numbered(60+i, i))
	}
}

func (b *bench) fails(what string, err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Errorf("%s gives error %v, want %v", what, err, want)
	}
}
