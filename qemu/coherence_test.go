package qemu

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gasp/netlog/wire"
)

// TestDMAThatIsNotCoherent starts machines whose tree has no dma-coherent: what the network device reads and writes is memory that is
// mapped uncached, as the processor itself says (PAR_EL1), and a report comes. QEMU has no caches: whether it is right to the byte only a real
// machine shows.
func TestDMAThatIsNotCoherent(t *testing.T) {
	const says = "DMA is not coherent, says a device tree: memory for it is not cached"
	for i, nic := range []string{"e1000e", "virtio-net-device", "virtio-net-pci"} {
		if i > 0 && os.Getenv("GASP_FULL") != "1" {
			break
		}
		t.Run(nic, func(t *testing.T) {
			w := &Wire{}
			m := Machine{Type: "virt", NIC: nic, Wire: w, Cmdline: knownStation("+") + " gasp.crash=nil panic=-1", Deadline: bootDeadline}
			m.Extra = []string{"-smp", "2", "-dtb", incoherentTree(t)}
			if end, err := bootMachine(t, m).Wait(); err != nil {
				t.Fatal(end, err)
			}
			reportOf(t, w.Datagrams(), wire.Crash)
			if !contains(w.Datagrams(), says) {
				t.Errorf("no record has %q", says)
			}
		})
	}
}

// incoherentTree writes the tree of QEMU's virt without dma-coherent, and returns the file's path.
func incoherentTree(t *testing.T) string {
	t.Helper()
	kind, err := TypeOf("virt")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tree")
	dump := exec.Command(kind.Program, "-machine", kind.Machine+",dumpdtb="+escape(file), "-display", "none", "-cpu", kind.CPU,
		"-m", "1024", "-smp", "2")
	if out, err := dump.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tree, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := removeProperty(tree, "dma-coherent"); n == 0 {
		t.Fatal("the tree has no dma-coherent")
	}
	// Without the room behind it, which QEMU would double, it fits below the image.
	const offsetSize, offsetStrings, sizeStrings = 4, 12, 32
	be := binary.BigEndian
	end := be.Uint32(tree[offsetStrings:]) + be.Uint32(tree[sizeStrings:])
	be.PutUint32(tree[offsetSize:], end)
	tree = tree[:end]
	if err := os.WriteFile(file, tree, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// removeProperty overwrites properties of a flattened device tree that have no value with tokens that mean nothing (Devicetree Specification 0.4,
// 5.2 and 5.4.1), and returns how many there were.
func removeProperty(tree []byte, name string) (n int) {
	const (
		offsetStructure = 8
		offsetStrings   = 12
		property, nop   = 3, 4
	)
	be := binary.BigEndian
	structure, names := be.Uint32(tree[offsetStructure:]), be.Uint32(tree[offsetStrings:])
	at := bytes.Index(tree[names:], []byte("\x00"+name+"\x00"))
	if at < 0 {
		return 0
	}
	want := be.AppendUint32(be.AppendUint32(be.AppendUint32(nil, property), 0), uint32(at)+1)
	nothing := be.AppendUint32(be.AppendUint32(be.AppendUint32(nil, nop), nop), nop)
	for i := int(structure); i+len(want) <= int(names); i += 4 {
		if bytes.Equal(tree[i:i+len(want)], want) {
			copy(tree[i:], nothing)
			n++
		}
	}
	return n
}
