package virtionet

import (
	"bytes"
	"testing"
	"time"

	"gasp/drivers/pci"
	"gasp/drivers/reg"
	"gasp/drivers/virtio"
	"gasp/internal/drivertest"
	"gasp/internal/qtest"
)

// emulator is QEMU with one NIC.
type emulator struct {
	*qtest.Machine
	t        *testing.T
	function *pci.Function // nil without PCI
}

const (
	emulatorDMA   = 4 << 20 // bus address of the driver's memory
	emulatorPort  = 0xC000  // BAR 0, legacy
	emulatorBAR4  = 0xFE00_0000
	microvmSlots  = 0xFEB0_0000 // 24 virtio-mmio slots of 512 bytes
	frameDeadline = 10 * time.Second

	// Of the common configuration structure (4.1.4.3).
	commonQueueSelect = 0x16
	commonQueueEnable = 0x1c
)

// pciTransport finds the NIC on the bus and gives it BARs 0 and 4 as firmware would.
func (e *emulator) pciTransport() (virtio.Transport, error) {
	pci.Scan(e.PCI(), func(f pci.Function) bool {
		if f.Vendor == virtio.VendorID {
			e.function = &f
		}
		return e.function == nil
	})
	if e.function == nil {
		return nil, virtio.ErrNoDevice
	}
	e.assign()
	return NewPCI(e.function, func(n int) (reg.Space, error) {
		bar, err := e.function.BAR(n)
		if err != nil {
			return nil, err
		}
		if bar.Kind == pci.IO {
			return e.Ports(uint32(bar.Base)), nil
		}
		return e.Registers(uint32(bar.Base)), nil
	})
}

func (e *emulator) assign() {
	e.function.Write32(0x10, emulatorPort)
	e.function.Write32(0x20, emulatorBAR4)
	e.function.Write32(0x24, 0)
	e.function.Write16(0x04, 7)
}

// bus is the function with what it has now saved, nil without PCI.
func (e *emulator) bus() Bus {
	if e.function == nil {
		return nil
	}
	e.function.Save()
	return e.function
}

// mmioTransport looks through the slots of microvm.
func (e *emulator) mmioTransport() (virtio.Transport, error) {
	for i := range uint32(24) {
		if t, err := NewMMIO(e.Registers(microvmSlots + 512*i)); err == nil {
			return t, nil
		}
	}
	return nil, virtio.ErrNoDevice
}

// sendsAndReceives passes frames both ways.
func (e *emulator) sendsAndReceives(d *Device, state string) {
	e.t.Helper()
	for i := range 40 {
		f := frame(14+i*38, i)
		if err := d.Transmit(f); err != nil {
			e.t.Fatalf("%s: Transmit %d: %v", state, i, err)
		}
		e.Expect(state, f, frameDeadline)
	}
	if err := d.Flush(); err != nil {
		e.t.Fatalf("%s: Flush: %v", state, err)
	}
	e.Silent(state)
	buf := make([]byte, 1514)
	for i := range 40 {
		f := frame(60+i*37, i)
		copy(f, "\xff\xff\xff\xff\xff\xff")
		e.Send(f)
		n, err := 0, error(nil)
		for end := time.Now().Add(frameDeadline); n == 0 && err == nil && time.Now().Before(end); {
			if n, err = d.Receive(buf); n == 0 {
				time.Sleep(50 * time.Microsecond)
			}
		}
		if err != nil || !bytes.Equal(buf[:n], f) {
			e.t.Fatalf("%s: frame %d of %d bytes came in as %d, %v", state, i, len(f), n, err)
		}
	}
}

// onEmulators runs a test on each device that QEMU offers, with the driver up. want
// is the driver's name for it.
func onEmulators(t *testing.T, test func(e *emulator, d *Device, want string)) {
	type start func(*testing.T) *qtest.Machine
	q35 := func(nic string) start {
		return func(t *testing.T) *qtest.Machine { return qtest.Start(t, "q35", nic+",addr=2") }
	}
	microvm := func(legacy string) start {
		return func(t *testing.T) *qtest.Machine {
			return qtest.Start(t, "microvm", "virtio-net-device", "-global", "virtio-mmio.force-legacy="+legacy)
		}
	}
	pc := func(nic string) start {
		return func(t *testing.T) *qtest.Machine { return qtest.Start(t, "pc", nic+",addr=2") }
	}
	pci, mmio := (*emulator).pciTransport, (*emulator).mmioTransport
	for _, c := range []struct {
		name  string
		start start
		reach func(*emulator) (virtio.Transport, error)
		want  string
	}{
		{"virtio-net-pci", q35("virtio-net-pci"), pci, "virtio-net (PCI)"},
		{"virtio-net-pci-transitional", q35("virtio-net-pci-transitional"), pci, "virtio-net (PCI)"},
		{"virtio-net-pci-non-transitional", q35("virtio-net-pci-non-transitional"), pci, "virtio-net (PCI)"},
		{"without modern", q35("virtio-net-pci,disable-modern=on"), pci, "virtio-net (PCI, legacy)"},
		{"without modern and any_layout", q35("virtio-net-pci,disable-modern=on,any_layout=off"), pci, "virtio-net (PCI, legacy)"},
		{"without modern but with queues of 1024", q35("virtio-net-pci,disable-modern=on,rx_queue_size=1024,tx_queue_size=256"), pci, "virtio-net (PCI, legacy)"},
		{"without status", q35("virtio-net-pci,status=off"), pci, "virtio-net (PCI)"},
		{"with ACCESS_PLATFORM", q35("virtio-net-pci,disable-legacy=on,iommu_platform=on"), pci, "virtio-net (PCI)"},
		{"pc", pc("virtio-net-pci"), pci, "virtio-net (PCI)"},
		{"pc without modern", pc("virtio-net-pci,disable-modern=on"), pci, "virtio-net (PCI, legacy)"},
		{"microvm", microvm("false"), mmio, "virtio-net (MMIO)"},
		{"microvm legacy", microvm("true"), mmio, "virtio-net (MMIO, legacy)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &emulator{Machine: c.start(t), t: t}
			transport, err := c.reach(e)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			mem := e.DMA(emulatorDMA, MemorySize)
			d, err := New(transport, &mem, Config{
				Now: func() int64 { return int64(time.Since(start)) },
				Bus: e.bus(),
			})
			if err != nil {
				t.Fatalf("New: %v", err)
			}
			test(e, d, c.want)
		})
	}
}

func TestOnQEMU(t *testing.T) {
	onEmulators(t, func(e *emulator, d *Device, want string) {
		if d.Name() != want {
			e.t.Errorf("the driver calls it %s, want %s", d.Name(), want)
		}
		if mac := d.MAC(); mac != modelMAC {
			e.t.Errorf("MAC is %x, want %x", mac, modelMAC)
		}
		if !d.Link() {
			e.t.Error("link is down")
		}
		e.sendsAndReceives(d, "after New")
		e.takesOver(d, "idle", 0)

		var batch [][]byte
		for i := range 64 {
			batch = append(batch, frame(1000, i))
		}
		if n, err := d.transmitBatch(batch); n != len(batch) || err != nil {
			e.t.Fatalf("TransmitBatch: %d, %v", n, err)
		}
		if _, err := d.TakeOver(); err != nil {
			e.t.Fatalf("TakeOver with frames in flight: %v", err)
		}
		for _, f := range batch {
			e.Expect("after TransmitBatch and TakeOver", f, frameDeadline)
		}
		e.takesOver(d, "after a batch", 0)

		// Old frames by the thousand are what a wrong index must not send.
		q := d.rings().tx
		storeFlagsIdx(q.ring.Bytes, q.avail, availNoInterrupt, q.next+5000)
		e.takesOver(d, "with an available index that jumped", 1)

		q = d.rings().tx
		for i := range q.ring.Bytes {
			q.ring.Bytes[i] = 0xA5
		}
		d.transport.Notify(transmitQ)
		e.takesOver(d, "with garbage in its ring", 2)

		d.transport.SetStatus(0)
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

// What a crash may leave, each in turn on the device that the one before left.
func TestEveryStateOnQEMU(t *testing.T) {
	onEmulators(t, func(e *emulator, d *Device, _ string) {
		memory := e.DMA(emulatorDMA, MemorySize).Bytes
		modern := func() *virtio.ModernPCI { m, _ := d.transport.(*virtio.ModernPCI); return m }
		for _, s := range []struct {
			name    string
			pci     bool // only there
			corrupt func()
		}{
			{"with a frame that it was not told of", false, func() {
				slot, _ := d.rings().tx.claim()
				copy(d.rings().tx.frame(slot), frame(60, 1))
				d.rings().tx.post(slot, 0, 60)
			}},
			{"with bus mastering off", true, func() { e.function.Write16(4, 3) }},
			{"with PCI command 0", true, func() { e.function.Write16(4, 0) }},
			{"with memory and I/O space off", true, func() { e.function.Write16(4, 4) }},
			{"with its registers elsewhere", true, func() {
				e.function.Write32(0x10, 0xD001)
				e.function.Write32(0x20, 0xE000_0000)
			}},
			{"with its memory all ones", false, func() { drivertest.Fills["ones"](memory) }},
			{"with its memory all zeros", false, func() { drivertest.Fills["zeros"](memory) }},
			{"with its memory all noise", false, func() { drivertest.Fills["noise"](memory) }},
			{"with its buffers all ones", false, func() {
				drivertest.Fills["ones"](d.rings().tx.buffers.Bytes)
				drivertest.Fills["ones"](d.rings().rx.buffers.Bytes)
			}},
			{"with status 0", false, func() { d.transport.SetStatus(0) }},
			{"with status 0x4F", false, func() { d.transport.SetStatus(0x4F) }},
			{"with status 0x80", false, func() { d.transport.SetStatus(0x80) }},
			{"with a queue enabled again", false, func() {
				if m := modern(); m != nil {
					m.Common().Write16(commonQueueSelect, transmitQ)
					m.Common().Write16(commonQueueEnable, 1)
				}
			}},
			{"with a queue disabled", false, func() {
				if m := modern(); m != nil {
					m.Common().Write16(commonQueueSelect, transmitQ)
					m.Common().Write16(commonQueueEnable, 0)
				}
			}},
			{"with an available index that jumped", false, func() {
				q := d.rings().tx
				storeFlagsIdx(q.ring.Bytes, q.avail, availNoInterrupt, q.next+5000)
			}},
			{"with an available index that jumped, and told of it", false, func() {
				q := d.rings().rx
				storeFlagsIdx(q.ring.Bytes, q.avail, availNoInterrupt, q.next+5000)
				d.transport.Notify(receiveQ)
			}},
		} {
			if s.pci && e.function == nil {
				continue
			}
			s.corrupt()
			if _, err := d.TakeOver(); err != nil {
				e.t.Fatalf("TakeOver of a device %s: %v", s.name, err)
			}
			e.sendsAndReceives(d, "taken over "+s.name)
		}
	})
}

// QEMU drops what it is given without a link, and reports it as done.
func TestTheLinkGoesAndComesBackOnQEMU(t *testing.T) {
	onEmulators(t, func(e *emulator, d *Device, _ string) {
		e.SetLink(false)
		if d.hasStatus && d.Link() {
			e.t.Error("the link is up")
		}
		for i := range 600 {
			if err := d.Transmit(frame(100, i)); err != nil {
				e.t.Fatalf("Transmit %d with the link down: %v", i, err)
			}
		}
		if lost, err := d.TakeOver(); lost != 0 || err != nil {
			e.t.Errorf("TakeOver with the link down: %d lost, error %v", lost, err)
		}
		e.Silent("with the link down")
		e.SetLink(true)
		if !d.Link() {
			e.t.Error("the link is not back")
		}
		if _, err := d.TakeOver(); err != nil {
			e.t.Errorf("TakeOver with the link back: %v", err)
		}
		e.sendsAndReceives(d, "whose link is back")
	})
}

// takesOver takes d over, and checks that it works then and how many resets that
// made so far.
func (e *emulator) takesOver(d *Device, state string, resets uint64) {
	e.t.Helper()
	if _, err := d.TakeOver(); err != nil {
		e.t.Fatalf("TakeOver of a device %s: %v", state, err)
	}
	if got := d.Stats().Resets; got != resets {
		e.t.Errorf("%d resets after TakeOver of a device %s, want %d", got, state, resets)
	}
	e.sendsAndReceives(d, "taken over "+state)
}
