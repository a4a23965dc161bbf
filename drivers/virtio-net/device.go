// Package virtionet drives the virtio network device, polled, over PCI and MMIO,
// with the modern (virtio 1.x) and the legacy (0.9.5) interface.
//
// The manual is "Virtual I/O Device (VIRTIO) Version 1.2", OASIS, 1 July 2022;
// sections named in comments are its. Three parts: a Transport reaches the
// device's registers, a queue moves descriptors through ring memory, a Device
// makes a network interface of them.
//
// It works polled; interrupts can be switched on to be told when to poll. New allocates; nothing else does, nor does anything else
// store a pointer, so every method may run where the Go runtime cannot.
package virtionet

import (
	"errors"

	"gasp/drivers/dma"
	"gasp/drivers/inuse"
	"gasp/drivers/seal"
	"gasp/drivers/virtio"
)

var (
	// ErrClock means that Config.Now is missing.
	ErrClock = errors.New("virtio-net: no clock given")
	// ErrReset means that the device did not finish its reset in time.
	ErrReset = errors.New("virtio-net: reset does not finish")
	// ErrFeatures means that driver and device agree on no set of features.
	ErrFeatures = errors.New("virtio-net: device refuses the features")
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
	// Relax lets a microsecond or so pass with as few instructions as there are for it (x86: PAUSE), so that who waits
	// leaves the processor to who is waited for; nil if there is none.
	Relax func()
	// MAC is the station address of a device that offers none (VIRTIO_NET_F_MAC).
	MAC [6]byte
	// Bus is how TakeOver makes the device reachable again; nil if nothing can be
	// done. A *pci.Function after Save is one. It is called where TakeOver is, so the
	// same restrictions hold.
	Bus Bus
	// MSIX tells that PCI has MSI-X switched on: the receive queue then interrupts by
	// entry 0 of its table. Every interrupt is masked until EnableInterrupt.
	MSIX bool
}

// Bus is what a device is on.
type Bus interface {
	// Intact tells whether the device may master the bus.
	Intact() bool
	// Restore makes the device reachable, and lets it master the bus. It does no harm
	// to one that is at work.
	Restore()
}

// Stats counts since New.
type Stats struct {
	Transmitted     uint64 // frames given to the device
	Received        uint64 // frames handed to the caller
	TransmitRefused uint64 // frames not taken: ring full, device broken, or size
	ReceiveDropped  uint64 // frames received and thrown away: runt, or longer than the buffer
	UsedRingErrors  uint64 // entries or indices of a used ring that cannot be
	TakeOvers       uint64 // calls of TakeOver
	Kept            uint64 // TakeOver found the rings idle and sound
	Resets          uint64 // TakeOver reset the device
	Abandoned       uint64 // frames that may not have left when TakeOver reset the device
}

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

// MemorySize is how many bytes of DMA memory New takes, at any alignment. A legacy PCI device with queues larger than
// commonQueueSize takes up to 752 KiB more.
const MemorySize = virtio.PageSize + 4*ringRoom + slotSize*
	(normalTransmitSlots+normalReceiveSlots+reservedTransmitSlots+reservedReceiveSlots)

type rings struct {
	rx, tx queue
}

// state is what changes of rings.
type state struct {
	rx, tx queueState
}

// rings are those in use, or what stands for them if there are none.
func (d *Device) rings() rings { return d.of(d.active) }

func (d *Device) of(s inuse.Rings) rings {
	p, v := &d.places[s.Index()], &d.state[s.Index()]
	return rings{rx: queue{&p[receiveQ], &v.rx}, tx: queue{&p[transmitQ], &v.tx}}
}

// Device is one network interface. Its methods are to be called from one context
// at a time; TakeOver alone may interrupt any of them, which is then not resumed.
type Device struct {
	core
	state      [2]state // of the ordinary rings and the reserved ones
	active     inuse.Rings
	broken     bool
	vector     bool   // the device has taken entry 0 of the MSI-X table
	stalled    bool   // a whole wait passed without one transmit slot coming free
	unreported uint32 // frames counted as lost, and told to no caller of TakeOver
	stats      Stats
	provoked   uint16 // used index of the transmit ring when ProvokeInterrupt was called last

	sealed seal.Of[core] // last, far from what it seals
}

// core is what does not change after New: where registers and memory are.
type core struct {
	transport virtio.Transport
	now       func() int64
	pause     func()
	bus       Bus
	features  uint64
	mac       [6]byte
	hasStatus bool // VIRTIO_NET_F_STATUS
	msix      bool // the receive queue interrupts by entry 0 of the MSI-X table
	places    [2][2]place
}

// New resets the device behind t and brings it up. It takes MemorySize bytes from
// mem, for the ordinary rings and for those that TakeOver will use.
func New(t virtio.Transport, mem *dma.Memory, cfg Config) (*Device, error) {
	if cfg.Now == nil {
		return nil, ErrClock
	}
	d := &Device{core: core{transport: t, now: cfg.Now, pause: cfg.Relax, bus: cfg.Bus, mac: cfg.MAC, msix: cfg.MSIX}, active: inuse.None}
	for _, p := range []struct {
		rings inuse.Rings
		index uint16
		slots uint16
	}{
		{inuse.Normal, receiveQ, normalReceiveSlots},
		{inuse.Normal, transmitQ, normalTransmitSlots},
		{inuse.Reserved, receiveQ, reservedReceiveSlots},
		{inuse.Reserved, transmitQ, reservedTransmitSlots},
	} {
		most := uint16(commonQueueSize)
		if size := t.QueueSize(p.index, p.slots); size <= maxQueueSize {
			most = max(most, size)
		}
		if err := d.places[p.rings.Index()][p.index].allocate(mem, p.index, p.slots, most); err != nil {
			return nil, err
		}
	}
	if err := d.start(inuse.Normal); err != nil {
		return nil, err
	}
	if d.features&featureMAC != 0 {
		d.mac = d.readMAC()
	}
	d.sealed = seal.NewOf(&d.core)
	return d, nil
}

// Name tells the device and its transport.
func (d *Device) Name() string { return d.transport.Name() }

// MAC is the station address: the device's own, or else Config.MAC.
func (d *Device) MAC() [6]byte { return d.mac }

// Stats returns the counters.
func (d *Device) Stats() Stats { return d.stats }
