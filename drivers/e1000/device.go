package e1000

import (
	"gasp/drivers/dma"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
)

// MaxFrame is the largest Ethernet frame in bytes, without FCS (IEEE 802.3).
const MaxFrame = 1514

// minFrame is the smallest frame on the wire, without FCS. Shorter ones are
// padded with zeros here: TCTL.PSP pads with what the FIFO last held (SDM
// 13.4.33), and emulators do not pad.
const minFrame = 60

// Descriptors of the ordinary rings and of those that TakeOver uses. Ring
// lengths are multiples of 128 bytes (SDM 13.4.27, 13.4.38): 8 descriptors.
const (
	txNormal, rxNormal     = 256, 64
	txReserved, rxReserved = 32, 16

	ringAlign = 128
)

// MemorySize is how many bytes of DMA memory New takes, alignment included.
const MemorySize = ringAlign +
	(txNormal+rxNormal+txReserved+rxReserved)*(descriptorSize+bufferSize)

// Config is what a driver cannot find out from the registers.
type Config struct {
	// PCI is the function's configuration space. With nil the board has enabled
	// the device, and TakeOver cannot undo what happened to that.
	PCI *pci.Function
	// DeviceID is the PCI device id, one of IDs. 0 takes it from PCI.
	DeviceID uint16
	// Now is a monotonic clock in nanoseconds. Every wait is bounded by it and by
	// a number of iterations; with nil by that alone.
	Now func() int64
}

// Device is one controller. Its methods may be called from any context, one at a
// time; TakeOver may interrupt any of them, which then must not go on.
type Device struct {
	regs reg.Space
	pci  *pci.Function
	now  func() int64
	id   ID
	mac  [6]byte
	ctrl uint32 // CTRL in work

	queues [2]queue // ordinary, reserved
	active uint32   // index of the one in use
	ready  bool     // it is set up, registers and all
	stats  Stats
}

// queue is a transmit and a receive ring with the state of both.
type queue struct {
	tx transmitter
	rx receiver
}

// Indices of Device.queues.
const (
	normal   = 0
	reserved = 1
)

// New resets the device, reads its address, sets up the rings in memory that it
// carves from mem, and enables it. It does not wait for the link. Errors:
// ErrUnknown, ErrMemory, ErrAbsent, ErrReset, ErrAddress.
func New(regs reg.Space, mem *dma.Memory, cfg Config) (*Device, error) {
	// 1. Which device.
	device := cfg.DeviceID
	if device == 0 && cfg.PCI != nil {
		device = cfg.PCI.Device
	}
	id, ok := Lookup(device)
	if !ok {
		return nil, ErrUnknown
	}
	d := &Device{regs: regs, pci: cfg.PCI, now: cfg.Now, id: id, ctrl: ctrlValue}

	// 2. Memory.
	if err := d.queues[normal].carve(mem, txNormal, rxNormal); err != nil {
		return nil, err
	}
	if err := d.queues[reserved].carve(mem, txReserved, rxReserved); err != nil {
		return nil, err
	}

	// 3. The bus.
	if d.pci != nil {
		d.pci.Enable()
		d.pci.DisableINTx()
		d.pci.Save()
	}

	// 4. Reset, address, set-up.
	wasReset, err := d.reset()
	if err != nil {
		return nil, err
	}
	if d.mac, err = d.readAddress(); err != nil {
		return nil, err
	}
	d.ctrl |= d.regs.Read32(regCTRL) & ctrlPins
	d.setUp(normal, wasReset)
	return d, nil
}

func (q *queue) carve(mem *dma.Memory, tx, rx uint32) (err error) {
	if q.tx.ring, err = newRing(mem, tx); err == nil {
		q.rx.ring, err = newRing(mem, rx)
	}
	return err
}

// newRing takes memory for n descriptors, a power of two, and their buffers.
func newRing(mem *dma.Memory, n uint32) (ring, error) {
	desc, err := mem.Carve(int(n)*descriptorSize, ringAlign)
	if err != nil {
		return ring{}, ErrMemory
	}
	buffers, err := mem.Carve(int(n)*bufferSize, ringAlign)
	if err != nil {
		return ring{}, ErrMemory
	}
	return ring{
		desc: desc.Bytes, descPhys: desc.Phys,
		buffers: buffers.Bytes, bufPhys: buffers.Phys,
		mask: n - 1,
	}, nil
}

// MAC is the station address.
func (d *Device) MAC() [6]byte { return d.mac }

// Name is the controller's name, such as 82574L.
func (d *Device) Name() string { return d.id.Name }

// Link tells whether the link is up: STATUS.LU, SDM 13.4.2.
func (d *Device) Link() bool {
	s := d.regs.Read32(regSTATUS)
	return s != allOnes && s&statusLU != 0
}

// allOnes is what a bus reads where nothing answers.
const allOnes = ^uint32(0)
