package virtionet

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
	"gasp/drivers/pci"
	"gasp/drivers/reg"
)

// emulator is QEMU whose CPU sleeps: the test is the CPU, through the qtest
// protocol. Its memory is a file that the test maps too, and its wire is two UDP
// sockets on loopback. The device runs on its own while the driver does.
type emulator struct {
	t        *testing.T
	in       *bufio.Writer
	out      *bufio.Reader
	mem      []byte
	wire     *net.UDPConn
	nic      *net.UDPAddr
	function *pci.Function
}

const (
	emulatorMemory = 16 << 20
	emulatorDMA    = 4 << 20 // bus address of the driver's memory
	emulatorPort   = 0xC000  // BAR 0, legacy
	emulatorBAR4   = 0xFE00_0000
	microvmSlots   = 0xFEB0_0000 // 24 virtio-mmio slots of 512 bytes
)

func emulate(t *testing.T, args ...string) *emulator {
	t.Helper()
	qemu, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		t.Skip("qemu-system-x86_64 is not installed")
	}
	e := &emulator{t: t}
	dir := t.TempDir()
	bios := make([]byte, 64<<10)
	copy(bios[len(bios)-16:], []byte{0xFA, 0xF4, 0xEB, 0xFD}) // cli; hlt; jmp to hlt
	if err := os.WriteFile(filepath.Join(dir, "bios"), bios, 0o600); err != nil {
		t.Fatal(err)
	}
	ram, err := os.OpenFile(filepath.Join(dir, "ram"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer ram.Close()
	if err := ram.Truncate(emulatorMemory); err != nil {
		t.Fatal(err)
	}
	e.mem, err = syscall.Mmap(int(ram.Fd()), 0, emulatorMemory, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	loopback := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	if e.wire, err = net.ListenUDP("udp4", loopback); err != nil {
		t.Fatal(err)
	}
	nic, err := net.DialUDP("udp4", loopback, e.wire.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer nic.Close()
	e.nic = nic.LocalAddr().(*net.UDPAddr)
	socket, err := nic.File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	cmd := exec.Command(qemu, append([]string{"-m", "16", "-bios", filepath.Join(dir, "bios"),
		"-object", "memory-backend-file,id=ram,size=16M,share=on,mem-path=" + ram.Name(),
		"-display", "none", "-nodefaults", "-vga", "none", "-qtest", "stdio",
		"-netdev", "dgram,id=n,local.type=fd,local.str=3"}, args...)...)
	cmd.ExtraFiles = []*os.File{socket} // descriptor 3
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
		e.wire.Close()
		syscall.Munmap(e.mem)
		if t.Failed() && stderr.Len() > 0 {
			t.Logf("QEMU says: %s", stderr.String())
		}
	})
	e.in, e.out = bufio.NewWriter(stdin), bufio.NewReader(stdout)
	return e
}

// command gives the value that QEMU answers, 0 if it answers none.
func (e *emulator) command(format string, args ...any) uint32 {
	fmt.Fprintf(e.in, format+"\n", args...)
	e.in.Flush()
	for {
		line, err := e.out.ReadString('\n')
		if err != nil {
			e.t.Fatalf("QEMU ended: %v", err)
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
			e.t.Fatalf("QEMU answers %q", line)
		}
		return uint32(v)
	}
}

// Read32 and Write32 are pci.Config through ports 0xCF8 and 0xCFC.
func (e *emulator) Read32(bus, dev, fn uint8, off uint16) uint32 {
	e.command("outl 0xcf8 %#x", configAddress(bus, dev, fn, off))
	return e.command("inl 0xcfc")
}

func (e *emulator) Write32(bus, dev, fn uint8, off uint16, v uint32) {
	e.command("outl 0xcf8 %#x", configAddress(bus, dev, fn, off))
	e.command("outl 0xcfc %#x", v)
}

func configAddress(bus, dev, fn uint8, off uint16) uint32 {
	return 1<<31 | uint32(bus)<<16 | uint32(dev)<<11 | uint32(fn)<<8 | uint32(off)
}

// registerSpace is memory-mapped registers, portSpace those behind I/O ports.
type registerSpace struct {
	e    *emulator
	base uint32
}

func (r registerSpace) Read8(off uint32) uint8 { return uint8(r.e.command("readb %#x", r.base+off)) }
func (r registerSpace) Read16(off uint32) uint16 {
	return uint16(r.e.command("readw %#x", r.base+off))
}
func (r registerSpace) Read32(off uint32) uint32     { return r.e.command("readl %#x", r.base+off) }
func (r registerSpace) Write8(off uint32, v uint8)   { r.e.command("writeb %#x %#x", r.base+off, v) }
func (r registerSpace) Write16(off uint32, v uint16) { r.e.command("writew %#x %#x", r.base+off, v) }
func (r registerSpace) Write32(off uint32, v uint32) { r.e.command("writel %#x %#x", r.base+off, v) }

type portSpace struct {
	e    *emulator
	base uint32
}

func (p portSpace) Read8(off uint32) uint8       { return uint8(p.e.command("inb %#x", p.base+off)) }
func (p portSpace) Read16(off uint32) uint16     { return uint16(p.e.command("inw %#x", p.base+off)) }
func (p portSpace) Read32(off uint32) uint32     { return p.e.command("inl %#x", p.base+off) }
func (p portSpace) Write8(off uint32, v uint8)   { p.e.command("outb %#x %#x", p.base+off, v) }
func (p portSpace) Write16(off uint32, v uint16) { p.e.command("outw %#x %#x", p.base+off, v) }
func (p portSpace) Write32(off uint32, v uint32) { p.e.command("outl %#x %#x", p.base+off, v) }

// pciTransport finds the NIC on the bus and gives it BARs 0 and 4 as firmware would.
func (e *emulator) pciTransport() (Transport, error) {
	pci.Scan(e, func(f pci.Function) bool {
		if f.Vendor == VendorID {
			e.function = &f
		}
		return e.function == nil
	})
	if e.function == nil {
		return nil, ErrNoDevice
	}
	e.assign()
	return NewPCI(e.function, func(n int) (reg.Space, error) {
		bar, err := e.function.BAR(n)
		if err != nil {
			return nil, err
		}
		if bar.Kind == pci.IO {
			return portSpace{e, uint32(bar.Base)}, nil
		}
		return registerSpace{e, uint32(bar.Base)}, nil
	})
}

func (e *emulator) assign() {
	e.function.Write32(0x10, emulatorPort)
	e.function.Write32(0x20, emulatorBAR4)
	e.function.Write32(0x24, 0)
	e.function.Write16(0x04, 7)
}

// mmioTransport looks through the slots of microvm.
func (e *emulator) mmioTransport() (Transport, error) {
	for i := range uint32(24) {
		if t, err := NewMMIO(registerSpace{e, microvmSlots + 512*i}); err == nil {
			return t, nil
		}
	}
	return nil, ErrNoDevice
}

// expect checks that the next frame on the wire is f.
func (e *emulator) expect(f []byte) {
	e.t.Helper()
	buf := make([]byte, 1<<16)
	e.wire.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, err := e.wire.Read(buf)
	if err != nil {
		e.t.Fatalf("no frame on the wire: %v", err)
	}
	if want := padded(f); !bytes.Equal(buf[:n], want) {
		e.t.Fatalf("%d bytes on the wire begin % x, want %d beginning % x", n, buf[:min(n, 24)], len(want), want[:24])
	}
}

// silent checks that nothing more is on the wire.
func (e *emulator) silent() {
	e.t.Helper()
	buf := make([]byte, 1<<16)
	e.wire.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := e.wire.Read(buf); err == nil {
		e.t.Fatalf("an unwanted frame of %d bytes, % x", n, buf[:min(n, 24)])
	}
}

// sendsAndReceives passes frames both ways.
func (e *emulator) sendsAndReceives(d *Device, state string) {
	e.t.Helper()
	for i := range 40 {
		f := frame(14+i*38, i)
		if err := d.Transmit(f); err != nil {
			e.t.Fatalf("%s: Transmit %d: %v", state, i, err)
		}
		e.expect(f)
	}
	if err := d.Flush(); err != nil {
		e.t.Fatalf("%s: Flush: %v", state, err)
	}
	e.silent()
	buf := make([]byte, 1514)
	for i := range 40 {
		f := frame(60+i*37, i)
		copy(f, "\xff\xff\xff\xff\xff\xff")
		if _, err := e.wire.WriteToUDP(f, e.nic); err != nil {
			e.t.Fatal(err)
		}
		n, err := 0, error(nil)
		for end := time.Now().Add(10 * time.Second); n == 0 && err == nil && time.Now().Before(end); {
			if n, err = d.Receive(buf); n == 0 {
				time.Sleep(50 * time.Microsecond)
			}
		}
		if err != nil || !bytes.Equal(buf[:n], f) {
			e.t.Fatalf("%s: frame %d of %d bytes came in as %d, %v", state, i, len(f), n, err)
		}
	}
}

func TestOnQEMU(t *testing.T) {
	q35 := func(nic string) []string {
		return []string{"-machine", "q35,accel=tcg,memory-backend=ram", "-device", nic + ",netdev=n,addr=2,mac=52:54:00:12:34:56"}
	}
	microvm := func(legacy string) []string {
		return []string{"-machine", "microvm,accel=tcg,memory-backend=ram", "-global", "virtio-mmio.force-legacy=" + legacy,
			"-device", "virtio-net-device,netdev=n,mac=52:54:00:12:34:56"}
	}
	pci, mmio := (*emulator).pciTransport, (*emulator).mmioTransport
	for _, c := range []struct {
		name  string
		args  []string
		reach func(*emulator) (Transport, error)
		want  string // the driver's name for it
	}{
		{"virtio-net-pci", q35("virtio-net-pci"), pci, "virtio-net (PCI)"},
		{"virtio-net-pci-transitional", q35("virtio-net-pci-transitional"), pci, "virtio-net (PCI)"},
		{"virtio-net-pci-non-transitional", q35("virtio-net-pci-non-transitional"), pci, "virtio-net (PCI)"},
		{"without modern", q35("virtio-net-pci,disable-modern=on"), pci, "virtio-net (PCI, legacy)"},
		{"without modern and any_layout", q35("virtio-net-pci,disable-modern=on,any_layout=off"), pci, "virtio-net (PCI, legacy)"},
		{"without modern but with queues of 1024", q35("virtio-net-pci,disable-modern=on,rx_queue_size=1024,tx_queue_size=256"), pci, "virtio-net (PCI, legacy)"},
		{"without status", q35("virtio-net-pci,status=off"), pci, "virtio-net (PCI)"},
		{"with ACCESS_PLATFORM", q35("virtio-net-pci,disable-legacy=on,iommu_platform=on"), pci, "virtio-net (PCI)"},
		{"microvm", microvm("false"), mmio, "virtio-net (MMIO)"},
		{"microvm legacy", microvm("true"), mmio, "virtio-net (MMIO, legacy)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := emulate(t, c.args...)
			transport, err := c.reach(e)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			mem := dma.Memory{Bytes: e.mem[emulatorDMA : emulatorDMA+MemorySize], Phys: emulatorDMA}
			d, err := New(transport, &mem, Config{
				Now: func() int64 { return int64(time.Since(start)) },
				RestoreBus: func() {
					if e.function != nil {
						e.assign()
					}
				},
			})
			if err != nil {
				t.Fatalf("New: %v", err)
			}
			if d.Name() != c.want {
				t.Errorf("the driver calls it %s, want %s", d.Name(), c.want)
			}
			if mac := d.MAC(); mac != modelMAC {
				t.Errorf("MAC is %x, want %x", mac, modelMAC)
			}
			if !d.Link() {
				t.Error("link is down")
			}
			e.sendsAndReceives(d, "after New")
			e.takesOver(d, "idle", 0)

			var batch [][]byte
			for i := range 64 {
				batch = append(batch, frame(1000, i))
			}
			if n, err := d.TransmitBatch(batch); n != len(batch) || err != nil {
				t.Fatalf("TransmitBatch: %d, %v", n, err)
			}
			if err := d.TakeOver(); err != nil {
				t.Fatalf("TakeOver with frames in flight: %v", err)
			}
			for _, f := range batch {
				e.expect(f)
			}
			e.takesOver(d, "after a batch", 0)

			// Old frames by the thousand are what a wrong index must not send.
			q := &d.rings().tx
			storeFlagsIdx(q.ring.Bytes, q.avail, availNoInterrupt, q.next+5000)
			e.takesOver(d, "with an available index that jumped", 1)

			q = &d.rings().tx
			for i := range q.ring.Bytes {
				q.ring.Bytes[i] = 0xA5
			}
			transport.Notify(transmitQ)
			e.takesOver(d, "with garbage in its ring", 2)

			transport.SetStatus(0)
			e.takesOver(d, "that somebody reset", 3)

			if e.function != nil {
				e.function.Write16(0x04, 0) // memory, I/O and mastering off
				e.takesOver(d, "with PCI command 0", 4)
				e.function.Write32(0x10, 0xFFFF_FFFF)
				e.function.Write32(0x20, 0xFFFF_FFFF)
				e.takesOver(d, "with BARs of all ones", 4)
			}
		})
	}
}

// takesOver takes d over, and checks that it works then and how many resets that
// made so far.
func (e *emulator) takesOver(d *Device, state string, resets uint64) {
	e.t.Helper()
	if err := d.TakeOver(); err != nil {
		e.t.Fatalf("TakeOver of a device %s: %v", state, err)
	}
	if got := d.Stats().Resets; got != resets {
		e.t.Errorf("%d resets after TakeOver of a device %s, want %d", got, state, resets)
	}
	e.sendsAndReceives(d, "taken over "+state)
}
