package acpi

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// gicc is a processor with an interface of either version.
func gicc(mpidr, cpu, redistributor uint64, flags uint32) []byte {
	b := make([]byte, 80)
	b[0], b[1] = madtGICC, 80
	binary.LittleEndian.PutUint32(b[giccFlags:], flags)
	binary.LittleEndian.PutUint64(b[giccCPU:], cpu)
	binary.LittleEndian.PutUint64(b[giccRedistributor:], redistributor)
	binary.LittleEndian.PutUint64(b[giccMPIDR:], mpidr)
	return b
}

func gicd(addr uint64, version uint8) []byte {
	b := make([]byte, gicdSize)
	b[0], b[1], b[gicdVersion] = madtGICD, gicdSize, version
	binary.LittleEndian.PutUint64(b[gicdAddress:], addr)
	return b
}

func gicr(addr uint64, size uint32) []byte {
	b := make([]byte, gicrSize)
	b[0], b[1] = madtGICR, gicrSize
	binary.LittleEndian.PutUint64(b[gicrAddress:], addr)
	binary.LittleEndian.PutUint32(b[gicrLength:], size)
	return b
}

func gicMessages(addr uint64, flags uint32, first, count uint16) []byte {
	b := make([]byte, messagesSize)
	b[0], b[1] = madtGICMessages, messagesSize
	binary.LittleEndian.PutUint64(b[messagesAddress:], addr)
	binary.LittleEndian.PutUint32(b[messagesFlags:], flags)
	binary.LittleEndian.PutUint16(b[messagesCount:], count)
	binary.LittleEndian.PutUint16(b[messagesFirst:], first)
	return b
}

func regions(r ...Region) (g GIC) {
	g.Regions = copy(g.Redistributors[:], r)
	return g
}

func TestGIC(t *testing.T) {
	two := GIC{Version: 2, Distributor: 0x8000000, CPU: 0x8010000, Messages: 0x8020000, FirstMessage: 80, MessageCount: 64}
	three := regions(Region{0x80a0000, 0xf60000}, Region{0x40_0000_0000, 0x400_0000})
	three.Version, three.Distributor = 3, 0x8000000
	own := regions(Region{0x80a0000, 0}, Region{0x80c0000, 0})
	own.Version, own.Distributor = 4, 0x8000000
	bare := GIC{Distributor: 0x8000000, Messages: 0x8020000}
	for _, tt := range []struct {
		name       string
		structures []byte
		want       GIC
		cpus       []uint64
		err        error
	}{
		{"as QEMU's version 2", join(gicd(0x8000000, 2), gicc(0, 0x8010000, 0, 1), gicc(1, 0x8010000, 0, 1), gicMessages(0x8020000, 1, 80, 64)),
			two, []uint64{0, 1}, nil},
		{"as QEMU's version 3, with many processors", join(gicd(0x8000000, 3), gicc(0x80000100, 0, 0, 1), gicr(0x80a0000, 0xf60000), gicr(0x40_0000_0000, 0x400_0000)),
			three, []uint64{0x100}, nil},
		{"redistributors of each processor's own", join(gicd(0x8000000, 4), gicc(0, 0, 0x80a0000, 1), gicc(1, 0, 0x80c0000, 1), gicc(2, 0, 0x80e0000, 0)),
			own, []uint64{0, 1}, nil},
		{"a frame that knows its numbers", join(gicMessages(0x8020000, 0, 80, 64), gicd(0x8000000, 0)), bare, nil, nil},
		{"more processors than there is room for", join(gicd(0x8000000, 0), gicMessages(0x8020000, 0, 0, 0), gicc(1<<32, 0, 0, 1), gicc(2, 0, 0, 1), gicc(3, 0, 0, 1)),
			bare, []uint64{1 << 32, 2}, nil},
		{"structures too short", join(gicd(0x8000000, 0), gicMessages(0x8020000, 0, 0, 0), []byte{madtGICC, 40}, make([]byte, 38), []byte{madtGICR, 4, 0, 0}, []byte{madtGICD, 2}),
			bare, nil, nil},
		{"redistributors beyond the address space", join(gicd(0x8000000, 0), gicMessages(0x8020000, 0, 0, 0), gicr(1<<64-0x1000, 0x2000)), bare, nil, nil},
		{"no distributor", gicc(0, 0x8010000, 0, 1), GIC{}, nil, ErrMADT},
		{"empty", nil, GIC{}, nil, ErrMADT},
	} {
		cpus := make([]uint64, 2)
		g, n, err := ParseGIC(with("APIC", 0x70000, append(make([]byte, madtStructures-headerSize), tt.structures...)).memory, rsdpAt, cpus)
		if g != tt.want || !slices.Equal(cpus[:n], tt.cpus) || !errors.Is(err, tt.err) {
			t.Errorf("%s: %+v, processors %#x, %v; want %+v, %#x, %v", tt.name, g, cpus[:n], err, tt.want, tt.cpus, tt.err)
		}
	}
	if _, _, err := ParseGIC(pc(116, s5Zero, nil).memory, rsdpAt, nil); !errors.Is(err, ErrMADT) {
		t.Errorf("without a table: %v, want %v", err, ErrMADT)
	}
}

func gtdt(physical, virtual Line) []byte {
	b := make([]byte, 96-headerSize)
	for at, l := range map[int]Line{gtdtPhysical: physical, gtdtVirtual: virtual} {
		binary.LittleEndian.PutUint32(b[at-headerSize:], l.ID)
		if l.Edge {
			binary.LittleEndian.PutUint32(b[at+gtdtFlags-headerSize:], timerEdge)
		}
	}
	return b
}

func TestGTDT(t *testing.T) {
	p, v := Line{30, true}, Line{27, false}
	if gotP, gotV, err := ParseGTDT(with("GTDT", 0x70000, gtdt(p, v)).memory, rsdpAt); gotP != p || gotV != v || err != nil {
		t.Errorf("timers %+v and %+v, %v; want %+v and %+v", gotP, gotV, err, p, v)
	}
	if _, _, err := ParseGTDT(with("GTDT", 0x70000, gtdt(p, v)[:30]).memory, rsdpAt); !errors.Is(err, ErrGTDT) {
		t.Errorf("cut short: %v, want %v", err, ErrGTDT)
	}
	if _, _, err := ParseGTDT(pc(116, s5Zero, nil).memory, rsdpAt); !errors.Is(err, ErrGTDT) {
		t.Errorf("without a table: %v, want %v", err, ErrGTDT)
	}
}

func TestPSCI(t *testing.T) {
	for _, tt := range []struct {
		name      string
		size      int
		flags     uint16
		psci, hvc bool
	}{
		{"by HVC", 276, armPSCI | armHVC, true, true},
		{"by SMC", 276, armPSCI, true, false},
		{"none", 276, 0, false, false},
		{"a table of ACPI 1.0", 116, armPSCI, false, false},
	} {
		f := pc(tt.size, s5Zero, func(fadt []byte) { binary.LittleEndian.PutUint16(fadt[fadtArmBoot:], tt.flags) })
		if psci, hvc, err := ParsePSCI(f.memory, rsdpAt); psci != tt.psci || hvc != tt.hvc || err != nil {
			t.Errorf("%s: %v, %v, %v", tt.name, psci, hvc, err)
		}
	}
	if _, _, err := ParsePSCI(firmware{}.memory, rsdpAt); !errors.Is(err, ErrRSDP) {
		t.Errorf("without tables: %v, want %v", err, ErrRSDP)
	}
}

func TestArmSerial(t *testing.T) {
	const addr = 0x9000000
	port := func(bits uint8) Serial { return Serial{Register{InMemory, bits, addr}, uint32(bits / 8), 0} }
	for _, tt := range []struct {
		name, table string
		body        []byte
		want        Serial
		kind        UART
		ok          bool
	}{
		{"as QEMU's", "SPCR", spcr(3, wide(0, 8, 1, addr), 0), port(8), PL011, true},
		{"what SBSA wants of one", "SPCR", spcr(0x0e, wide(0, 32, 3, addr), 0), port(32), GenericUART, true},
		{"a 16550 in memory", "SPCR", spcr(0x12, wide(0, 32, 3, addr), 0), port(32), UART16550, true},
		{"a 16550 at ports", "SPCR", spcr(0, address(1, 0x3f8), 0), Serial{}, 0, false},
		{"for debugging", "DBG2", dbg2(debugPort(debugSerial, 3, wide(0, 32, 3, addr))), port(32), PL011, true},
		{"one that is not known", "SPCR", spcr(0x05, wide(0, 32, 3, addr), 0), Serial{}, 0, false},
	} {
		got, kind, err := ParseArmSerial(with(tt.table, 0x70000, tt.body).memory, rsdpAt)
		if got != tt.want || kind != tt.kind || tt.ok != (err == nil) {
			t.Errorf("%s: %+v, kind %d, %v; want %+v, kind %d", tt.name, got, kind, err, tt.want, tt.kind)
		}
	}
}

// TestArmGarbage is TestGarbage for the tables of Arm machines.
func TestArmGarbage(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	madt := append(make([]byte, madtStructures-headerSize), join(gicd(0x8000000, 2), gicc(0, 0x8010000, 0, 1), gicMessages(0x8020000, 1, 80, 64), gicr(0x80a0000, 0xf60000))...)
	for range 20000 {
		for signature, body := range map[string][]byte{"APIC": madt, "GTDT": gtdt(Line{30, false}, Line{27, true}), "SPCR": spcr(3, address(0, 0x9000000), 0)} {
			b := slices.Clone(body)
			for range r.IntN(6) {
				b[r.IntN(len(b))] = byte(r.Uint32())
			}
			f := with(signature, 0x70000, b[:r.IntN(len(b)+1)])
			var cpus [3]uint64
			if _, n, _ := ParseGIC(f.memory, rsdpAt, cpus[:]); n > len(cpus) {
				t.Fatalf("%d processors in a list of %d", n, len(cpus))
			}
			ParseGTDT(f.memory, rsdpAt)
			ParseArmSerial(f.memory, rsdpAt)
		}
	}
}
