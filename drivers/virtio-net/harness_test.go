package virtionet

import (
	"bytes"
	"testing"

	"gasp/drivers/dma"
	"gasp/drivers/virtio"
	"gasp/internal/virtiomodel"
)

var modelMAC = [6]byte{0x52, 0x54, 0, 0x12, 0x34, 0x56}

const (
	legacyOffer = virtiomodel.FeatureMAC | virtiomodel.FeatureStatus | virtiomodel.FeatureCtrlVQ |
		virtiomodel.FeatureAnyLayout | virtiomodel.FeatureEventIdx
	modernOffer = virtiomodel.FeatureMAC | virtiomodel.FeatureStatus | virtiomodel.FeatureCtrlVQ |
		virtiomodel.FeatureEventIdx | virtiomodel.FeatureVersion1 | virtiomodel.FeatureRingPacked
)

// kinds are the devices that every test of behaviour runs on.
var kinds = []struct {
	name   string
	legacy bool
	offer  uint64
	reach  func(d *virtiomodel.Device) (virtio.Transport, error)
}{
	{"PCI", false, modernOffer, func(d *virtiomodel.Device) (virtio.Transport, error) {
		p := d.PCI(false)
		return NewPCI(p, p.BAR)
	}},
	{"PCI legacy", true, legacyOffer, func(d *virtiomodel.Device) (virtio.Transport, error) {
		p := d.PCI(false)
		return NewPCI(p, p.BAR)
	}},
	{"PCI legacy without ANY_LAYOUT", true, legacyOffer &^ virtiomodel.FeatureAnyLayout, func(d *virtiomodel.Device) (virtio.Transport, error) {
		p := d.PCI(false)
		return NewPCI(p, p.BAR)
	}},
	{"MMIO", false, modernOffer, func(d *virtiomodel.Device) (virtio.Transport, error) { return NewMMIO(d.MMIO()) }},
	{"MMIO legacy", true, legacyOffer, func(d *virtiomodel.Device) (virtio.Transport, error) { return NewMMIO(d.MMIO()) }},
	{"MMIO legacy without ANY_LAYOUT", true, legacyOffer &^ virtiomodel.FeatureAnyLayout, func(d *virtiomodel.Device) (virtio.Transport, error) {
		return NewMMIO(d.MMIO())
	}},
}

// machine is a device model, a clock, and the driver under test.
type machine struct {
	t      testing.TB
	model  *virtiomodel.Device
	driver *Device
	time   int64
	onTime func() // called at each reading of the clock
	bus    bus
}

// bus is a Bus that does as it is told.
type bus struct {
	off      bool   // not Intact
	restored int    // calls of Restore
	restore  func() // called then, if not nil
}

func (b *bus) Intact() bool { return !b.off }

func (b *bus) Restore() {
	b.off = false
	b.restored++
	if b.restore != nil {
		b.restore()
	}
}

func (m *machine) now() int64 {
	m.time += 1000
	if m.onTime != nil {
		m.onTime()
	}
	return m.time
}

// memoryBase is an odd bus address, so that the driver has to align by itself.
const memoryBase = 0x1_2345_6010

// power makes a device of a kind, changed by change if not nil.
func power(t testing.TB, kind int, change func(o *virtiomodel.Options)) *machine {
	t.Helper()
	k := kinds[kind]
	o := virtiomodel.Options{
		Memory:   dma.Memory{Bytes: make([]byte, MemorySize), Phys: memoryBase},
		MAC:      modelMAC,
		Offer:    k.offer,
		Legacy:   k.legacy,
		QueueMax: [2]uint16{256, 256},
	}
	if change != nil {
		change(&o)
	}
	return &machine{t: t, model: virtiomodel.New(o)}
}

// up is power and New; the test fails if the driver does not come up.
func up(t testing.TB, kind int, change func(o *virtiomodel.Options)) *machine {
	t.Helper()
	m := power(t, kind, change)
	if err := m.start(kind); err != nil {
		t.Fatalf("New: %v", err)
	}
	return m
}

func (m *machine) start(kind int) error {
	transport, err := kinds[kind].reach(m.model)
	if err != nil {
		return err
	}
	mem := m.model.Memory
	m.driver, err = New(transport, &mem, Config{Now: m.now, Bus: &m.bus})
	return err
}

// each runs a test on every kind of device; the driver must keep to the manual.
func each(t *testing.T, change func(o *virtiomodel.Options), test func(t *testing.T, m *machine)) {
	for i, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			m := up(t, i, change)
			test(t, m)
			m.obeyed()
		})
	}
}

func (m *machine) obeyed() {
	m.t.Helper()
	for _, v := range m.model.Violations {
		m.t.Errorf("driver against the manual: %s", v)
	}
}

// frame is n bytes that differ from those of any other serial number.
func frame(n, serial int) []byte {
	f := make([]byte, n)
	for i := range f {
		f[i] = byte(serial + i*7)
	}
	f[n-1], f[n-2], f[n-3] = byte(serial), byte(serial>>8), byte(serial>>16)
	return f
}

// padded is what a frame is on the wire.
func padded(f []byte) []byte {
	if len(f) >= 60 {
		return f
	}
	return append(bytes.Clone(f), make([]byte, 60-len(f))...)
}

func (m *machine) transmit(f []byte) {
	m.t.Helper()
	if err := m.driver.Transmit(f); err != nil {
		m.t.Fatalf("Transmit of %d bytes: %v", len(f), err)
	}
}

// transmitBatch gives several frames with one doorbell, each written where the device reads it. It returns how many
// were taken.
func (d *Device) transmitBatch(frames [][]byte) (taken int, err error) {
	if len(frames) > 0 {
		defer d.Doorbell()
	}
	for i, f := range frames {
		room, err := d.Room(true)
		if err != nil {
			return i, err
		}
		at := i * 7 % (RoomBefore + 1)
		copy(room[at:], f)
		if err := d.Commit(at, len(f), false); err != nil {
			return i, err
		}
	}
	return len(frames), nil
}

// arrived checks that exactly these frames left since the last call.
func (m *machine) arrived(want ...[]byte) {
	m.t.Helper()
	got := m.model.Sent
	m.model.Sent = nil
	if len(got) != len(want) {
		m.t.Fatalf("%d frames left, want %d", len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(got[i], padded(want[i])) {
			m.t.Fatalf("frame %d left as % x, want % x", i, got[i], padded(want[i]))
		}
	}
}

// works checks that a frame leaves and one comes in.
func (m *machine) works() {
	m.t.Helper()
	m.model.Sent = nil
	out, in := frame(200, 0x51), frame(300, 0x52)
	m.transmit(out)
	m.model.Run()
	if err := m.driver.Flush(); err != nil {
		m.t.Fatalf("Flush: %v", err)
	}
	m.arrived(out)
	if !m.model.Inject(in) {
		m.t.Fatal("the device has no buffer for a frame that arrives")
	}
	buf := make([]byte, 1600)
	if n, err := m.driver.Receive(buf); err != nil || !bytes.Equal(buf[:n], in) {
		m.t.Fatalf("Receive: %d bytes % x, %v; want % x", n, buf[:min(n, 32)], err, in[:32])
	}
}
