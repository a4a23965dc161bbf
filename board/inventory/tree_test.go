package inventory

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gasp/board/devicetree"
	"gasp/drivers/pci"
)

// dump is the tree that QEMU makes for a machine.
func dump(t *testing.T, machine string) *devicetree.Tree {
	t.Helper()
	const program = "qemu-system-aarch64"
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("%s is not installed, run qemu/setup.sh: %v", program, err)
	}
	dir, err := os.MkdirTemp("", "tree")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "tree") // not t.TempDir, whose name has the commas of the machine's
	if out, err := exec.Command(program, "-machine", machine+",dumpdtb="+file, "-display", "none", "-cpu", "cortex-a57", "-smp", "3").CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := devicetree.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return &tree
}

// onlyTree takes out of m what ACPI's static tables do not tell, after a look at it.
func onlyTree(t *testing.T, m *Machine) {
	t.Helper()
	if m.Source != DeviceTree {
		t.Errorf("told by %v", m.Source)
	}
	if m.SlotCount != 32 || m.Slots[0] != (Slot{Range{0xa000000, 0x200}, Line{48, true}, false}) {
		t.Errorf("%d slots of virtio-mmio, the first is %+v", m.SlotCount, m.Slots[0])
	}
	if m.Clock != (Range{0x9010000, 0x1000}) || m.Firmware.Addr != 0x9020000 {
		t.Errorf("clock %#x, firmware's configuration %#x", m.Clock, m.Firmware)
	}
	if m.PowerKey != (Key{Range{0x9030000, 0x1000}, 3, Line{39, false}}) {
		t.Errorf("power key %+v", m.PowerKey)
	}
	h := &m.Hosts[0]
	for d := range h.Pins {
		for p, got := range h.Pins[d] {
			if want := (Line{35 + uint32(d+p)%4, false}); got != want {
				t.Errorf("pin %d of device %d leads to %+v, want %+v", p, d, got, want)
			}
		}
	}
	want := [MaxWindows]Window{{pci.IO, 0, 0x3eff0000, 0x10000}, {pci.Mem32, 0x10000000, 0x10000000, 0x2eff0000}, {pci.Mem64, 0x8000000000, 0x8000000000, 0x8000000000}}
	if h.Windows != want {
		t.Errorf("windows %#x, want %#x", h.Windows, want)
	}
	h.Pins, h.Windows = [pciDevices][pciPins]Line{}, [MaxWindows]Window{}
	m.Slots, m.SlotCount = [MaxSlots]Slot{}, 0
	m.Clock, m.Firmware, m.PowerKey = Range{}, Range{}, Key{}
}

func TestEmptyTree(t *testing.T) {
	var m Machine
	m.ReadTree(&devicetree.Tree{})
	if m.Console.Size != 0 || m.GIC.Version != 0 || m.CPUCount != 0 || m.HostCount != 0 || m.PSCI != (PSCI{}) {
		t.Errorf("an empty tree gives %+v", m)
	}
}
