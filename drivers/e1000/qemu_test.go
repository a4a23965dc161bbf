package e1000_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gasp/drivers/dma"
	"gasp/drivers/e1000"
	"gasp/drivers/pci"
)

// machine is QEMU whose CPU sleeps: the test is the CPU, through the qtest
// protocol. Its memory is a file that the test maps too, and its wire is two UDP
// sockets on loopback.
type machine struct {
	t    *testing.T
	in   *bufio.Writer
	out  *bufio.Reader
	mem  []byte
	wire *net.UDPConn
	nic  *net.UDPAddr
	bar  uint32
}

const (
	machineMemory = 16 << 20
	machineDMA    = 4 << 20 // bus address of the driver's memory
	machineBAR    = 0xFE000000
)

func startMachine(t *testing.T, model string) *machine {
	t.Helper()
	qemu, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		t.Skip("qemu-system-x86_64 is not installed")
	}
	m := &machine{t: t, bar: machineBAR}
	dir := t.TempDir()
	bios := make([]byte, 64<<10)
	copy(bios[len(bios)-16:], []byte{0xFA, 0xF4, 0xEB, 0xFD}) // cli; hlt; jmp to hlt
	if err := os.WriteFile(filepath.Join(dir, "bios"), bios, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "ram")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(machineMemory); err != nil {
		t.Fatal(err)
	}
	if m.mem, err = syscall.Mmap(int(f.Fd()), 0, machineMemory, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED); err != nil {
		t.Fatal(err)
	}
	if m.wire, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
		t.Fatal(err)
	}
	probe, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	m.nic = probe.LocalAddr().(*net.UDPAddr)
	probe.Close()
	cmd := exec.Command(qemu, "-machine", "q35,accel=tcg,memory-backend=ram", "-m", "16", "-bios", filepath.Join(dir, "bios"),
		"-object", fmt.Sprintf("memory-backend-file,id=ram,size=16M,share=on,mem-path=%s", path),
		"-display", "none", "-nodefaults", "-vga", "none", "-qtest", "stdio",
		"-netdev", fmt.Sprintf("dgram,id=n,local.type=inet,local.host=127.0.0.1,local.port=%d,remote.type=inet,remote.host=127.0.0.1,remote.port=%d",
			m.nic.Port, m.wire.LocalAddr().(*net.UDPAddr).Port),
		"-device", model+",netdev=n,addr=2,mac=52:54:00:12:34:56")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		m.wire.Close()
		syscall.Munmap(m.mem)
		if t.Failed() && stderr.Len() > 0 {
			t.Logf("QEMU says: %s", stderr.String())
		}
	})
	m.in, m.out = bufio.NewWriter(stdin), bufio.NewReader(stdout)
	return m
}

// command gives the value that QEMU answers, 0 if it answers none.
func (m *machine) command(format string, args ...any) uint32 {
	fmt.Fprintf(m.in, format+"\n", args...)
	m.in.Flush()
	for {
		line, err := m.out.ReadString('\n')
		if err != nil {
			m.t.Fatalf("QEMU ended: %v", err)
		}
		word := strings.Fields(line)
		if len(word) == 0 || word[0] != "OK" {
			continue
		}
		if len(word) == 1 {
			return 0
		}
		v, err := strconv.ParseUint(word[1], 0, 64)
		if err != nil {
			m.t.Fatalf("QEMU answers %q", line)
		}
		return uint32(v)
	}
}

// pci.Config through ports 0xCF8 and 0xCFC.
func (m *machine) Read32(bus, dev, fn uint8, off uint16) uint32 {
	m.command("outl 0xcf8 %#x", configAddress(bus, dev, fn, off))
	return m.command("inl 0xcfc")
}

func (m *machine) Write32(bus, dev, fn uint8, off uint16, v uint32) {
	m.command("outl 0xcf8 %#x", configAddress(bus, dev, fn, off))
	m.command("outl 0xcfc %#x", v)
}

func configAddress(bus, dev, fn uint8, off uint16) uint32 {
	return 1<<31 | uint32(bus)<<16 | uint32(dev)<<11 | uint32(fn)<<8 | uint32(off)
}

// registers is a reg.Space over BAR 0.
type registers struct{ m *machine }

func (r registers) Read8(off uint32) uint8       { return uint8(r.m.command("readb %#x", r.m.bar+off)) }
func (r registers) Read16(off uint32) uint16     { return uint16(r.m.command("readw %#x", r.m.bar+off)) }
func (r registers) Read32(off uint32) uint32     { return r.m.command("readl %#x", r.m.bar+off) }
func (r registers) Write8(off uint32, v uint8)   { r.m.command("writeb %#x %#x", r.m.bar+off, v) }
func (r registers) Write16(off uint32, v uint16) { r.m.command("writew %#x %#x", r.m.bar+off, v) }
func (r registers) Write32(off uint32, v uint32) { r.m.command("writel %#x %#x", r.m.bar+off, v) }
func (m *machine) step(d time.Duration)          { m.command("clock_step %d", d.Nanoseconds()) }
func frame(n int, fill byte) []byte {
	f := bytes.Repeat([]byte{fill}, n)
	copy(f, []byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 0x88, 0xB5})
	return f
}

// open finds the NIC, gives it BAR 0 as firmware would, and starts the driver.
func (m *machine) open() (*e1000.Device, *pci.Function) {
	m.t.Helper()
	var nic *pci.Function
	pci.Scan(m, func(f pci.Function) bool {
		if f.Vendor == e1000.Vendor && f.Class == 0x020000 {
			nic = &f
		}
		return nic == nil
	})
	if nic == nil {
		m.t.Fatal("no network controller on the bus")
	}
	nic.Write32(0x10, machineBAR)
	bar, err := nic.BAR(0)
	if err != nil || bar.Base != machineBAR || bar.Size != 128<<10 || bar.Kind != pci.Mem32 {
		m.t.Fatalf("BAR 0 is %+v, error %v", bar, err)
	}
	start := time.Now()
	mem := dma.Memory{Bytes: m.mem[machineDMA : machineDMA+e1000.MemorySize], Phys: machineDMA}
	d, err := e1000.New(registers{m}, &mem, e1000.Config{
		PCI: nic, Now: func() int64 { return int64(time.Since(start)) },
	})
	if err != nil {
		m.t.Fatalf("New: %v", err)
	}
	return d, nic
}

// expect checks the next frame on the wire.
func (m *machine) expect(what string, want []byte) {
	m.t.Helper()
	buf := make([]byte, 1<<16)
	m.wire.SetReadDeadline(time.Now().Add(5 * time.Second))
	n, err := m.wire.Read(buf)
	if err != nil {
		m.t.Fatalf("%s: no frame on the wire: %v", what, err)
	}
	if len(want) < 60 {
		want = append(bytes.Clone(want), make([]byte, 60-len(want))...)
	}
	if !bytes.Equal(buf[:n], want) {
		m.t.Fatalf("%s: %d bytes on the wire begin % x, want %d beginning % x", what, n, buf[:min(n, 24)], len(want), want[:24])
	}
}

// silent checks that nothing more is on the wire.
func (m *machine) silent(what string) {
	m.t.Helper()
	buf := make([]byte, 1<<16)
	m.wire.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := m.wire.Read(buf); err == nil {
		m.t.Fatalf("%s: an unwanted frame of %d bytes, % x", what, n, buf[:min(n, 24)])
	}
}

var models = []struct {
	model, name string
	receiveWait time.Duration // after a write of RCTL
}{
	{"e1000", "82540EM", 1100 * time.Millisecond},
	{"e1000-82544gc", "82544GC", 1100 * time.Millisecond},
	{"e1000-82545em", "82545EM", 1100 * time.Millisecond},
	{"e1000e", "82574L", 0},
}

func TestOnQEMU(t *testing.T) {
	for _, c := range models {
		t.Run(c.model, func(t *testing.T) {
			t.Parallel()
			m := startMachine(t, c.model)
			d, nic := m.open()
			if d.Name() != c.name {
				t.Errorf("the driver calls it %s, want %s", d.Name(), c.name)
			}
			if mac := d.MAC(); mac != [6]byte{0x52, 0x54, 0, 0x12, 0x34, 0x56} {
				t.Errorf("MAC is % x", mac)
			}
			if !d.Link() {
				t.Error("the link is down")
			}
			m.silent("after New")
			for i, n := range []int{1, 14, 60, 1514} {
				f := frame(max(n, 14), byte(i+1))[:n]
				if err := d.Transmit(f); err != nil {
					t.Fatalf("Transmit of %d bytes: %v", n, err)
				}
				m.expect("Transmit", f)
			}
			m.receives(d, "after New", c.receiveWait)

			before := d.Stats().Resets
			m.takesOver(d, "idle")
			if d.Stats().Resets != before {
				t.Error("TakeOver of an idle device reset it")
			}
			r := registers{m}
			r.Write32(0x3810, 77) // TDH
			m.takesOver(d, "with a wrong head")
			if d.Stats().Resets != before+1 {
				t.Error("TakeOver of a device with a wrong head did not reset it")
			}
			m.receives(d, "at once after a reset", 0)

			// A descriptor without EOP leaves a part of a packet in the device.
			copy(m.mem[2<<20:], bytes.Repeat([]byte{0xEE}, 64))
			m.descriptors(r, 2<<20+4096, 2<<20, 64|8<<24)
			m.takesOver(d, "with a partly fetched packet")

			nic.Write32(4, 0) // memory, I/O and mastering off
			m.takesOver(d, "with PCI command 0")
			nic.Write32(4, 3)
			m.takesOver(d, "with bus mastering off")
			nic.Write32(0x10, 0xFFFFFFFF)
			m.takesOver(d, "with a base address of all ones")

			for _, v := range []uint32{0xFFFFFFFF, 0xA5A5A5A5, 0x5A5A5A5A, 0} {
				for _, off := range []uint32{0, 0x100, 0x400, 0x410, 0x2800, 0x2804, 0x2808, 0x2810, 0x2818, 0x2820,
					0x3800, 0x3804, 0x3808, 0x3818, 0x3828, 0x3840, 0x3940, 0x5000, 0x5008, 0x5200, 0x5400, 0x5404, 0x5408, 0x540C, 0x5818} {
					switch off {
					case 0:
						r.Write32(off, v&^(1<<26)) // not RST
					case 0x100:
						r.Write32(off, v&^(3<<10)) // QEMU ends at a reserved descriptor type
					default:
						r.Write32(off, v)
					}
				}
				m.takesOver(d, fmt.Sprintf("after %#x in its registers", v))
			}
			m.receives(d, "after garbage in its registers", c.receiveWait)
		})
	}
}

// descriptors gives the device one descriptor of somebody else's.
func (m *machine) descriptors(r registers, at int, buffer uint32, word2 uint32) {
	ring := m.mem[at : at+16]
	clear(ring)
	for i, v := range []uint32{buffer, 0, word2, 0} {
		for b := range 4 {
			ring[4*i+b] = byte(v >> (8 * b))
		}
	}
	r.Write32(0x3800, uint32(at))
	r.Write32(0x3804, 0)
	r.Write32(0x3808, 128)
	r.Write32(0x3810, 0)
	r.Write32(0x3818, 1)
}

func (m *machine) takesOver(d *e1000.Device, state string) {
	m.t.Helper()
	if err := d.TakeOver(); err != nil {
		m.t.Fatalf("TakeOver of a device %s: %v", state, err)
	}
	for i := range 40 {
		f := frame(100+i, byte(i))
		if err := d.Transmit(f); err != nil {
			m.t.Fatalf("Transmit %d to a device %s: %v", i, state, err)
		}
		m.expect("the device taken over "+state, f)
	}
	if err := d.Flush(); err != nil {
		m.t.Errorf("Flush of a device %s: %v", state, err)
	}
	m.silent("the device taken over " + state)
}

func (m *machine) receives(d *e1000.Device, state string, wait time.Duration) {
	m.t.Helper()
	time.Sleep(wait)
	buf := make([]byte, e1000.MaxFrame)
	for i := range 100 {
		f := frame(60+i*14, byte(i))
		if _, err := m.wire.WriteToUDP(f, m.nic); err != nil {
			m.t.Fatal(err)
		}
		n, err := 0, error(nil)
		for t := time.Now(); n == 0 && err == nil && time.Since(t) < 5*time.Second; {
			n, err = d.Receive(buf)
		}
		if err != nil || !bytes.Equal(buf[:n], f) {
			m.t.Fatalf("frame %d %s: received %d bytes, error %v, want %d", i, state, n, err, len(f))
		}
	}
}
