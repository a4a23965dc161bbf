// Package reg is how a driver reaches the registers of its device: through an
// interface, so that a test can put a device model where the hardware would be.
package reg

// Space is one window of device registers, in memory or in I/O ports. Offsets
// are in bytes from the start of the window and naturally aligned. Values are
// little-endian, as on the bus. An access outside the window reads as all ones
// and writes nothing, as a PCI bus does when no device answers.
type Space interface {
	Read8(off uint32) uint8
	Read16(off uint32) uint16
	Read32(off uint32) uint32
	Write8(off uint32, v uint8)
	Write16(off uint32, v uint16)
	Write32(off uint32, v uint32)
}
