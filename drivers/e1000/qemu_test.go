package e1000_test

import (
	"bytes"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"gasp/drivers/e1000"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
	"gasp/internal/qtest"
)

// machine is QEMU with one NIC.
type machine struct {
	*qtest.Machine
	t *testing.T
}

const (
	machineDMA    = 4 << 20 // bus address of the driver's memory
	machineBAR    = 0xFE000000
	frameDeadline = 5 * time.Second
)

func (m *machine) registers() reg.Space { return m.Registers(machineBAR) }

func frame(n int, fill byte) []byte {
	f := bytes.Repeat([]byte{fill}, n)
	copy(f, []byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 0x88, 0xB5})
	return f
}

// open finds the NIC, gives it BAR 0 as firmware would, and starts the driver.
func (m *machine) open() (*e1000.Device, *pci.Function) {
	m.t.Helper()
	var nic *pci.Function
	pci.Scan(m.PCI(), func(f pci.Function) bool {
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
	mem := m.DMA(machineDMA, e1000.MemorySize)
	d, err := e1000.New(m.registers(), &mem, e1000.Config{
		PCI: nic, Now: func() int64 { return int64(time.Since(start)) },
	})
	if err != nil {
		m.t.Fatalf("New: %v", err)
	}
	return d, nic
}

type model struct {
	model, name string
	receiveWait time.Duration // after a write of RCTL
}

var models = []model{
	{"e1000", "82540EM", 1100 * time.Millisecond},
	{"e1000-82544gc", "82544GC", 1100 * time.Millisecond},
	{"e1000-82545em", "82545EM", 1100 * time.Millisecond},
	{"e1000e", "82574L", 0},
	{"igb", "82576", 0},
}

func TestOnQEMU(t *testing.T) {
	onModels(t, func(m *machine, c model) {
		t := m.t
		d, nic := m.open()
		if d.Name() != c.name {
			t.Errorf("the driver calls it %s, want %s", d.Name(), c.name)
		}
		if mac := d.MAC(); mac != [6]byte{0x52, 0x54, 0, 0x12, 0x34, 0x56} {
			t.Errorf("MAC is % x", mac)
		}
		m.awaitLink(d)
		m.Silent("after New")
		for i, n := range []int{1, 14, 60, 1514} {
			f := frame(max(n, 14), byte(i+1))[:n]
			if err := d.Transmit(f); err != nil {
				t.Fatalf("Transmit of %d bytes: %v", n, err)
			}
			m.Expect("Transmit", f, frameDeadline)
		}
		m.receives(d, "after New", c.receiveWait)

		before := d.Stats().Resets
		m.takesOver(d, "idle")
		if d.Stats().Resets != before {
			t.Error("TakeOver of an idle device reset it")
		}
		r := m.registers()
		r.Write32(0x3810, 77) // TDH
		m.takesOver(d, "with a wrong head")
		if d.Stats().Resets != before+1 {
			t.Error("TakeOver of a device with a wrong head did not reset it")
		}
		m.receives(d, "at once after a reset", 0)

		// A descriptor without EOP leaves a part of a packet in the device.
		copy(m.DMA(2<<20, 64).Bytes, bytes.Repeat([]byte{0xEE}, 64))
		m.descriptor(2<<20+4096, 2<<20, 64|8<<24)
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

// onModels runs a test on each model in each machine.
func onModels(t *testing.T, test func(m *machine, c model)) {
	for _, kind := range []string{"q35", "pc"} {
		for _, c := range models {
			t.Run(kind+" "+c.model, func(t *testing.T) {
				if !qtest.Has(c.model) {
					t.Skipf("this QEMU has no %s", c.model)
				}
				t.Parallel()
				test(&machine{qtest.Start(t, kind, c.model+",addr=2"), t}, c)
			})
		}
	}
}

// What a crash may leave, each in turn on the device that the one before left.
func TestEveryStateOnQEMU(t *testing.T) {
	onModels(t, func(m *machine, c model) {
		d, nic := m.open()
		r, random := m.registers(), rand.New(rand.NewSource(1))
		write := func(off, v uint32) func() { return func() { r.Write32(off, v) } }
		memory := m.DMA(machineDMA, e1000.MemorySize).Bytes
		for _, s := range []struct {
			name    string
			corrupt func()
		}{
			{"with the transmitter off", write(0x400, 0)},
			{"with the receiver off", write(0x100, 0)},
			{"with bus mastering off", func() { nic.Write16(4, 3) }},
			{"with PCI command 0", func() { nic.Write16(4, 0) }},
			{"with memory space off", func() { nic.Write16(4, 5) }},
			{"with its base address elsewhere", func() { nic.Write32(0x10, 0xE0000000) }},
			{"with its memory all ones", func() { copy(memory, bytes.Repeat([]byte{0xFF}, len(memory))) }},
			{"with its memory all zeros", func() { clear(memory) }},
			{"with its memory all noise", func() { random.Read(memory) }},
			{"with TDBAL wrong", write(0x3800, 0x5A5A5A50)},
			{"with TDLEN wrong", write(0x3808, 0x5A5A5A80)},
			{"with TDLEN 0", write(0x3808, 0)},
			{"with TDH wrong", write(0x3810, 0x5A5A)},
			{"with RDBAL wrong", write(0x2800, 0x5A5A5A50)},
			{"with RDH wrong", write(0x2810, 0x5A5A)},
			{"with RCTL wrong", write(0x100, 0x5A5A525A)},
			{"with CTRL wrong", write(0, 0x5A5A5A5A&^(1<<26))},
			{"with IMS all ones", write(0xD0, 0xFFFFFFFF)},
			{"in reset", write(0, 1<<26)},
			{"in reset, PHY and all", write(0, 1<<26|1<<31)},
		} {
			s.corrupt()
			m.takesOver(d, s.name)
		}
		m.receives(d, "after every state", c.receiveWait)
	})
}

// QEMU's devices drop what they are given without a link, and report it as done.
func TestTheLinkGoesAndComesBackOnQEMU(t *testing.T) {
	onModels(t, func(m *machine, c model) {
		d, _ := m.open()
		m.SetLink(false)
		if d.Link() {
			m.t.Error("the link is up")
		}
		for i := range 400 {
			if err := d.Transmit(frame(100, byte(i))); err != nil {
				m.t.Fatalf("Transmit %d with the link down: %v", i, err)
			}
		}
		if lost, err := d.TakeOver(); lost != 0 || err != nil {
			m.t.Errorf("TakeOver with the link down: %d lost, error %v", lost, err)
		}
		m.Silent("with the link down")
		m.SetLink(true)
		m.awaitLink(d)
		m.takesOver(d, "whose link is back")
		m.receives(d, "with the link back", c.receiveWait)
	})
}

// awaitLink waits for the link, which igb negotiates after a reset.
func (m *machine) awaitLink(d *e1000.Device) {
	m.t.Helper()
	for end := time.Now().Add(frameDeadline); !d.Link(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatal("the link does not come")
		}
	}
}

// descriptor gives the device one descriptor of somebody else's.
func (m *machine) descriptor(at int, buffer uint32, word2 uint32) {
	r, ring := m.registers(), m.DMA(at, 16).Bytes
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
	if _, err := d.TakeOver(); err != nil {
		m.t.Fatalf("TakeOver of a device %s: %v", state, err)
	}
	for i := range 40 {
		f := frame(100+i, byte(i))
		if err := d.Transmit(f); err != nil {
			m.t.Fatalf("Transmit %d to a device %s: %v", i, state, err)
		}
		m.Expect("the device taken over "+state, f, frameDeadline)
	}
	if err := d.Flush(); err != nil {
		m.t.Errorf("Flush of a device %s: %v", state, err)
	}
	m.Silent("the device taken over " + state)
}

func (m *machine) receives(d *e1000.Device, state string, wait time.Duration) {
	m.t.Helper()
	time.Sleep(wait)
	buf := make([]byte, e1000.MaxFrame)
	for i := range 100 {
		f := frame(60+i*14, byte(i))
		m.Send(f)
		n, err := 0, error(nil)
		for t := time.Now(); n == 0 && err == nil && time.Since(t) < frameDeadline; {
			n, err = d.Receive(buf)
		}
		if err != nil || !bytes.Equal(buf[:n], f) {
			m.t.Fatalf("frame %d %s: received %d bytes, error %v, want %d", i, state, n, err, len(f))
		}
	}
}
