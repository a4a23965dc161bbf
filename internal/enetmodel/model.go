// Package enetmodel plays an ENET, the Ethernet MAC of i.MX6UL, and its PHY for tests of the
// driver: registers, DMA on real ring memory, time, and faults. What it takes
// from the manual is written anew, not shared with the driver, so that an error
// there shows here: RM is IMX6ULLRM, chapter 22.
package enetmodel

import (
	"encoding/binary"
	"fmt"
	"math/rand"

	"gasp/drivers/dma"
)

// Kind is what a model does as one kind of device does.
type Kind struct {
	// QEMU forgets bits of RCR and all of GAUR and GALR, keeps the address over a reset, and
	// has a PHY that negotiates in no time, as QEMU 7.2 has.
	QEMU bool
}

// The kinds that tests use.
var (
	I6UL    = Kind{}
	QEMU6UL = Kind{QEMU: true}
)

// Address is what a QEMU model has in PALR and PAUR.
var Address = [6]byte{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}

// PHYAddress is where the PHY is on the management bus.
const PHYAddress = 2

const registerRoom = 0x4000 // bytes of registers that the model has

// Device is the model. Fields may be changed between calls of the driver.
type Device struct {
	Kind
	Faults
	// Sent are the frames that left on the wire, as they were in memory.
	Sent [][]byte
	// Dropped counts those that left without a link.
	Dropped int
	// Discard forgets frames instead of keeping them in Sent.
	Discard bool
	// Complaints are what the driver did that the manual forbids.
	Complaints []string
	// OnAccess, if set, is called before each access of a register with its
	// number, counted from 1. It may panic, to crash the driver there.
	OnAccess func(n int)
	// Accesses counts accesses of registers, Writes those that write.
	Accesses, Writes int
	// Interrupts counts how often the interrupt line was asserted.
	Interrupts int
	// PHY is the registers of the PHY.
	PHY [32]uint16

	asserted bool
	mem      dma.Memory
	reg      [registerRoom / 4]uint32
	rand     *rand.Rand
	time     int64
	tx       txState
	rxAt     uint32 // address of the receive descriptor to be filled next
	resets   int    // reads for which RESET still shows
	phy      phyState
	posted   []posted // on their way
}

// New makes a model over the memory that the driver will carve its rings from,
// in the state after power-on.
func New(kind Kind, mem dma.Memory) *Device {
	d := &Device{Kind: kind, mem: mem, rand: rand.New(rand.NewSource(1))}
	d.powerOn()
	d.phyReset()
	return d
}

func (d *Device) complain(format string, args ...any) {
	if len(d.Complaints) < 10 {
		d.Complaints = append(d.Complaints, fmt.Sprintf(format, args...))
	}
}

// dma gives n bytes at a bus address, or nil and a complaint.
func (d *Device) dma(addr, n uint32) []byte {
	off := uint64(addr) - d.mem.Phys
	if uint64(addr) < d.mem.Phys || off > uint64(len(d.mem.Bytes)) || uint64(len(d.mem.Bytes))-off < uint64(n) {
		d.complain("DMA of %d bytes at %#x, which is not the driver's", n, addr)
		return nil
	}
	return d.mem.Bytes[off : off+uint64(n)]
}

func word(b []byte, n int) uint32       { return binary.LittleEndian.Uint32(b[4*n:]) }
func setWord(b []byte, n int, v uint32) { binary.LittleEndian.PutUint32(b[4*n:], v) }
