// Package virtiorng drives the virtio entropy device (5.4), polled.
//
// The manual is "Virtual I/O Device (VIRTIO) Version 1.2", OASIS, 1 July 2022;
// sections named in comments are its. New allocates; Read does not, stores no
// pointer, and waits for a bounded time.
package virtiorng

import (
	"errors"
	"sync/atomic"
	"unsafe"

	"gasp/drivers/dma"
	"gasp/drivers/virtio"
)

var (
	// ErrReset means that the device did not finish its reset in time.
	ErrReset = errors.New("virtio-rng: reset does not finish")
	// ErrFeatures means that driver and device agree on no set of features.
	ErrFeatures = errors.New("virtio-rng: device refuses the features")
	// ErrStart means that the device was set up and does not say DRIVER_OK.
	ErrStart = errors.New("virtio-rng: device does not start")
	// ErrBroken means that the device broke the rules of the used ring.
	ErrBroken = errors.New("virtio-rng: device broken")
	// ErrTimeout means that the device has not answered yet.
	ErrTimeout = errors.New("virtio-rng: no answer in time")
)

// Kind is the entropy device. It has no configuration.
var Kind = virtio.Kind{Name: "virtio-rng", ID: 4, Transitional: 0x1005}

// Bounds of waits, in ns.
const (
	resetWait = 100_000_000
	readWait  = 500_000_000 // a host that has other things to do
)

// The one queue (5.4.2), a split virtqueue (2.7) of which one descriptor is used.
const (
	requestQ = 0

	maxQueueSize   = 64
	descriptorSize = 16
	usedSize       = 8
	ringEntries    = 4 // flags and idx before the ring (2.7.6, 2.7.8)
	ringRoom       = 2 * virtio.PageSize

	descriptorWrite  = 2 // 2.7.5
	availNoInterrupt = 1 // 2.7.6

	request = 64 // bytes asked for at a time
)

// MemorySize is how much memory New takes, in bytes.
const MemorySize = ringRoom + virtio.PageSize + request

// Device is an entropy device. Its methods must not run at the same time.
type Device struct {
	transport virtio.Transport
	now       func() int64
	ring      dma.Memory
	buffer    dma.Memory
	size      uint16
	used      int    // offset of the used ring
	next      uint16 // available index
	seen      uint16 // used index
	asked     bool   // a request is the device's
	broken    bool
}

// New starts a device; now is a clock in ns.
func New(t virtio.Transport, mem *dma.Memory, now func() int64) (*Device, error) {
	ring, err := mem.Carve(ringRoom, virtio.PageSize)
	if err != nil {
		return nil, err
	}
	buffer, err := mem.Carve(request, request)
	if err != nil {
		return nil, err
	}
	d := &Device{transport: t, now: now, ring: ring, buffer: buffer}
	if err := d.start(); err != nil {
		t.SetStatus(t.Status() | virtio.StatusFailed)
		return nil, err
	}
	return d, nil
}

// start brings the device up (3.1.1).
func (d *Device) start() error {
	t := d.transport
	t.SetStatus(0)
	for end := d.now() + resetWait; t.Status() != 0; {
		if d.now() > end {
			return ErrReset
		}
	}
	status := uint8(virtio.StatusAcknowledge)
	t.SetStatus(status)
	status |= virtio.StatusDriver
	t.SetStatus(status)
	if t.Legacy() {
		t.SetFeatures(0)
	} else {
		offered := t.Features()
		if offered&virtio.FeatureVersion1 == 0 {
			return ErrFeatures
		}
		t.SetFeatures(offered & (virtio.FeatureVersion1 | virtio.FeatureAccessPlatform | virtio.FeatureOrderPlatform))
		status |= virtio.StatusFeaturesOK
		t.SetStatus(status)
		if t.Status() != status {
			return ErrFeatures
		}
	}
	d.size = t.QueueSize(requestQ, maxQueueSize)
	if d.size == 0 || d.size > maxQueueSize || d.size&(d.size-1) != 0 {
		return virtio.ErrQueue
	}
	clear(d.ring.Bytes)
	avail := descriptorSize * int(d.size)
	d.used = (avail + ringEntries + 2*int(d.size) + 2 + virtio.PageSize - 1) &^ (virtio.PageSize - 1)
	p := d.ring.Phys
	area := virtio.Area{Descriptor: p, Driver: p + uint64(avail), Device: p + uint64(d.used)}
	if err := t.SetQueue(requestQ, d.size, area); err != nil {
		return err
	}
	status |= virtio.StatusDriverOK
	t.SetStatus(status)
	if t.Status() != status {
		return ErrStart
	}
	return nil
}

// Read fills b with random bytes of the device. It waits half a second at most, and
// not at all for what an earlier Read waited for in vain.
func (d *Device) Read(b []byte) error {
	if d.broken {
		return ErrBroken
	}
	end := d.now() + readWait
	if d.asked {
		end = d.now()
	}
	for len(b) > 0 {
		if !d.asked {
			d.ask()
		}
		n, err := d.answer()
		switch {
		case err != nil:
			d.broken = true
			return err
		case n == 0 && d.now() >= end:
			return ErrTimeout
		}
		m := copy(b, d.buffer.Bytes[:n])
		clear(d.buffer.Bytes[:n])
		b = b[m:]
	}
	return nil
}

// ask gives the buffer to the device (2.7.13).
func (d *Device) ask() {
	r := d.ring.Bytes
	put32(r, 0, uint32(d.buffer.Phys))
	put32(r, 4, uint32(d.buffer.Phys>>32))
	put32(r, 8, request)
	put32(r, 12, descriptorWrite)
	avail := descriptorSize * int(d.size)
	entry := avail + ringEntries + 2*int(d.next&(d.size-1))
	r[entry], r[entry+1] = 0, 0
	d.next++
	d.asked = true
	dma.Publish()
	atomic.StoreUint32(d.word(avail), availNoInterrupt|uint32(d.next)<<16)
	dma.Publish()
	d.transport.Notify(requestQ)
}

// answer tells how many bytes of the buffer the device has filled, 0 if it is not
// done.
func (d *Device) answer() (int, error) {
	idx := uint16(atomic.LoadUint32(d.word(d.used)) >> 16)
	if idx == d.seen {
		return 0, nil
	}
	dma.Publish()
	element := d.used + ringEntries + usedSize*int(d.seen&(d.size-1))
	id, n := *d.word(element), *d.word(element + 4)
	if idx != d.seen+1 || id != 0 || n > request {
		return 0, ErrBroken
	}
	d.seen = idx
	d.asked = false
	return int(n), nil
}

// word is four bytes of ring memory, little-endian as every processor this runs on.
func (d *Device) word(off int) *uint32 {
	return (*uint32)(unsafe.Pointer(&d.ring.Bytes[off : off+4][0]))
}

func put32(r []byte, off int, v uint32) {
	b := r[off : off+4]
	b[0], b[1], b[2], b[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
}
