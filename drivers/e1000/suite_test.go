package e1000_test

import (
	"bytes"
	"math/rand"
	"testing"

	"gasp/drivers/e1000"
	"gasp/internal/drivertest"
	"gasp/internal/e1000model"
)

func TestSuite(t *testing.T) { suite().Run(t) }

func BenchmarkTransmit(b *testing.B) { suite().BenchmarkTransmit(b) }

func suite() *drivertest.Suite {
	var all []drivertest.Kind
	for _, k := range kinds {
		all = append(all, drivertest.Kind{
			Name:  k.name,
			Alike: k.kind == e1000model.I82571 || k.kind == e1000model.I217,
			Open: func(t testing.TB) *drivertest.Bench {
				b := newBench(t, k.kind)
				b.open()
				return b.Bench
			},
		})
	}
	return e1000.NewSuite(all)
}

// inside is what the suite has to know.
func (b *bench) inside() drivertest.Inside {
	m := b.model
	in := e1000.Inside(b.Device, m)
	in.Frames = b.frames
	in.Interrupting = func() {
		b.config.PCI.EnableINTx()
		b.config.PCI.Save()
	}
	in.Garbage = func(random *rand.Rand) { m.InjectDescriptor(nil, random.Uint32(), random.Uint32()|1) }
	in.Mend = func() { m.Faults = e1000model.Faults{} }
	in.Bad, in.Silent = b.faults(bad), b.faults(silent)
	in.Random = []uint32{0, 0x100, 0x400, 0x410, 0x2800, 0x2804, 0x2808, 0x2810, 0x2818,
		0x3800, 0x3804, 0x3808, 0x3810, 0x3818, 0x3828, 0x3840, 0x5000, 0x5008, 0x5200, 0x5400, 0x5404, 0x5818}
	for _, r := range registers {
		if r.of == nil || r.of(m.Kind) {
			in.Registers = append(in.Registers, r.Register)
		}
	}
	return in
}

// fault is a device that does something wrong, and what TakeOver says to it.
type fault struct {
	name   string
	faults e1000model.Faults
	want   error
}

func (b *bench) faults(list []fault) (of []drivertest.Fault) {
	for _, f := range list {
		of = append(of, drivertest.Fault{Name: f.name, Set: func() { b.model.Faults = f.faults }, Want: f.want})
	}
	return of
}

var bad = []fault{
	{"answers nothing", e1000model.Faults{AllOnes: true}, e1000.ErrAbsent},
	{"stays in reset", e1000model.Faults{ResetReads: -1}, e1000.ErrReset},
	{"never loads its EEPROM", e1000model.Faults{EEPROMNever: true}, nil},
	{"never completes", e1000model.Faults{NeverCompletes: true}, nil},
	{"has no link", e1000model.Faults{LinkDown: true}, nil},
	{"keeps its bus", e1000model.Faults{MasterStays: true}, nil},
	{"keeps MDIO to itself", e1000model.Faults{FirmwareKeepsPHY: true}, nil},
}

var silent = []fault{
	{name: "completes nothing", faults: e1000model.Faults{NeverCompletes: true}},
	{name: "has no link", faults: e1000model.Faults{LinkDown: true}},
	{name: "sets no DD", faults: e1000model.Faults{NoWriteBack: true}},
	{name: "stays in reset", faults: e1000model.Faults{NeverCompletes: true, ResetReads: -1}},
	{name: "keeps bus, MDIO, EEPROM", faults: e1000model.Faults{NeverCompletes: true, MasterStays: true, FirmwareKeepsPHY: true, EEPROMNever: true}},
	{name: "keeps them and stays in reset", faults: e1000model.Faults{NeverCompletes: true, MasterStays: true, FirmwareKeepsPHY: true, EEPROMNever: true, ResetReads: -1}},
	{name: "keeps its queues off", faults: e1000model.Faults{QueueNever: true, NeverCompletes: true, FirmwareKeepsPHY: true, MasterStays: true}},
	{name: "is gone", faults: e1000model.Faults{AllOnes: true}},
	{name: "answers noise", faults: e1000model.Faults{RandomReads: true, NeverCompletes: true}},
}

func express(k e1000model.Kind) bool  { return k.Express }
func queues(k e1000model.Kind) bool   { return k.Queues }
func noQueues(k e1000model.Kind) bool { return !k.Queues }

var registers = []struct {
	drivertest.Register
	of func(e1000model.Kind) bool // nil: all
}{
	{drivertest.Register{Name: "CTRL without link", Off: 0x0000}, nil},
	{drivertest.Register{Name: "CTRL with VLAN handling", Off: 0x0000, V: 0x40000241}, nil},
	{drivertest.Register{Name: "CTRL with PAUSE", Off: 0x0000, V: 0x18000241}, noQueues},
	{drivertest.Register{Name: "RCTL", Off: 0x0100, V: 0}, nil},
	{drivertest.Register{Name: "TCTL off", Off: 0x0400, V: 0}, nil},
	{drivertest.Register{Name: "TDBAL", Off: 0x3800, V: 0x100000}, nil},
	{drivertest.Register{Name: "TDBAH", Off: 0x3804, V: 0x77}, nil},
	{drivertest.Register{Name: "TDLEN", Off: 0x3808, V: 0x80}, nil},
	{drivertest.Register{Name: "TDLEN zero", Off: 0x3808, V: 0}, nil},
	{drivertest.Register{Name: "TDH outside", Off: 0x3810, V: 0xFFFF}, nil},
	{drivertest.Register{Name: "RDBAL", Off: 0x2800, V: 0x100000}, nil},
	{drivertest.Register{Name: "RDBAH", Off: 0x2804, V: 0x77}, nil},
	{drivertest.Register{Name: "RDLEN", Off: 0x2808, V: 0x80}, nil},
	{drivertest.Register{Name: "RDH outside", Off: 0x2810, V: 0xFFFF}, nil},
	{drivertest.Register{Name: "TARC0 off", Off: 0x3840, V: 3}, func(k e1000model.Kind) bool { return k.Express && !k.Queues }},
	{drivertest.Register{Name: "RFCTL with other descriptors", Off: 0x5008, V: 0x8000}, express},
	{drivertest.Register{Name: "RDT", Off: 0x2818, V: 9}, nil},
	{drivertest.Register{Name: "the transmit queue off", Off: 0x3828, V: 1 << 16}, queues},
	{drivertest.Register{Name: "the receive queue off", Off: 0x2828, V: 1 << 16}, queues},
	{drivertest.Register{Name: "legacy receive descriptors", Off: 0x280C, V: 2}, queues},
}

// frames are those on the wire, without the one that ends a partly fetched packet,
// if the device got round to that after its loopback ended.
func (b *bench) frames() (frames [][]byte) {
	mac := b.MAC()
	for _, f := range b.model.Sent {
		if !bytes.Equal(f[:6], mac[:]) {
			frames = append(frames, f)
		}
	}
	return frames
}
