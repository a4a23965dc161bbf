// Package virtionet drives the virtio network device, polled, over PCI and MMIO,
// with the modern (virtio 1.x) and the legacy (0.9.5) interface.
//
// The manual is "Virtual I/O Device (VIRTIO) Version 1.2", OASIS, 1 July 2022;
// sections named in comments are its. Three parts: a Transport reaches the
// device's registers, a queue moves descriptors through ring memory, a Device
// makes a network interface of them.
//
// No interrupt is used. New allocates; nothing else does, nor does anything else
// store a pointer, so every method may run where the Go runtime cannot.
package virtionet

import (
	"errors"

	"gasp/drivers/dma"
)

var (
	// ErrNoDevice means that there is no network device behind the registers.
	ErrNoDevice = errors.New("virtio-net: no network device here")
	// ErrClock means that Config.Now is missing.
	ErrClock = errors.New("virtio-net: no clock given")
	// ErrReset means that the device did not finish its reset in time.
	ErrReset = errors.New("virtio-net: reset does not finish")
	// ErrFeatures means that driver and device agree on no set of features.
	ErrFeatures = errors.New("virtio-net: device refuses the features")
	// ErrQueue means that the device lacks a queue, or has one of a size or at an
	// address that this driver cannot serve.
	ErrQueue = errors.New("virtio-net: unusable queue")
	// ErrStart means that the device was set up and does not say DRIVER_OK.
	ErrStart = errors.New("virtio-net: device does not start")
	// ErrBroken means that the device broke the rules of the used ring, or asks
	// for a reset. Only TakeOver makes it work again.
	ErrBroken = errors.New("virtio-net: device broken")
	// ErrRingFull means that no transmit slot came free in time.
	ErrRingFull = errors.New("virtio-net: transmit ring full")
	// ErrTimeout means that the device did not finish its frames in time.
	ErrTimeout = errors.New("virtio-net: frames not finished in time")
	// ErrFrameSize means a frame outside 14 to 1514 bytes, or a received one that
	// is longer than the buffer it was to go to.
	ErrFrameSize = errors.New("virtio-net: frame size")
)

// Config is what a board knows and the device does not.
type Config struct {
	// Now is a clock in nanoseconds that never runs backwards. It bounds every wait.
	Now func() int64
	// MAC is the station address of a device that offers none (VIRTIO_NET_F_MAC).
	MAC [6]byte
	// RestoreBus, if not nil, is called first in TakeOver: it makes the device
	// reachable again, for PCI by writing BARs and command register. Same
	// restrictions as for TakeOver itself.
	RestoreBus func()
}

// Stats counts since New.
type Stats struct {
	Transmitted     uint64 // frames given to the device
	Received        uint64 // frames handed to the caller
	TransmitRefused uint64 // frames not taken: ring full, device broken, or size
	ReceiveDropped  uint64 // frames received and thrown away: runt, or longer than the buffer
	UsedRingErrors  uint64 // entries or indices of a used ring that cannot be
	Kept            uint64 // TakeOver found the rings idle and sound
	Resets          uint64 // TakeOver reset the device
	Abandoned       uint64 // frames still with the device when TakeOver reset it
}

// Sets of rings: one for ordinary work, one that nothing uses before TakeOver.
const (
	normal = iota
	reserved
)

// Queue numbers (5.1.2).
const (
	receiveQ  = 0
	transmitQ = 1
)

// Slots in each queue, a power of two.
const (
	normalTransmitSlots   = 256
	normalReceiveSlots    = 128
	reservedTransmitSlots = 128
	reservedReceiveSlots  = 32
)

// MemorySize is how many bytes of DMA memory New takes, at any alignment.
const MemorySize = pageSize + 4*ringRoom + slotSize*
	(normalTransmitSlots+normalReceiveSlots+reservedTransmitSlots+reservedReceiveSlots)

type rings struct {
	rx, tx queue
}

// rings is the set in use. The mask keeps an index that was overwritten in bounds.
func (d *Device) rings() *rings { return &d.sets[d.active&1] }

// Device is one network interface. Its methods are to be called from one context
// at a time; TakeOver alone may interrupt any of them, which is then not resumed.
type Device struct {
	transport  Transport
	now        func() int64
	restoreBus func()

	mac       [6]byte
	hasStatus bool // VIRTIO_NET_F_STATUS
	features  uint64

	sets    [2]rings
	active  int  // index of the set in use
	ready   bool // the set in use is armed and the device runs on it
	broken  bool
	stalled bool // a whole wait passed without one transmit slot coming free
	stats   Stats
}

// New resets the device behind t and brings it up. It takes MemorySize bytes from
// mem, for the ordinary rings and for those that TakeOver will use.
func New(t Transport, mem *dma.Memory, cfg Config) (*Device, error) {
	if cfg.Now == nil {
		return nil, ErrClock
	}
	d := &Device{transport: t, now: cfg.Now, restoreBus: cfg.RestoreBus, mac: cfg.MAC}
	for _, r := range []struct {
		q     *queue
		index uint16
		slots uint16
	}{
		{&d.sets[normal].rx, receiveQ, normalReceiveSlots},
		{&d.sets[normal].tx, transmitQ, normalTransmitSlots},
		{&d.sets[reserved].rx, receiveQ, reservedReceiveSlots},
		{&d.sets[reserved].tx, transmitQ, reservedTransmitSlots},
	} {
		if err := r.q.allocate(mem, r.index, r.slots); err != nil {
			return nil, err
		}
	}
	if err := d.start(normal); err != nil {
		return nil, err
	}
	if d.features&featureMAC != 0 {
		d.mac = d.readMAC()
	}
	return d, nil
}

// Name tells the device and its transport.
func (d *Device) Name() string { return d.transport.Name() }

// MAC is the station address: the device's own, or else Config.MAC.
func (d *Device) MAC() [6]byte { return d.mac }

// Stats returns the counters.
func (d *Device) Stats() Stats { return d.stats }
