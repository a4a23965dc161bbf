package enet_test

import (
	"testing"

	"gasp/drivers/enet"
	"gasp/internal/drivertest"
	"gasp/internal/enetmodel"
)

func TestSuite(t *testing.T) { suite().Run(t) }

func BenchmarkTransmit(b *testing.B) { suite().BenchmarkTransmit(b) }

func suite() *drivertest.Suite {
	var all []drivertest.Kind
	for _, k := range kinds {
		all = append(all, drivertest.Kind{Name: k.name, Open: func(t testing.TB) *drivertest.Bench {
			b := newBench(t, k.kind)
			b.open()
			return b.Bench
		}})
	}
	return enet.NewSuite(all)
}

// inside is what the suite has to know.
func (b *bench) inside() drivertest.Inside {
	in := enet.Inside(b.Device, b.model)
	in.Mend = func() { b.model.Faults = enetmodel.Faults{} }
	in.Bad, in.Silent = b.faults(bad), b.faults(silent)
	in.Registers = registers
	in.Random = []uint32{0x08, 0x10, 0x14, 0x24, 0x40, 0x44, 0x64, 0x84, 0xC4, 0xE4, 0xE8, 0xEC,
		0x118, 0x11C, 0x120, 0x124, 0x144, 0x180, 0x184, 0x188, 0x190, 0x194, 0x1B0, 0x1C0, 0x1C4}
	return in
}

// fault is a device that does something wrong, and what TakeOver says to it.
type fault struct {
	name   string
	faults enetmodel.Faults
	want   error
}

func (b *bench) faults(list []fault) (of []drivertest.Fault) {
	for _, f := range list {
		of = append(of, drivertest.Fault{Name: f.name, Set: func() { b.model.Faults = f.faults }, Want: f.want,
			Slowly: f.faults.FrameTime != 0})
	}
	return of
}

var bad = []fault{
	{"answers nothing", enetmodel.Faults{AllOnes: true}, enet.ErrAbsent},
	{"stays in reset", enetmodel.Faults{ResetReads: -1}, enet.ErrReset},
	{"never completes", enetmodel.Faults{NeverCompletes: true}, nil},
	{"has no link", enetmodel.Faults{LinkDown: true}, nil},
	{"keeps its management bus", enetmodel.Faults{MDIONever: true}, nil},
	{"notices no doorbell", enetmodel.Faults{SleepyTDAR: 1 << 30}, nil},
	{"has a bus error", enetmodel.Faults{BusError: true}, nil},
}

var silent = []fault{
	{name: "completes nothing", faults: enetmodel.Faults{NeverCompletes: true}},
	{name: "has no link", faults: enetmodel.Faults{LinkDown: true}},
	{name: "clears no R", faults: enetmodel.Faults{NoWriteBack: true}},
	{name: "stays in reset", faults: enetmodel.Faults{NeverCompletes: true, ResetReads: -1}},
	{name: "keeps its bus", faults: enetmodel.Faults{NeverCompletes: true, MDIONever: true}},
	{name: "keeps it and stays in reset", faults: enetmodel.Faults{NeverCompletes: true, MDIONever: true, ResetReads: -1}},
	{name: "notices no doorbell", faults: enetmodel.Faults{SleepyTDAR: 1 << 30}},
	{name: "sends slowly", faults: enetmodel.Faults{FrameTime: 9e6}},
	{name: "has lost its clock", faults: enetmodel.Faults{AllOnes: true}},
	{name: "answers noise", faults: enetmodel.Faults{RandomReads: true, NeverCompletes: true}},
}

var registers = []drivertest.Register{
	{Name: "ECR disabled", Off: 0x024, V: 0x100},
	{Name: "ECR with enhanced descriptors", Off: 0x024, V: 0x122},
	{Name: "ECR without DBSWP", Off: 0x024, V: 2},
	{Name: "ECR asleep", Off: 0x024, V: 0x10A},
	{Name: "RCR in loopback", Off: 0x084, V: 0x05F20105},
	{Name: "RCR with PAUSE", Off: 0x084, V: 0x05F20124},
	{Name: "RCR with a short MAX_FL", Off: 0x084, V: 0x00400104},
	{Name: "TCR half duplex", Off: 0x0C4, V: 0},
	{Name: "TCR stopped", Off: 0x0C4, V: 5},
	{Name: "PALR", Off: 0x0E4, V: 0x02020202},
	{Name: "PAUR", Off: 0x0E8, V: 0x02020000},
	{Name: "TFWR", Off: 0x144, V: 1},
	{Name: "RDSR", Off: 0x180, V: 0x1000},
	{Name: "TDSR", Off: 0x184, V: 0x1000},
	{Name: "TDSR zero", Off: 0x184, V: 0},
	{Name: "MRBR", Off: 0x188, V: 64},
	{Name: "RSFL", Off: 0x190, V: 8},
	{Name: "FTRL", Off: 0x1B0, V: 100},
	{Name: "TACC", Off: 0x1C0, V: 1},
	{Name: "RACC", Off: 0x1C4, V: 0x80},
}
