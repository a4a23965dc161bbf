package devicetree

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

func parsed(t *testing.T) *Tree {
	t.Helper()
	tree, err := Parse(machine())
	if err != nil {
		t.Fatal(err)
	}
	return &tree
}

func node(t *testing.T, tree *Tree, path string) Node {
	t.Helper()
	n, ok := tree.Path(path)
	if !ok {
		t.Fatalf("no node %s", path)
	}
	return n
}

func TestNodesComeInOrder(t *testing.T) {
	tree := parsed(t)
	var names []string
	n, ok := tree.Root()
	for ; ok; n, ok = n.Next() {
		names = append(names, n.Name())
	}
	want := []string{"", "memory@40000000", "memory@8000000000", "reserved-memory", "firmware@50000000", "secure@58000000", "pool", "pl011@9000000",
		"virtio_mmio@a000000", "virtio_mmio@a000200", "soc", "bus", "uart@1800", "island", "uart@0", "intc@8000000",
		"pcie@10000000", "gpio-keys", "poweroff", "pl061@9030000", "cpus", "cpu@101", "aliases", "chosen"}
	if !slices.Equal(names, want) {
		t.Errorf("nodes %q, want %q", names, want)
	}
}

func TestProperties(t *testing.T) {
	tree := parsed(t)
	chosen := node(t, tree, "/chosen")
	if s := chosen.String("bootargs"); s != "netconsole=@10.0.2.15/,6666@10.0.2.2/" {
		t.Errorf("bootargs %q", s)
	}
	if v, ok := chosen.Uint64("linux,initrd-start"); !ok || v != 0x4800_0000 {
		t.Errorf("initrd at %#x, %v", v, ok)
	}
	if _, ok := chosen.Property("boot"); ok {
		t.Error("there is a property whose name is the start of another's")
	}
	uart := node(t, tree, "/pl011")
	if !uart.Compatible("arm,primecell") || uart.Compatible("arm,pl") || uart.Compatible("arm") {
		t.Error("the list of what a node is compatible with is not read by whole words")
	}
	if c, ok := tree.Console(); !ok || c.Name() != "pl011@9000000" {
		t.Errorf("the console is %q, %v", c.Name(), ok)
	}
	if n, ok := tree.Find("virtio,mmio"); !ok || n.Name() != "virtio_mmio@a000200" {
		t.Errorf("the first device that is not disabled is %q, %v", n.Name(), ok)
	}
	if _, ok := tree.Path("/soc/uart"); ok {
		t.Error("a path leads to a node two levels below")
	}
	if v, ok := node(t, tree, "/cpus/cpu").Unit(); !ok || v != 0x101 {
		t.Errorf("the processor's affinity is %#x, %v", v, ok)
	}
}

func TestAddressesAreTheProcessors(t *testing.T) {
	tree := parsed(t)
	type window struct {
		addr, size uint64
		ok         bool
	}
	for _, c := range []struct {
		path string
		want []window
	}{
		{"/pl011", []window{{0x900_0000, 0x1000, true}, {}}},
		{"/pcie", []window{{0x40_1000_0000, 0x1000_0000, true}}},
		{"/soc/bus/uart", []window{{0x8_0000_2800, 0x100, true}, {}, {0x8_0010_0000, 4, true}}}, // the second one ends beyond the bus
		{"/soc/island/uart", []window{{}}},
		{"/", []window{{}}},
	} {
		for i, want := range c.want {
			addr, size, ok := node(t, tree, c.path).Reg(i)
			if !ok {
				addr, size = 0, 0
			}
			if got := (window{addr, size, ok}); got != want {
				t.Errorf("%s window %d is %+v, want %+v", c.path, i, got, want)
			}
		}
	}
}

func ranges(f func(i int) (addr, size uint64, ok bool)) (all [][2]uint64) {
	for i := 0; ; i++ {
		addr, size, ok := f(i)
		if !ok {
			return all
		}
		all = append(all, [2]uint64{addr, size})
	}
}

func TestMemory(t *testing.T) {
	tree := parsed(t)
	if got, want := ranges(tree.Memory), [][2]uint64{{0x4000_0000, 0x2000_0000}, {1 << 32, 2 << 32}, {0x80 << 32, 0x1000}}; !slices.Equal(got, want) {
		t.Errorf("memory %#x, want %#x", got, want)
	}
	if got, want := ranges(tree.Reserved), [][2]uint64{{0x4800_0000, 0x1_0000}, {0x5000_0000, 0x20_0000}, {0x5800_0000, 0x1000}, {0x5900_0000, 0x2000}}; !slices.Equal(got, want) {
		t.Errorf("reserved %#x, want %#x", got, want)
	}
	if got, want := ranges(tree.Unmapped), [][2]uint64{{0x5800_0000, 0x1000}, {0x5900_0000, 0x2000}}; !slices.Equal(got, want) {
		t.Errorf("not to be mapped %#x, want %#x", got, want)
	}
}

func TestInterrupts(t *testing.T) {
	tree := parsed(t)
	gic := func(v Interrupt, ok bool) [2]uint32 {
		id, level, ok2 := v.GIC()
		if !ok || !ok2 || v.Controller.Name() != "intc@8000000" {
			return [2]uint32{}
		}
		if level {
			return [2]uint32{id, 1}
		}
		return [2]uint32{id, 0}
	}
	uart, virtio, pcie := node(t, tree, "/pl011"), node(t, tree, "/virtio_mmio@a000200"), node(t, tree, "/pcie")
	for _, c := range []struct {
		what string
		got  [2]uint32
		want [2]uint32
	}{
		{"of the console, by the root's controller", gic(uart.Interrupt(0)), [2]uint32{33, 1}},
		{"behind that", gic(uart.Interrupt(1)), [2]uint32{}},
		{"of a device with a list of its own", gic(virtio.Interrupt(0)), [2]uint32{49, 0}},
		{"second of that, private to a processor", gic(virtio.Interrupt(1)), [2]uint32{19, 1}},
		{"behind that", gic(virtio.Interrupt(2)), [2]uint32{}},
		{"of PCI device 0, INTB", gic(pcie.PCIInterrupt(0, 2)), [2]uint32{36, 1}},
		{"of PCI device 5, INTA, by the mask", gic(pcie.PCIInterrupt(5, 1)), [2]uint32{36, 1}},
		{"of a PCI device that is not in the map", gic(pcie.PCIInterrupt(2, 1)), [2]uint32{}},
	} {
		if c.got != c.want {
			t.Errorf("the interrupt %s is %d, want %d", c.what, c.got, c.want)
		}
	}
}

// TestInterruptsOfFourCells: a controller of version 3 may say of private interrupts whose they are, in a cell that all have then.
func TestInterruptsOfFourCells(t *testing.T) {
	var b builder
	b.node("", func() {
		b.node("intc", func() {
			b.cells("phandle", 1)
			b.cells("#interrupt-cells", 4)
		})
		b.node("timer", func() {
			b.cells("interrupt-parent", 1)
			b.cells("interrupts", 1, 13, 8, 0, 0, 5, 1, 0)
		})
	})
	tree, err := Parse(b.tree())
	if err != nil {
		t.Fatal(err)
	}
	timer := node(t, &tree, "/timer")
	for i, want := range []uint32{29, 37} {
		v, ok := timer.Interrupt(i)
		if id, level, ok2 := v.GIC(); !ok || !ok2 || id != want || level != (i == 0) {
			t.Errorf("interrupt %d is %d, a level: %v; want %d", i, id, level, want)
		}
	}
}

func TestPCIWindows(t *testing.T) {
	pcie := node(t, parsed(t), "/pcie")
	want := []PCIWindow{
		{Kind: PCIIO, CPU: 0x3eff_0000, Size: 0x1_0000},
		{Kind: PCIMemory32, Bus: 0x1000_0000, CPU: 0x1000_0000, Size: 0x2eff_0000},
		{Kind: PCIMemory64, Prefetchable: true, Bus: 0x80_0000_0000, CPU: 0x80_0000_0000, Size: 0x80_0000_0000},
	}
	for i, want := range want {
		if got, ok := pcie.PCIWindow(i); !ok || got != want {
			t.Errorf("window %d is %+v, %v, want %+v", i, got, ok, want)
		}
	}
	if _, ok := pcie.PCIWindow(len(want)); ok {
		t.Error("there is a window behind the last")
	}
	if first, last := pcie.BusRange(); first != 0 || last != 15 {
		t.Errorf("buses %d to %d", first, last)
	}
}

func TestPins(t *testing.T) {
	key := node(t, parsed(t), "/gpio-keys/poweroff")
	if c, pin, ok := key.GPIO("gpios"); !ok || pin != 3 || c.Name() != "pl061@9030000" {
		t.Errorf("the key is at pin %d of %q, %v", pin, c.Name(), ok)
	}
	if c, _, ok := key.GPIO("gpio"); ok {
		t.Errorf("a pin of %q, which has none", c.Name())
	}
	if _, _, ok := key.GPIO("label"); ok {
		t.Error("a pin of a property that is not there")
	}
}

func TestWhatIsNoTree(t *testing.T) {
	good := machine()
	changed := func(off int, v uint32) []byte {
		b := slices.Clone(good)
		binary.BigEndian.PutUint32(b[off:], v)
		return b
	}
	for _, c := range []struct {
		what string
		b    []byte
		want error
	}{
		{"nothing", nil, ErrNoTree},
		{"another magic", changed(0, 0xedfe0dd0), ErrNoTree},
		{"a tree that was cut off", good[:len(good)-1], ErrDamaged},
		{"a size beyond all bounds", changed(headerTotal, MaxSize+1), ErrDamaged},
		{"structures that begin behind the end", changed(headerStructs, uint32(len(good)+4)), ErrDamaged},
		{"structures that end behind the end", changed(headerStructsSize, ^uint32(0)), ErrDamaged},
		{"strings that end behind the end", changed(headerStringsSize, uint32(len(good))), ErrDamaged},
		{"reservations behind the end", changed(headerReserved, ^uint32(0)), ErrDamaged},
		{"a version of later", changed(headerCompatible, 18), ErrVersion},
	} {
		if _, err := Parse(c.b); !errors.Is(err, c.want) {
			t.Errorf("%s gives %v, want %v", c.what, err, c.want)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	b := machine()
	if n := testing.AllocsPerRun(10, func() { all(b) }); n != 0 {
		t.Errorf("reading a tree allocates %v times", n)
	}
}

// all reads all that there is to read.
func all(b []byte) (nodes int) {
	tree, err := Parse(b)
	if err != nil {
		return 0
	}
	const most = 64 // of a list
	for i := 0; i < most; i++ {
		if _, _, ok := tree.Memory(i); !ok {
			break
		}
	}
	for i := 0; i < most; i++ {
		if _, _, ok := tree.Reserved(i); !ok {
			break
		}
	}
	for i := 0; i < most; i++ {
		if _, _, ok := tree.Unmapped(i); !ok {
			break
		}
	}
	tree.Console()
	n, ok := tree.Root()
	for ; ok && nodes < most; n, ok = n.Next() {
		nodes++
		n.Compatible("arm,pl011")
		n.Unit()
		n.Reg(0)
		n.Reg(1)
		n.BusRange()
		n.GPIO("gpios")
		for i := range 3 {
			n.PCIWindow(i)
			if v, ok := n.Interrupt(i); ok {
				v.GIC()
			}
			n.PCIInterrupt(uint8(i), 1)
		}
	}
	return nodes
}

func FuzzTree(f *testing.F) {
	f.Add(machine())
	f.Fuzz(func(t *testing.T, b []byte) { all(b) })
}

func TestDeepTree(t *testing.T) {
	var b builder
	var deep func(n int)
	deep = func(n int) {
		if n > 0 {
			b.node("n", func() { deep(n - 1) })
		}
	}
	b.node("", func() {
		deep(100)
		b.node("last", func() {})
	})
	tree, err := Parse(b.tree())
	if err != nil {
		t.Fatal(err)
	}
	n, nodes := node(t, &tree, "/"), 0
	for ok := true; ok; n, ok = n.Next() {
		nodes++
	}
	if _, ok := tree.Path("/last"); !ok || nodes != maxDepth+1 {
		t.Errorf("%d nodes, want the first %d levels and the one behind them (%v)", nodes, maxDepth, ok)
	}
}
