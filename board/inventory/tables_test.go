package inventory

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"gasp/board/acpi"
)

var le = binary.LittleEndian

// tables are those of a machine, one behind the other from tablesAt on.
type tables struct{ memory []byte }

const (
	tablesAt   = 0x5bf0_0000
	headerSize = 36
)

func (f *tables) read(addr, n uint64) []byte {
	if addr < tablesAt || addr-tablesAt > uint64(len(f.memory)) || n > uint64(len(f.memory))-(addr-tablesAt) {
		return nil
	}
	return f.memory[addr-tablesAt:][:n]
}

func seal(b []byte, at int) {
	b[at] = 0
	for i, c := range b {
		if i != at {
			b[at] -= c
		}
	}
}

// add adds a table, fields at their offsets, and returns its address.
func (f *tables) add(signature string, size int, fields ...field) uint64 {
	b := put(make([]byte, size), fields...)
	copy(b, signature)
	le.PutUint32(b[4:], uint32(size))
	seal(b, 9)
	addr := tablesAt + uint64(len(f.memory))
	f.memory = append(f.memory, b...)
	return addr
}

// root adds root table and root pointer, and returns the latter's address.
func (f *tables) root(list ...uint64) uint64 {
	var fields []field
	for i, addr := range list {
		fields = append(fields, field{headerSize + 8*i, 8, addr})
	}
	xsdt := f.add("XSDT", headerSize+8*len(list), fields...)
	b := put(make([]byte, 36), field{15, 1, 2}, field{20, 4, 36}, field{24, 8, xsdt})
	copy(b, "RSD PTR ")
	seal(b[:20], 8)
	seal(b, 32)
	addr := tablesAt + uint64(len(f.memory))
	f.memory = append(f.memory, b...)
	return addr
}

// A field is a number in a table: where, of how many bytes.
type field struct {
	at, size int
	v        uint64
}

func put(b []byte, fields ...field) []byte {
	for _, f := range fields {
		copy(b[f.at:f.at+f.size], le.AppendUint64(nil, f.v))
	}
	return b
}

// madt adds a MADT of structures.
func (f *tables) madt(structures ...[]byte) uint64 {
	body := slices.Concat(structures...)
	b := append(make([]byte, 44), body...)
	var fields []field
	for i, c := range b {
		fields = append(fields, field{i, 1, uint64(c)})
	}
	return f.add("APIC", len(b), fields...)
}

func structure(kind, size uint64, fields ...field) []byte {
	return put(make([]byte, size), append(fields, field{0, 1, kind}, field{1, 1, size})...)
}

// virt has what QEMU tells of its machine (hw/arm/virt-acpi-build.c), with its size of the tables.
func virt(version int, hvc, its bool) (*tables, uint64) {
	f := &tables{}
	flags := uint64(1)
	if hvc {
		flags = 3
	}
	controller := [][]byte{structure(12, 24, field{8, 8, 0x8000000}, field{20, 1, uint64(version)})}
	for id := range uint64(3) {
		fields := []field{{12, 4, 1}, {68, 8, id}}
		if version == 2 {
			fields = append(fields, field{32, 8, 0x8010000})
		}
		controller = append(controller, structure(11, 80, fields...))
	}
	if version == 2 {
		controller = append(controller, structure(13, 24, field{8, 8, 0x8020000}, field{16, 4, 1}, field{20, 2, 64}, field{22, 2, 80}))
	} else {
		controller = append(controller, structure(14, 16, field{4, 8, 0x80a0000}, field{12, 4, 0xf60000}))
	}
	list := []uint64{}
	if its {
		controller = append(controller, structure(15, 20, field{8, 8, 0x8080000}))
		list = append(list, f.add("IORT", 48+24+56,
			field{36, 4, 2}, field{40, 4, 48},
			field{48 + 1, 2, 24}, field{48 + 16, 4, 1},
			field{72, 1, 2}, field{72 + 1, 2, 56}, field{72 + 8, 4, 1}, field{72 + 12, 4, 36}, field{72 + 16, 4, 1}, field{72 + 23, 1, 3}, field{72 + 24, 4, 0},
			field{108 + 4, 4, 0xFFFF}, field{108 + 12, 4, 48}))
	}
	return f, f.root(append(list,
		f.add("FACP", 276, field{8, 1, 6}, field{129, 2, flags}),
		f.madt(controller...),
		f.add("GTDT", 104, field{48, 4, 29}, field{56, 4, 30}, field{64, 4, 27}, field{72, 4, 26}),
		f.add("MCFG", 60, field{44, 8, 0x4010000000}, field{55, 1, 255}),
		f.add("SPCR", 80, field{36, 1, 3}, field{40, 4, 0x01000800}, field{44, 8, 0x9000000}),
	)...)
}

// TestBothSay: what QEMU's tree and its tables have in common is the same, but for sizes that tables do not have.
func TestBothSay(t *testing.T) {
	for _, c := range []struct {
		machine string
		version int
		hvc     bool
		its     bool
	}{
		{"virt,gic-version=2", 2, true, false},
		{"virt,gic-version=3,its=off", 3, true, false},
		{"virt,gic-version=3", 3, true, true},
		{"virt,gic-version=3,its=off,virtualization=on", 3, false, false},
	} {
		t.Run(c.machine, func(t *testing.T) {
			var byTree, byTables Machine
			byTree.ReadTree(dump(t, c.machine))
			onlyTree(t, &byTree)
			f, rsdp := virt(c.version, c.hvc, c.its)
			if err := byTables.ReadTables(f.read, rsdp); err != nil {
				t.Fatal(err)
			}
			h := &byTables.Hosts[0]
			if w := h.Windows[0]; byTables.Source != ACPI || !h.Placed || w.Bus != w.CPU || w.Size != addressable {
				t.Errorf("told by %v, placed %v, window %#x", byTables.Source, h.Placed, w)
			}
			h.Placed, h.Windows = false, [MaxWindows]Window{}
			byTables.Source = DeviceTree
			if m := &byTables.GIC; c.version == 2 {
				if m.FirstMessage != 80 || m.MessageCount != 64 {
					t.Errorf("messages from %d on, %d of them; want 80, 64", m.FirstMessage, m.MessageCount)
				}
				m.FirstMessage, m.MessageCount = 0, 0
				m.Distributor.Size, m.CPU.Size = byTree.GIC.Distributor.Size, byTree.GIC.CPU.Size
			}
			if byTables != byTree {
				t.Errorf("tables: %+v\ntree: %+v", byTables, byTree)
			}
		})
	}
}

func TestTables(t *testing.T) {
	for _, c := range []struct {
		name string
		rsdp func(f *tables) uint64
		look func(m *Machine) bool
	}{
		{"a version that is not told", func(f *tables) uint64 {
			return f.root(f.add("FACP", 116), f.madt(structure(12, 24, field{8, 8, 0x8000000}), structure(11, 80, field{12, 4, 1}, field{32, 8, 0x8010000})))
		}, func(m *Machine) bool { return m.GIC.Version == 2 && m.CPUCount == 1 && m.PSCI == (PSCI{}) }},
		{"redistributors of version 4, each processor's own", func(f *tables) uint64 {
			return f.root(f.madt(structure(12, 24, field{8, 8, 0x8000000}, field{20, 1, 4}), structure(11, 80, field{12, 4, 1}, field{60, 8, 0x9000000})))
		}, func(m *Machine) bool {
			return m.GIC.Version == 3 && m.GIC.Redistributors[0] == Range{0x9000000, redistributor4}
		}},
		{"a 16550", func(f *tables) uint64 {
			return f.root(f.add("SPCR", 80, field{36, 1, 0x12}, field{40, 4, 0x03002000}, field{44, 8, 0xfe215040}))
		}, func(m *Machine) bool {
			return m.Console == Console{Range{0xfe215040, uartSize}, acpi.UART16550, 32, 4}
		}},
		{"more hosts than there is room for", func(f *tables) uint64 {
			fields := []field{}
			for i := range MaxHosts + 4 {
				fields = append(fields, field{44 + 16*i, 8, 0x4010000000}, field{44 + 16*i + 11, 1, 255})
			}
			return f.root(f.add("MCFG", 44+16*(MaxHosts+4), fields...))
		}, func(m *Machine) bool { return m.HostCount == MaxHosts }},
		{"a PCI segment that is not coherent, and two that are", func(f *tables) uint64 {
			fields, nodes := []field{}, []field{{36, 4, 2}, {40, 4, 48}}
			for i := range 3 {
				fields = append(fields, field{44 + 16*i, 8, 0x4010000000}, field{44 + 16*i + 8, 2, uint64(i)})
			}
			for i := range 2 { // of the third nothing is told
				at := 48 + 36*i
				nodes = append(nodes, field{at, 1, 2}, field{at + 1, 2, 36}, field{at + 16, 4, uint64(i)}, field{at + 28, 4, uint64(i)})
			}
			return f.root(f.add("MCFG", 44+16*3, fields...), f.add("IORT", 48+36*2, nodes...))
		}, func(m *Machine) bool {
			return m.HostCount == 3 && m.Hosts[0].Incoherent && !m.Hosts[1].Incoherent && !m.Hosts[2].Incoherent
		}},
		{"no tables but the root", func(f *tables) uint64 { return f.root() },
			func(m *Machine) bool {
				return m.Source == ACPI && m.Timer == Timer{Line{30, false}, Line{27, false}} && m.Console == Console{}
			}},
	} {
		f, m := &tables{}, &Machine{}
		if err := m.ReadTables(f.read, c.rsdp(f)); err != nil || !c.look(m) {
			t.Errorf("%s: %+v, %v", c.name, m, err)
		}
	}
	m := &Machine{}
	if err := m.ReadTables((&tables{}).read, tablesAt); !errors.Is(err, acpi.ErrRSDP) || m.Source != Nobody {
		t.Errorf("without a root pointer: %v, told by %v", err, m.Source)
	}
}

// TestNothingIsAllocated: boards read before there is a heap.
func TestNothingIsAllocated(t *testing.T) {
	f, rsdp := virt(3, true, true)
	read := f.read
	tree := dump(t, "virt")
	m := &Machine{}
	if n := testing.AllocsPerRun(10, func() { m.ReadTables(read, rsdp); m.ReadTree(tree) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
