// Package pci finds PCI functions and reads what a driver needs of them.
//
// Sources: PCI Local Bus Specification 3.0 (LB), chapter 6 and appendix H, PCI-to-PCI
// Bridge Architecture Specification 1.2 (BR), section 3.2, and where said PCI Express
// Base Specification 5.0. Everything read from configuration space is untrusted:
// offsets, sizes and lists are bounded here.
package pci

// Config is access to configuration space as the machine offers it: ports 0xCF8
// and 0xCFC, or a memory-mapped window. off is a multiple of 4. A function that
// does not exist reads as all ones and ignores writes (LB 6.1).
type Config interface {
	Read32(bus, dev, fn uint8, off uint16) uint32
	Write32(bus, dev, fn uint8, off uint16, v uint32)
}

// Header registers, LB 6.2 and BR 3.2.
const (
	regVendor       = 0x00
	regCommand      = 0x04
	regStatus       = 0x06
	regClass        = 0x08 // revision in the low byte
	regHeaderType   = 0x0E
	regBAR0         = 0x10
	regSecondaryBus = 0x19 // header type 1
	regCapabilities = 0x34

	regInterruptLine = 0x3C
	regInterruptPin  = 0x3D
)

const (
	commandIO            = 1 << 0
	commandMemory        = 1 << 1
	commandMaster        = 1 << 2
	commandINTxDisable   = 1 << 10
	statusCapabilities   = 1 << 4
	headerMultiFunction  = 0x80
	headerTypeMask       = 0x7F
	headerTypeBridge     = 1
	absent               = 0xFFFF
	configSize           = 4096 // PCI Express; the first 256 bytes are conventional
	barsDevice           = 6
	barsBridge           = 2
	buses                = 256
	maxBridges           = 8 // on the way to a function, that are looked after
	devicesPerBus        = 32
	functionsPerDevice   = 8
	firstCapability      = 0x40
	interruptPins        = 4
	capabilityPointerLow = 0x03 // reserved, to be masked (LB 6.7)
)
