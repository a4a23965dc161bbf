package e1000_test

import (
	"bytes"
	"fmt"
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
			m := &machine{qtest.Start(t, "q35", c.model+",addr=2"), t}
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
	if err := d.TakeOver(); err != nil {
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
