package virtionet

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
	statusAcknowledge = 1
	statusDriver      = 2
	statusDriverOK    = 4
	statusFeaturesOK  = 8
	statusNeedsReset  = 64
	statusFailed      = 128
)

// Feature bits (5.1.3, 6).
const (
	featureMAC            = 1 << 5
	featureStatus         = 1 << 16
	featureAnyLayout      = 1 << 27 // legacy only (6.3)
	featureVersion1       = 1 << 32
	featureAccessPlatform = 1 << 33
)

// Device configuration layout (5.1.4).
const (
	configMAC    = 0
	configStatus = 6

	configLinkUp = 1
)

// pow2Floor returns the largest power of two that is not above n, 0 for 0.
func pow2Floor(n uint32) uint32 {
	for n&(n-1) != 0 {
		n &= n - 1
	}
	return n
}
