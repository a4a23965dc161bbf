package e1000_test

import (
	"bytes"
	"errors"
	"testing"

	"gasp/drivers/dma"
	"gasp/drivers/e1000"
	"gasp/drivers/pci"
	"gasp/internal/e1000model"
)

// bench is a driver on a model.
type bench struct {
	*testing.T
	*e1000.Device
	model  *e1000model.Device
	config e1000.Config
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
	kind e1000model.Kind
}{
	{"82540EM", e1000model.I82540},
	{"82571EB", e1000model.I82571},
	{"82574L", e1000model.I82574},
	{"I217", e1000model.I217},
	{"I219", e1000model.I219},
	{"82576", e1000model.I82576},
	{"I225", e1000model.I225},
	{"82540EM of QEMU", e1000model.QEMU82540},
	{"82574L of QEMU", e1000model.QEMU82574},
	{"82576 of QEMU", e1000model.QEMU82576},
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

func newBench(t *testing.T, kind e1000model.Kind) *bench {
	b := &bench{T: t}
	// At an odd place, above 4 GiB.
	b.mem = dma.Memory{Bytes: make([]byte, e1000.MemorySize+64)[64:], Phys: 5<<30 + 64}
	b.model = e1000model.New(kind, b.mem)
	var nic *pci.Function
	pci.Scan(e1000model.Bus{Device: b.model}, func(f pci.Function) bool { nic = &f; return false })
	b.config = e1000.Config{PCI: nic, Now: b.model.Now}
	return b
}

func (b *bench) start() (err error) {
	err = b.newDevice()
	b.model.Elapse(1e9)
	return err
}

// newDevice is New, and no time.
func (b *bench) newDevice() (err error) {
	mem := b.mem
	b.Device, err = e1000.New(b.model, &mem, b.config)
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
		at := i * 7 % (e1000.RoomBefore + 1)
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
	buf := make([]byte, e1000.MaxFrame)
	n, err := b.Receive(buf)
	if err != nil || !bytes.Equal(buf[:n], f) {
		b.Fatalf("%s: received %d bytes, error %v, want %d bytes", state, n, err, len(f))
	}
}

// works expects both directions to work, through a whole turn of the rings.
func (b *bench) works(state string) {
	b.Helper()
	for i := range 600 {
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
