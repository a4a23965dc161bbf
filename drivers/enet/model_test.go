package enet_test

import (
	"testing"

	"gasp/drivers/dma"
	"gasp/drivers/enet"
	"gasp/internal/drivertest"
	"gasp/internal/enetmodel"
)

// bench is a driver on a model.
type bench struct {
	*drivertest.Bench
	*enet.Device
	model  *enetmodel.Device
	config enet.Config
	mem    dma.Memory
}

func (b *bench) TakeOver() error { return b.Bench.TakeOver() }

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
			b.Obeyed()
		})
	}
}

func newBench(t testing.TB, kind enetmodel.Kind) *bench {
	b := &bench{Bench: &drivertest.Bench{TB: t}}
	// At an odd place, high up.
	b.mem = dma.Memory{Bytes: make([]byte, enet.MemorySize+8)[8:], Phys: 0xE0000000 + 8}
	b.model = enetmodel.New(kind, b.mem)
	m := b.model
	b.Model = drivertest.Model{
		Controls: m, Sent: &m.Sent, Discard: &m.Discard, Complaints: &m.Complaints,
		OnAccess: &m.OnAccess, Accesses: &m.Accesses, Writes: &m.Writes,
		FrameTime: &m.FrameTime, NeverCompletes: &m.NeverCompletes, NoWriteBack: &m.NoWriteBack,
		GarbageWriteBack: &m.GarbageWriteBack, LinkDown: &m.LinkDown, AllOnes: &m.AllOnes, Posted: &m.Posted,
		StopAfter: &m.StopAfter, ResetReads: &m.ResetReads,
	}
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
	if err == nil {
		b.Bench.Device, b.Inside = b.Device, b.inside()
	}
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

// numbered is a frame of n bytes that tells which one it is.
var numbered = drivertest.Numbered
