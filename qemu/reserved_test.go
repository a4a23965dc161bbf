package qemu

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// TestRAMInPieces: a device tree takes so many pieces out of RAM, which are not to be mapped, that there are not translation tables enough for
// the rest. The machine does without some of it, says so, and reports.
func TestRAMInPieces(t *testing.T) {
	kind, err := TypeOf("virt")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tree")
	path, err := program(kind.Program)
	if err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(path, "-machine", kind.Machine+",dumpdtb="+escape(file), "-cpu", kind.CPU, "-display", "none", "-nodefaults").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	tree, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const pieces, first, apart, size = 62, 0x4800_1000, 0x800_0000, 0x40_0000
	var reg []byte
	for i := range uint64(pieces) {
		reg = binary.BigEndian.AppendUint64(reg, first+i*apart)
		reg = binary.BigEndian.AppendUint64(reg, size)
	}
	if err := os.WriteFile(file, withReserved(packed(tree), reg), 0o600); err != nil {
		t.Fatal(err)
	}
	image, err := demonstration[kind.Suffix]()
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{}
	m := Machine{Type: "virt", NIC: "virtio-net-pci", Image: image, Wire: w, Memory: (first + pieces*apart - 0x4000_0000) >> 20,
		Extra: []string{"-dtb", file}, Cmdline: knownStation("+") + " panic=-1 gasp.crash=nil", Deadline: bootDeadline}
	if end, err := bootMachine(t, m).Wait(); err != nil {
		t.Fatal(end, err)
	}
	reportOf(t, w.Datagrams(), wire.Crash)
	const said = "RAM is in too many pieces"
	for _, r := range records(t, w.Datagrams()) {
		if strings.Contains(string(r.Text), said) {
			return
		}
	}
	t.Errorf("nothing says %q", said)
}

// withReserved is a device tree (Devicetree Specification 0.4, 3.5, 5.4) whose root has a node /reserved-memory, and that one with ranges that
// are not to be mapped. Its strings go behind the others.
func withReserved(tree, reg []byte) []byte {
	const total, structs, texts, textSize, structSize = 4, 8, 12, 32, 36
	const begin, end, property, last = 1, 2, 3, 9
	be := binary.BigEndian
	part := func(at, size int) []byte { return tree[be.Uint32(tree[at:]):][:be.Uint32(tree[size:])] }
	names, nodes := append([]byte{}, part(texts, textSize)...), append([]byte{}, part(structs, structSize)...)
	for len(nodes) > 0 && be.Uint32(nodes[len(nodes)-4:]) != last {
		nodes = nodes[:len(nodes)-4]
	}
	nodes = nodes[:len(nodes)-8] // the ends of the root and of all
	word := func(v ...uint32) {
		for _, v := range v {
			nodes = be.AppendUint32(nodes, v)
		}
	}
	node := func(name string) {
		word(begin)
		nodes = append(nodes, name...)
		nodes = append(nodes, make([]byte, 4-len(name)%4)...)
	}
	value := func(name string, v []byte) {
		word(property, uint32(len(v)), uint32(len(names)))
		names = append(append(names, name...), 0)
		nodes = append(nodes, v...)
	}
	two := []byte{0, 0, 0, 2}
	node("reserved-memory")
	value("#address-cells", two)
	value("#size-cells", two)
	value("ranges", nil)
	node("pieces")
	value("no-map", nil)
	value("reg", reg)
	word(end, end, end, last)
	out := append([]byte{}, tree[:min(be.Uint32(tree[structs:]), be.Uint32(tree[texts:]))]...)
	be.PutUint32(out[structs:], uint32(len(out)))
	be.PutUint32(out[structSize:], uint32(len(nodes)))
	out = append(out, nodes...)
	be.PutUint32(out[texts:], uint32(len(out)))
	be.PutUint32(out[textSize:], uint32(len(names)))
	out = append(out, names...)
	be.PutUint32(out[total:], uint32(len(out)))
	return out
}
