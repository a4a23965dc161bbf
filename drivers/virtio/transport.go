// Package virtio reaches the registers of virtio devices, over PCI and MMIO, with
// the modern (virtio 1.x) and the legacy (0.9.5) interface.
//
// The manual is "Virtual I/O Device (VIRTIO) Version 1.2", OASIS, 1 July 2022;
// sections named in comments are its. The constructors allocate; nothing else does,
// nor does anything else store a pointer.
package virtio

import "errors"

var (
	// ErrNoDevice means that there is no device of this kind behind the registers.
	ErrNoDevice = errors.New("virtio: no such device here")
	// ErrQueue means that the device lacks a queue, or has one of a size or at an
	// address that cannot be served.
	ErrQueue = errors.New("virtio: unusable queue")
	// ErrVector means that the device cannot interrupt by MSI-X as it is asked to.
	ErrVector = errors.New("virtio: no vector of MSI-X for a queue")
)

// Kind is a kind of device (section 5).
type Kind struct {
	Name         string // for people to read
	ID           uint32 // device ID (5)
	Transitional uint16 // PCI device ID of a transitional device (4.1.2.1)
	Config       uint32 // bytes of the device configuration that a driver reads, at the least
}

// PageSize is what legacy devices count the addresses of queues in, in bytes.
const PageSize = 4096

// Transport reaches the registers of one device (section 4). It keeps no state
// that a crash could spoil, and none of its methods waits.
type Transport interface {
	// Name is a constant for people to read.
	Name() string
	// Legacy tells whether this is the interface from before virtio 1.0.
	Legacy() bool

	// Status is the device status field (2.1).
	Status() uint8
	// SetStatus writes the device status field; 0 asks for a reset.
	SetStatus(status uint8)

	// Features is what the device offers (2.2).
	Features() uint64
	// SetFeatures tells the device what the driver accepts.
	SetFeatures(features uint64)

	// QueueSize is the number of descriptors that queue q is to have when at most
	// want (a power of two) are of use: the device's own number with legacy PCI,
	// else a power of two up to want. 0 if there is no such queue.
	QueueSize(q, want uint16) uint16
	// SetQueue gives queue q its size and its bus addresses and enables it.
	SetQueue(q, size uint16, area Area) error
	// Notify tells the device that queue q has new buffers (2.7.13.4).
	Notify(q uint16)

	// SetVector makes queue q interrupt with an entry of the MSI-X table (4.1.5.1.2).
	// ErrVector if the device has no such table, or no room for one more.
	SetVector(q, entry uint16) error
	// Acknowledge reads the interrupt status and ends the interrupt (4.1.5.3, 4.1.4.5,
	// 4.2.2.1): bit 0 a used buffer, bit 1 a change of the configuration. 0 if there
	// was none, or if it came by MSI-X.
	Acknowledge() uint8

	// Config8 and Config16 read the device configuration (2.5) at off.
	Config8(off uint32) uint8
	Config16(off uint32) uint16
	// Generation changes when the configuration does (2.5.1); 0 for legacy.
	Generation() uint8
}

// Area is where a queue lies, in bus addresses (2.6).
type Area struct {
	Descriptor uint64 // descriptor table
	Driver     uint64 // available ring
	Device     uint64 // used ring
}

// Device status bits (2.1).
const (
	StatusAcknowledge = 1
	StatusDriver      = 2
	StatusDriverOK    = 4
	StatusFeaturesOK  = 8
	StatusNeedsReset  = 64
	StatusFailed      = 128
)

// Feature bits of all devices (6).
const (
	FeatureAnyLayout      = 1 << 27 // legacy only (6.3)
	FeatureVersion1       = 1 << 32
	FeatureAccessPlatform = 1 << 33
	FeatureOrderPlatform  = 1 << 36
)

// pow2Floor returns the largest power of two that is not above n, 0 for 0.
func pow2Floor(n uint32) uint32 {
	for n&(n-1) != 0 {
		n &= n - 1
	}
	return n
}
