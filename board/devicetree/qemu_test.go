package devicetree

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// dump is the tree that QEMU makes for a machine.
func dump(t *testing.T, machine string, args ...string) *Tree {
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
	args = append([]string{"-machine", machine + ",dumpdtb=" + file, "-display", "none"}, args...)
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return &tree
}

func TestTreesOfQEMU(t *testing.T) {
	for _, c := range []struct {
		machine, gic, method string
		ecam, high           uint64
	}{
		{"virt", "arm,cortex-a15-gic", "hvc", 0x40_1000_0000, 0x80_0000_0000},
		{"virt,gic-version=3,highmem=off", "arm,gic-v3", "hvc", 0x3f00_0000, 0},
		{"virt,gic-version=3,virtualization=on", "arm,gic-v3", "smc", 0x40_1000_0000, 0x80_0000_0000},
	} {
		t.Run(c.machine, func(t *testing.T) {
			tree := dump(t, c.machine, "-cpu", "cortex-a57", "-m", "768", "-smp", "3")
			if all := ranges(tree.Memory); len(all) != 1 || all[0] != [2]uint64{0x4000_0000, 768 << 20} {
				t.Errorf("memory %#x", all)
			}
			uart, ok := tree.Console()
			if addr, size, _ := uart.Reg(0); !ok || !uart.Compatible("arm,pl011") || addr != 0x900_0000 || size != 0x1000 {
				t.Errorf("the console is %q at %#x, %#x bytes", uart.Name(), addr, size)
			}
			gic, ok := tree.Find(c.gic)
			if addr, _, _ := gic.Reg(0); !ok || addr != 0x800_0000 {
				t.Errorf("the interrupt controller is %q at %#x", gic.Name(), addr)
			}
			if psci, ok := tree.Find("arm,psci-1.0"); !ok || psci.String("method") != c.method {
				t.Errorf("PSCI is asked by %q", psci.String("method"))
			}
			timer, _ := tree.Find("arm,armv8-timer")
			for i, want := range []uint32{29, 30, 27, 26} {
				v, ok := timer.Interrupt(i)
				if id, level, ok2 := v.GIC(); !ok || !ok2 || id != want || !level {
					t.Errorf("interrupt %d of the timer is %d, %v", i, id, level)
				}
			}
			processors, slots := 0, 0
			n, ok := tree.Root()
			for ; ok; n, ok = n.Next() {
				if id, _ := n.Unit(); n.String("device_type") == "cpu" && id < 3 {
					processors++
				}
				if v, ok := n.Interrupt(0); ok && n.Compatible("virtio,mmio") {
					if id, level, ok := v.GIC(); ok && id >= 48 && id < 80 && !level {
						slots++
					}
				}
			}
			if processors != 3 || slots != 32 {
				t.Errorf("%d processors and %d slots of virtio-mmio, want 3 and 32", processors, slots)
			}
			host, ok := tree.Find("pci-host-ecam-generic")
			if addr, size, _ := host.Reg(0); !ok || addr != c.ecam || size == 0 {
				t.Errorf("configuration space of PCI at %#x, %#x bytes", addr, size)
			}
			high := uint64(0)
			for i := 0; ; i++ {
				w, ok := host.PCIWindow(i)
				if !ok {
					break
				}
				if w.Kind == PCIMemory64 {
					high = w.CPU
				}
			}
			if high != c.high {
				t.Errorf("the window above 4 GiB is at %#x, want %#x", high, c.high)
			}
			for device := range uint8(8) {
				for pin := uint8(1); pin <= 4; pin++ {
					v, ok := host.PCIInterrupt(device, pin)
					want := 35 + (uint32(device)+uint32(pin)-1)%4
					if id, level, ok2 := v.GIC(); !ok || !ok2 || id != want || !level {
						t.Errorf("pin %d of device %d leads to %d, want %d", pin, device, id, want)
					}
				}
			}
			key, ok := tree.Path("/gpio-keys/poweroff")
			if pl061, pin, ok2 := key.GPIO("gpios"); !ok || !ok2 || pin != 3 || !pl061.Compatible("arm,pl061") {
				t.Errorf("the power key is at pin %d of %q", pin, pl061.Name())
			}
		})
	}
}
