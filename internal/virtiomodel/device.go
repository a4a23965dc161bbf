// Package virtiomodel plays a virtio network device for driver tests: the device
// side of registers and rings, over the driver's own ring memory, through each of
// the four transports. It is written from the manual ("Virtual I/O Device (VIRTIO)
// Version 1.2", OASIS, 1 July 2022), not from the driver, and shares no constant
// with it. What the driver does against the manual is noted in Violations.
package virtiomodel

import (
	"fmt"
	"sync"

	"gasp/drivers/dma"
)

// Feature bits (5.1.3, 6).
const (
	FeatureMAC            = 1 << 5
	FeatureStatus         = 1 << 16
	FeatureCtrlVQ         = 1 << 17
	FeatureAnyLayout      = 1 << 27
	FeatureEventIdx       = 1 << 29
	FeatureVersion1       = 1 << 32
	FeatureAccessPlatform = 1 << 33
	FeatureRingPacked     = 1 << 34
	FeatureOrderPlatform  = 1 << 36
)

// Device status bits (2.1).
const (
	StatusAcknowledge = 1
	StatusDriver      = 2
	StatusDriverOK    = 4
	StatusFeaturesOK  = 8
	StatusNeedsReset  = 64
	StatusFailed      = 128
)

// Queue numbers (5.1.2).
const (
	ReceiveQ  = 0
	TransmitQ = 1
)

// Options is what a device is made as.
type Options struct {
	Memory   dma.Memory // all that the device can reach
	MAC      [6]byte
	Offer    uint64    // features
	Insist   uint64    // those without which it does not go on
	Legacy   bool      // the driver is to use the legacy interface
	QueueMax [2]uint16 // largest size of each queue, 0 for no such queue
	Faults   Faults
}

// Faults is what is wrong with a device; a test may change it at any time.
type Faults struct {
	Dead           bool // every register reads as all ones
	Stopped        bool // never looks at its rings
	NeverCompletes bool // takes descriptors, sends the frames, uses nothing
	Backwards      bool // uses what it finds in one look in reverse order
	ResetHangs     bool // status never reads 0
	RefuseFeatures bool // never keeps FEATURES_OK
	RefuseStart    bool // never keeps DRIVER_OK
	RefuseVector   bool // has no room for a vector of MSI-X
	Unprompted     bool // tells the driver not to notify it, and is not waiting for that
	// Lie, if not nil, may change what the device is about to write to the used
	// ring of queue q.
	Lie func(q int, id, length *uint32, idx *uint16)
}

// Device is a virtio network device. Its registers are reached through MMIO, PCI.
type Device struct {
	Options
	mu sync.Mutex

	// OnAccess, if not nil, is called before the n-th register access, from 1 on.
	OnAccess func(n int)
	Accesses int

	// Discard forgets the frames sent, so that nothing is allocated.
	Discard bool
	// Sent is the frames that the driver transmitted, Count their number.
	Sent  [][]byte
	Count int
	// Notified counts notifications of each queue, Resets the resets.
	Notified [2]int
	Resets   int
	// Violations says what the driver did against the manual.
	Violations []string

	// Messages counts the messages of each entry of the MSI-X table, of 2.
	Messages [2]int

	pci        *PCI
	isr        uint8
	status     uint8
	accepted   uint64
	linkDown   bool
	generation uint8
	broken     bool
	offerWord  uint32
	acceptWord uint32
	selected   uint32
	pageSize   uint32
	align      uint32
	queues     [2]queue
	segments   [8]segment
	heads      []uint32
}

// New makes a device that was just powered on.
func New(o Options) *Device {
	d := &Device{Options: o, heads: make([]uint32, 0, 1<<15)}
	d.clear()
	return d
}

// SetLink changes the link state and with it the configuration generation.
func (d *Device) SetLink(up bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.linkDown = !up
	d.generation++
	d.notice()
}

// Break makes the device ask for a reset and stop (2.1.2).
func (d *Device) Break() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail()
}

// Status is the device status field as the device knows it.
func (d *Device) Status() uint8 { return d.status }

// Accepted is the features that the driver accepted.
func (d *Device) Accepted() uint64 { return d.accepted }

// QueueSize is the size that queue q was given.
func (d *Device) QueueSize(q int) int { return int(d.queues[q].size) }

func (d *Device) clear() {
	d.status, d.accepted, d.broken, d.isr = 0, 0, false, 0
	d.offerWord, d.acceptWord, d.selected, d.pageSize, d.align = 0, 0, 0, 0, 0
	for i := range d.queues {
		d.queues[i] = queue{max: d.QueueMax[i], size: d.QueueMax[i], vector: noVector}
	}
}

func (d *Device) fail() {
	d.broken = true
	if !d.Legacy {
		d.status |= StatusNeedsReset
	}
}

func (d *Device) violation(format string, args ...any) {
	if len(d.Violations) < 20 {
		d.Violations = append(d.Violations, fmt.Sprintf(format, args...))
	}
}

// setStatus is a write to the device status field.
func (d *Device) setStatus(v uint8) {
	if v == 0 {
		d.Resets++
		if !d.Faults.ResetHangs {
			d.clear()
		}
		return
	}
	if d.status&^StatusNeedsReset&^v != 0 {
		d.violation("2.1.1: status bits cleared without a reset: %#x after %#x", v, d.status)
	}
	if v&StatusDriver != 0 && v&StatusAcknowledge == 0 {
		d.violation("3.1.1: DRIVER without ACKNOWLEDGE")
	}
	if v&StatusFeaturesOK != 0 && d.status&StatusFeaturesOK == 0 && (d.Faults.RefuseFeatures || d.Insist&^d.accepted != 0) {
		v &^= StatusFeaturesOK
	}
	if v&StatusDriverOK != 0 && v&StatusFailed == 0 {
		if !d.Legacy && v&StatusFeaturesOK == 0 {
			d.violation("3.1.1: DRIVER_OK without FEATURES_OK")
		}
		if !d.Legacy && d.accepted&FeatureVersion1 == 0 {
			d.violation("6.1: VERSION_1 not accepted")
		}
		if d.Faults.RefuseStart {
			v &^= StatusDriverOK
		}
	}
	d.status = v | d.status&StatusNeedsReset
}

// offered is a read of the feature word selected.
func (d *Device) offered() uint32 {
	if d.offerWord > 1 {
		return 0
	}
	return uint32(d.Offer >> (32 * d.offerWord))
}

// accept is a write of the feature word selected.
func (d *Device) accept(v uint32) {
	if d.acceptWord > 1 {
		return
	}
	if d.status&(StatusFeaturesOK|StatusDriverOK) != 0 {
		d.violation("3.1.1: features written after FEATURES_OK")
	}
	shift := 32 * d.acceptWord
	if extra := v &^ uint32(d.Offer>>shift); extra != 0 {
		d.violation("2.2.1: features accepted that were not offered: %#x in word %d", extra, d.acceptWord)
	}
	d.accepted = d.accepted&^(0xFFFF_FFFF<<shift) | uint64(v)<<shift
}

// config is the device configuration (5.1.4): mac, status.
func (d *Device) config(off uint32) uint8 {
	switch {
	case off < 6:
		return d.MAC[off]
	case off == 6 && d.Offer&FeatureStatus != 0 && !d.linkDown:
		return 1
	}
	return 0
}
