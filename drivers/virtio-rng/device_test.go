package virtiorng

import (
	"bytes"
	"errors"
	"testing"
	"unsafe"

	"gasp/drivers/dma"
	"gasp/drivers/virtio"
)

// device plays an entropy device against the driver's ring memory, which it reaches
// by address. It answers when it is told to, or at once.
type device struct {
	t       *testing.T
	legacy  bool
	offered uint64
	size    uint16 // of the queue
	refuses uint8  // status bits that it does not take
	insists uint64 // features without which it does not go on
	silent  bool
	gives   int                               // bytes an answer; 0: as many as asked for
	corrupt func(used []byte, element []byte) // after an answer

	status   uint8
	accepted uint64
	area     virtio.Area
	seen     uint16
	answered int
	value    byte
}

func (d *device) Name() string  { return "a model" }
func (d *device) Legacy() bool  { return d.legacy }
func (d *device) Status() uint8 { return d.status }
func (d *device) SetStatus(status uint8) {
	d.status = status &^ d.refuses
	if d.insists&^d.accepted != 0 {
		d.status &^= virtio.StatusFeaturesOK
	}
}
func (d *device) Features() uint64       { return d.offered }
func (d *device) SetFeatures(v uint64)   { d.accepted = v }
func (d *device) Config8(uint32) uint8   { return 0xff }
func (d *device) Config16(uint32) uint16 { return 0xffff }
func (d *device) Generation() uint8      { return 0 }

func (d *device) QueueSize(q, want uint16) uint16 {
	if d.legacy {
		return d.size
	}
	return min(d.size, want)
}

func (d *device) SetQueue(q, size uint16, area virtio.Area) error {
	d.area = area
	return nil
}

func (d *device) Notify(uint16) {
	if !d.silent {
		d.answer()
	}
}

func (d *device) SetVector(_, _ uint16) error { return virtio.ErrVector }
func (d *device) Acknowledge() uint8          { return 0 }

// memory is n bytes at a bus address, which is an address here.
func memory(a uint64, n int) []byte {
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&a))), n)
}

func word(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// answer fills the next available buffer.
func (d *device) answer() {
	avail := memory(d.area.Driver, ringEntries+2*int(d.size))
	if idx := uint16(word(avail) >> 16); idx != d.seen+1 {
		d.t.Fatalf("the available index is %d behind %d", idx, d.seen)
	}
	entry := avail[ringEntries+2*int(d.seen%d.size):]
	id := uint16(entry[0]) | uint16(entry[1])<<8
	desc := memory(d.area.Descriptor+uint64(id)*descriptorSize, descriptorSize)
	n := int(word(desc[8:]))
	if word(desc[12:]) != descriptorWrite || n == 0 {
		d.t.Fatalf("the descriptor is %x", desc)
	}
	if d.gives != 0 {
		n = min(n, d.gives)
	}
	buffer := memory(uint64(word(desc))|uint64(word(desc[4:]))<<32, n)
	for i := range buffer {
		d.value++
		buffer[i] = d.value
	}
	used := memory(d.area.Device, ringEntries+usedSize*int(d.size))
	element := used[ringEntries+usedSize*int(d.seen%d.size):][:usedSize]
	put32(element, 0, uint32(id))
	put32(element, 4, uint32(n))
	d.seen++
	put32(used, 0, uint32(d.seen)<<16)
	d.answered++
	if d.corrupt != nil {
		d.corrupt(used, element)
	}
}

// driver starts the driver on d, with a clock that goes on by 1 ms a look.
func driver(t *testing.T, d *device) (*Device, error) {
	t.Helper()
	b := make([]byte, MemorySize+virtio.PageSize)
	mem := dma.Memory{Bytes: b, Phys: uint64(uintptr(unsafe.Pointer(&b[0])))}
	now := int64(0)
	t.Cleanup(func() { clear(b) })
	return New(d, &mem, func() int64 { now += 1_000_000; return now })
}

func model(t *testing.T) *device {
	return &device{t: t, offered: virtio.FeatureVersion1, size: 8}
}

func TestReadGivesWhatTheDeviceGives(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		for _, gives := range []int{0, 1, 5, request} {
			d := model(t)
			d.legacy, d.gives = legacy, gives
			r, err := driver(t, d)
			if err != nil {
				t.Fatal(err)
			}
			var last byte
			for range 70 { // around the ring, and the index
				var b [20]byte
				if err := r.Read(b[:]); err != nil {
					t.Fatalf("%d bytes an answer, legacy %v: %v", gives, legacy, err)
				}
				for i, v := range b {
					if i > 0 && gives != 0 && gives < len(b) && v != b[i-1]+1 {
						t.Fatalf("%d bytes an answer: %d follows %d", gives, v, b[i-1])
					}
				}
				if b[0] == last {
					t.Fatalf("%d bytes an answer: the same again", gives)
				}
				last = b[0]
			}
		}
	}
}

// A device in hardware may not go on with a driver that does not say that it knows that (6.1).
func TestADeviceInHardwareComesUp(t *testing.T) {
	d := model(t)
	d.insists = virtio.FeatureAccessPlatform | virtio.FeatureOrderPlatform
	d.offered |= d.insists
	r, err := driver(t, d)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(make([]byte, 8)); err != nil {
		t.Error(err)
	}
}

func TestReadDoesNotWaitTwice(t *testing.T) {
	d := model(t)
	d.silent = true
	r, err := driver(t, d)
	if err != nil {
		t.Fatal(err)
	}
	start := r.now()
	b := make([]byte, 8)
	if err := r.Read(b); err != ErrTimeout {
		t.Fatalf("without an answer: %v", err)
	}
	first := r.now() - start
	if err := r.Read(b); err != ErrTimeout || r.now()-start-first > readWait/10 {
		t.Errorf("without an answer again: %v after %d ns", err, r.now()-start-first)
	}
	if first < readWait || first > 2*readWait {
		t.Errorf("the first Read waits for %d ns", first)
	}
	d.answer()
	if err := r.Read(b); err != nil || bytes.Equal(b, make([]byte, 8)) {
		t.Errorf("when the answer has come: %v, %v", b, err)
	}
	if d.answered != 1 {
		t.Errorf("there were %d requests", d.answered)
	}
}

func TestBrokenUsedRing(t *testing.T) {
	for name, corrupt := range map[string]func(used, element []byte){
		"another buffer":  func(_, e []byte) { put32(e, 0, 3) },
		"too long":        func(_, e []byte) { put32(e, 4, request+1) },
		"far too long":    func(_, e []byte) { put32(e, 4, 1<<31) },
		"a wrong index":   func(u, _ []byte) { put32(u, 0, 7<<16) },
		"an index behind": func(u, _ []byte) { put32(u, 0, 0xffff<<16) },
	} {
		d := model(t)
		d.corrupt = corrupt
		r, err := driver(t, d)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 8)
		if err := r.Read(b); err != ErrBroken {
			t.Errorf("%s: %v, want %v", name, err, ErrBroken)
		}
		if err := r.Read(b); err != ErrBroken || !bytes.Equal(b, make([]byte, 8)) {
			t.Errorf("%s: after that %v, and %v", name, err, b)
		}
	}
}

func TestDeviceThatDoesNotStart(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(*device)
		want error
	}{
		{"no version 1", func(d *device) { d.offered = 0 }, ErrFeatures},
		{"refuses the features", func(d *device) { d.refuses = virtio.StatusFeaturesOK }, ErrFeatures},
		{"does not start", func(d *device) { d.refuses = virtio.StatusDriverOK }, ErrStart},
		{"no queue", func(d *device) { d.size = 0 }, virtio.ErrQueue},
		{"an odd queue", func(d *device) { d.size = 6 }, virtio.ErrQueue},
		{"too large a queue", func(d *device) { d.size, d.legacy = 128, true }, virtio.ErrQueue},
	} {
		d := model(t)
		tt.set(d)
		if _, err := driver(t, d); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if d.status&virtio.StatusFailed == 0 {
			t.Errorf("%s: the device is not told", tt.name)
		}
	}
	if _, err := New(stuck{model(t)}, &dma.Memory{Bytes: make([]byte, MemorySize+8192)}, func() func() int64 {
		now := int64(0)
		return func() int64 { now += 1_000_000; return now }
	}()); err != ErrReset {
		t.Errorf("a device that does not reset: %v", err)
	}
}

// stuck never resets.
type stuck struct{ *device }

func (stuck) Status() uint8 { return 1 }
