package e1000_test

import (
	"testing"

	"gasp/drivers/dma"
	"gasp/drivers/e1000"
	"gasp/drivers/pci"
	"gasp/internal/drivertest"
	"gasp/internal/e1000model"
)

// bench is a driver on a model.
type bench struct {
	*drivertest.Bench
	*e1000.Device
	model  *e1000model.Device
	config e1000.Config
	mem    dma.Memory
}

func (b *bench) TakeOver() error { return b.Bench.TakeOver() }

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
			b.Obeyed()
		})
	}
}

func newBench(t testing.TB, kind e1000model.Kind) *bench {
	// At an odd place, above 4 GiB.
	return newBenchOver(t, kind, dma.Memory{Bytes: make([]byte, e1000.MemorySize+64)[64:], Phys: 5<<30 + 64})
}

func newBenchOver(t testing.TB, kind e1000model.Kind, mem dma.Memory) *bench {
	b := &bench{Bench: &drivertest.Bench{TB: t}, mem: mem}
	b.model = e1000model.New(kind, b.mem)
	m := b.model
	b.Model = drivertest.Model{
		Controls: m, Sent: &m.Sent, Discard: &m.Discard, Complaints: &m.Complaints,
		OnAccess: &m.OnAccess, Accesses: &m.Accesses, Writes: &m.Writes,
		FrameTime: &m.FrameTime, NeverCompletes: &m.NeverCompletes, NoWriteBack: &m.NoWriteBack,
		GarbageWriteBack: &m.GarbageWriteBack, LinkDown: &m.LinkDown, AllOnes: &m.AllOnes, Posted: &m.Posted,
		StopAfter: &m.StopAfter, ResetReads: &m.ResetReads,
	}
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
	if err == nil {
		b.Bench.Device, b.Inside = b.Device, b.inside()
	}
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
