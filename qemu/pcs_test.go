package qemu

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gasp/internal/screentext"
	"gasp/netlog/wire"
)

// behind are the arguments for a device that leads to others.
func behind(devices ...string) (a []string) {
	for _, d := range devices {
		a = append(a, "-device", d)
	}
	return a
}

const rootPort = "pcie-root-port,id=root,chassis=1,slot=1"

// pcs are machines that differ from QEMU's usual ones in what real PCs do.
var pcs = []struct {
	name   string
	m      Machine
	hangs  bool // die of a hang, which a timer notices
	far    bool // the network card's registers are above 4 GiB
	always bool
}{
	{name: "root port", m: Machine{Type: "q35", Ahead: behind(rootPort), NIC: "e1000e,bus=root"}, always: true},
	{name: "registers above 4 GiB", m: Machine{Type: "q35", Memory: 8192, Ahead: behind(rootPort + ",pref64-reserve=16G"), NIC: "virtio-net-pci,bus=root,disable-legacy=on"}, far: true, always: true},
	{name: "switch", m: Machine{Type: "q35", Ahead: behind(rootPort, "x3130-upstream,id=up,bus=root", "xio3130-downstream,id=down,bus=up,chassis=2,slot=2"), NIC: "virtio-net-pci,bus=down"}},
	{name: "PCI behind PCI Express", m: Machine{Type: "q35", Ahead: behind("pcie-pci-bridge,id=bridge"), NIC: "e1000,bus=bridge,addr=3"}},
	{name: "PCI bridge", m: Machine{Type: "pc", Ahead: behind("pci-bridge,id=bridge,chassis_nr=1"), NIC: "e1000,bus=bridge,addr=3"}, hangs: true},
	{name: "another host bridge", m: Machine{Type: "q35", Ahead: behind("pxb-pcie,id=host,bus_nr=0x80,bus=pcie.0", rootPort+",bus=host"), NIC: "e1000e,bus=root"}, always: true},
	{name: "another host bridge of PCI", m: Machine{Type: "pc", Ahead: behind("pxb,id=host,bus_nr=0x80"), NIC: "e1000,bus=host,addr=1"}},
	{name: "no interval timer", m: Machine{Type: "q35", NIC: "e1000e", Extra: []string{"-machine", "pit=off"}}, hangs: true},
	{name: "no timer but ACPI's", m: Machine{Type: "q35", NIC: "e1000e", Extra: []string{"-machine", "pit=off,hpet=off,smbus=off"}}, always: true},
	{name: "no clock", m: Machine{Type: "microvm", NIC: "virtio-net-device", Extra: []string{"-machine", "rtc=off"}}},
	{name: "no keyboard controller", m: Machine{Type: "q35", NIC: "e1000e", Extra: []string{"-machine", "i8042=off"}}},
	{name: "no ACPI", m: Machine{Type: "q35", NIC: "e1000e", Extra: []string{"-machine", "acpi=off"}}},
	{name: "DMA remapping", m: Machine{Type: "q35", NIC: "e1000e", Extra: []string{"-device", "intel-iommu"}}},
	{name: "DMA remapping of AMD's", m: Machine{Type: "q35", NIC: "e1000e", Extra: []string{"-device", "amd-iommu"}}},
	{name: "the least processor", m: Machine{Type: "q35", NIC: "e1000e", CPU: "qemu64", Accel: "tcg"}, hangs: true, always: true},
	{name: "CPUID limited by firmware", m: Machine{Type: "q35", NIC: "e1000e", CPU: "max,level=4", Accel: "tcg"}, always: true},
	{name: "Nehalem", m: Machine{Type: "q35", NIC: "e1000e", CPU: "Nehalem", Accel: "tcg"}},
	{name: "EPYC", m: Machine{Type: "q35", NIC: "e1000e", CPU: "EPYC", Accel: "tcg"}},
	{name: "more processors than are used", m: Machine{Type: "q35", NIC: "e1000e", Extra: []string{"-smp", "20"}}},
	{name: "UEFI, root port, registers above 4 GiB", m: Machine{Type: "q35-uefi", Memory: 8192, Ahead: behind(rootPort + ",pref64-reserve=16G"), NIC: "virtio-net-pci,bus=root,disable-legacy=on",
		Extra: []string{"-fw_cfg", "name=opt/ovmf/X-PciMmio64Mb,string=65536"}}, far: true},
	{name: "UEFI, no timer but ACPI's", m: Machine{Type: "q35-uefi", NIC: "e1000e", Extra: []string{"-machine", "pit=off,hpet=off,smbus=off"}}},
}

// forUEFI is the demonstration image for a PC with UEFI, built once.
var forUEFI = sync.OnceValues(func() (string, error) {
	file := filepath.Join(buildDir, "pcs.efi")
	return file, BuildImage(context.Background(), file, "./cmd/image")
})

func imageForUEFI(t *testing.T) string {
	t.Helper()
	file, err := forUEFI()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// pcDeadline is for a machine whose firmware may take a minute when others run beside it.
const pcDeadline = bootDeadline + time.Minute

// waitUntil waits for a text at the log host, as long as the machine has.
func waitUntil(t *testing.T, r *Run, w *Wire, text string) {
	t.Helper()
	for !contains(w.Datagrams(), text) {
		select {
		case <-r.ended:
			t.Fatalf("the machine has ended, and %q has not arrived", text)
		case <-time.After(actLook):
		}
	}
}

// TestPCs crashes PCs that are not QEMU's usual ones: the report is whole.
func TestPCs(t *testing.T) {
	for _, pc := range pcs {
		if !pc.always && os.Getenv("GASP_FULL") != "1" {
			continue
		}
		t.Run(pc.name, func(t *testing.T) {
			t.Parallel()
			machinesAtOnce <- struct{}{}
			defer func() { <-machinesAtOnce }()
			w := &Wire{}
			m := pc.m
			m.Wire, m.Deadline = w, pcDeadline
			if m.Image = image(t); strings.HasSuffix(m.Type, "-uefi") {
				m.Image = imageForUEFI(t)
			}
			class, cause := "nil", "nil pointer dereference"
			if pc.hangs {
				class, cause = "hang", "hard lockup"
			}
			m.Cmdline = knownStation("") + " gasp.watchdog=2 gasp.crash=" + class
			r := bootMachine(t, m)
			waitUntil(t, r, w, "end of crash")
			if got := string(reportOf(t, w.Datagrams(), wire.Crash).Headline.Cause); !strings.Contains(got, cause) {
				t.Errorf("the machine died of %q", got)
			}
			for _, text := range []string{"memory protection is not complete", "the time is a guess", "does not start", "using ports"} {
				if contains(w.Datagrams(), text) {
					t.Errorf("the machine says %q", text)
				}
			}
			if pc.far {
				checkFar(t, r)
			}
		})
	}
}

// checkFar wants registers of the network card above 4 GiB.
func checkFar(t *testing.T, r *Run) {
	t.Helper()
	said, err := r.Human("info pci")
	if err != nil {
		t.Fatal(err)
	}
	_, card, _ := strings.Cut(said, "Ethernet controller")
	for _, m := range regexp.MustCompile(`BAR\d: 64 bit prefetchable memory at 0x([0-9a-f]+)`).FindAllStringSubmatch(card, 1) {
		if at, _ := strconv.ParseUint(m[1], 16, 64); at >= 1<<32 {
			return
		}
	}
	t.Errorf("no register of the network card is above 4 GiB:\n%s", said)
}

// TestScreen: the crash report stands on the screen that UEFI has set up, from its first line on.
func TestScreen(t *testing.T) {
	if os.Getenv("GASP_FULL") != "1" {
		t.Skip("takes a firmware's time: GASP_FULL=1")
	}
	for _, resolution := range [][2]int{{1280, 800}, {1920, 1080}} {
		t.Run(fmt.Sprint(resolution), func(t *testing.T) {
			w := &Wire{}
			m := Machine{Type: "q35-uefi", NIC: "e1000e", Wire: w, Image: imageForUEFI(t), Cmdline: knownStation("") + " gasp.crash=nil",
				Extra: []string{"-device", fmt.Sprintf("VGA,edid=on,xres=%d,yres=%d", resolution[0], resolution[1])}}
			m.Deadline = pcDeadline
			r := bootMachine(t, m)
			waitUntil(t, r, w, "end of crash")
			lines, picture := screenWith(t, r, "gasp: end of crash ")
			if !strings.Contains(lines[0], "gasp: crash ") || !strings.Contains(lines[0], "nil pointer dereference") {
				t.Errorf("the first line is %q", lines[0])
			}
			for _, want := range []string{"exception=#PF", "rax=0x", "main.nilDereference"} {
				if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, want) }) {
					t.Errorf("%q is not on the screen:\n%s", want, strings.Join(lines, "\n"))
				}
			}
			if paper := picture.Pixel(0, 0); paper != 0xb00000 {
				t.Errorf("the headline is on %#x", paper)
			}
		})
	}
}

// screenWith looks at the screen until a text is there, or the machine has ended: frames come first.
func screenWith(t *testing.T, r *Run, text string) (lines []string, picture *screentext.PPM) {
	t.Helper()
	for !strings.Contains(strings.Join(lines, "\n"), text) {
		select {
		case <-r.ended:
			t.Fatalf("the machine has ended, and %q is not on the screen:\n%s", text, strings.Join(lines, "\n"))
		case <-time.After(10 * actLook):
		}
		picture = screenshot(t, r)
		lines = screentext.Lines(picture)
	}
	return lines, picture
}

func screenshot(t *testing.T, r *Run) *screentext.PPM {
	t.Helper()
	file := filepath.Join(t.TempDir(), "screen.ppm")
	if err := r.Monitor("screendump", map[string]string{"filename": file}, nil); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := screentext.ParsePPM(b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
