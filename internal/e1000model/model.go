// Package e1000model plays an Intel 8254x or 8257x controller for tests of the
// driver: registers, DMA on real ring memory, time, and faults. What it takes
// from the manuals is written anew, not shared with the driver, so that an error
// there shows here: SDM is Intel 317453 (8254x), DS Intel 317694 (82574).
package e1000model

import (
	"encoding/binary"
	"fmt"
	"math/rand"

	"gasp/drivers/dma"
)

// Kind is what a model does as one family of devices does.
type Kind struct {
	// ID is the PCI device id.
	ID uint16
	// Express is a device of the 8257x and later, with GIO master disable, and, unless it
	// has Queues, TARC.
	Express bool
	// AutoRead is EECD.AUTO_RD, and EERD with the address from bit 2 and DONE in
	// bit 1; else the address is from bit 8 and DONE bit 4.
	AutoRead bool
	// Chipset is a MAC in a chipset: no EERD, no register is read for 20 ms after a reset,
	// and the PHY's first page is at address 2, the others are at 1.
	Chipset bool
	// Reserves is one where the bits of CTRL read as 0 that Intel's I217 Datasheet 2.0, 11.1.2.2.1, reserves, SLU among
	// them.
	Reserves bool
	// Hangs is one that stops for good if a reset finds descriptors in its rings.
	Hangs bool
	// Queues is a device of the 82575 and later: advanced descriptors, in queues that are
	// switched on. What it writes back to a transmit descriptor is zero but for DD, unless
	// KeepsDescriptors is set, as in QEMU.
	Queues, KeepsDescriptors bool
	// Deaf does not set EECD.AUTO_RD, and its MAC hears of no link after a reset before
	// that is negotiated anew, as QEMU's igb.
	Deaf bool
	// Semaphore guards the PHY and the NVM.
	Semaphore Semaphore
	// Shadow is reset by CTRL.RST at 4, not at 0, and behind a bridge that makes writes of registers side by side one, which
	// it does not take whole.
	Shadow bool
	// Ends is one that stops where a frame ends in the lower half of 8 bytes.
	Ends bool
	// Reloads is one that reads its EEPROM after a reset only when CTRL_EXT.EE_RST says so: 82544, and 82573 with flash.
	Reloads bool
	// Flashless has its configuration in one-time memory, without firmware.
	Flashless bool
	// IgnoresReset leaves everything as it is on CTRL.RST, as QEMU 7.2 does. With
	// it, what is not Express receives nothing for 1 s after a write of RCTL.
	IgnoresReset bool
}

// Semaphore is how firmware and driver share the PHY and the NVM.
type Semaphore uint8

// The semaphores.
const (
	Unshared Semaphore = iota
	SWSM               // SMBI and SWESMBI
	Sync               // SW_FW_SYNC, guarded by those
	MDIO               // EXTCNF_CTRL, bit 5
)

// The kinds that tests use.
var (
	I82540    = Kind{ID: 0x100E}
	I82544    = Kind{ID: 0x100C, Ends: true, Reloads: true}
	I82545GM  = Kind{ID: 0x1026, Shadow: true}
	I82571    = Kind{ID: 0x105E, Express: true, AutoRead: true, Semaphore: SWSM}
	I82573    = Kind{ID: 0x108B, Express: true, AutoRead: true, Semaphore: SWSM}
	I82574    = Kind{ID: 0x10D3, Express: true, AutoRead: true, Semaphore: MDIO}
	I217      = Kind{ID: 0x153A, Express: true, Chipset: true, Semaphore: MDIO}
	I219      = Kind{ID: 0x156F, Express: true, Chipset: true, Hangs: true, Semaphore: MDIO}
	I82576    = Kind{ID: 0x10C9, Express: true, AutoRead: true, Queues: true, Semaphore: Sync}
	I210      = Kind{ID: 0x1533, Express: true, AutoRead: true, Queues: true, Semaphore: Sync}
	I211      = Kind{ID: 0x1539, Express: true, AutoRead: true, Queues: true, Flashless: true, Semaphore: Sync}
	I225      = Kind{ID: 0x15F2, Express: true, AutoRead: true, Queues: true, KeepsDescriptors: true, Semaphore: Sync}
	QEMU82576 = Kind{ID: 0x10C9, Express: true, AutoRead: true, Queues: true, KeepsDescriptors: true, Deaf: true}
	QEMU82540 = Kind{ID: 0x100E, IgnoresReset: true}
	QEMU82574 = Kind{ID: 0x10D3, Express: true, AutoRead: true, IgnoresReset: true, Semaphore: MDIO}
)

// EEPROM is words 0 to 2 of it, the address 52:54:00:12:34:56.
var EEPROM = [3]uint16{0x5452, 0x1200, 0x5634}

const (
	registerRoom = 0x8000 // bytes of registers that the model has
	base         = 0xFEB00000
)

// Device is the model. Fields may be changed between calls of the driver.
type Device struct {
	Kind
	Faults
	// Sent are the frames that left on the wire, as they were in memory.
	Sent [][]byte
	// Discard forgets frames instead of keeping them in Sent.
	Discard bool
	// Complaints are what the driver did that the manual forbids.
	Complaints []string
	// OnAccess, if set, is called before each access of a register with its
	// number, counted from 1. It may panic, to crash the driver there.
	OnAccess func(n int)
	// Accesses counts accesses of registers, Writes those that write.
	Accesses, Writes int

	// AfterReset is what registers are then, by their offsets, if not 0.
	AfterReset map[uint32]uint32

	// Interrupts counts how often the interrupt pin was asserted.
	Interrupts int

	// Sleeps counts how often the device was switched off.
	Sleeps int

	// Negotiations counts how often the PHY began to negotiate its link anew.
	Negotiations int

	asserted bool
	posted   []posted // on their way
	phy      phy
	asked    bool  // the firmware, to wake the PHY
	silent   int64 // until when no register may be read
	holding  bool  // descriptors that a reset must not find
	hung     bool
	config   [16]uint32 // the capability at 0x40
	power    uint32     // power management control
	eearbc   uint32     // what was written there last
	burst    uint32     // the register that a bridge adds to the last write
	stopped  int64      // when the transmitter was switched off, 0: it was never on
	l1pm     uint32
	mem      dma.Memory
	reg      [registerRoom / 4]uint32
	command  uint16 // PCI
	bars     [6]uint32
	rand     *rand.Rand
	tx       txState
	time     int64
	resets   int   // reads for which RST still shows
	reload   int64 // when the EEPROM is read, 0 if it is
	blocked  int64 // until when nothing is received
}

// New makes a model over the memory that the driver will carve its rings from,
// in the state after power-on with the bus enabled by firmware.
func New(kind Kind, mem dma.Memory) *Device {
	d := &Device{Kind: kind, mem: mem, command: 3, rand: rand.New(rand.NewSource(1))}
	d.bars[0] = base
	d.phy.bmcr = bmcrReset
	d.phy.resolve()
	d.capability()
	d.powerOn()
	return d
}

func (d *Device) complain(format string, args ...any) {
	if len(d.Complaints) < 10 {
		d.Complaints = append(d.Complaints, fmt.Sprintf(format, args...))
	}
}

// dma gives n bytes at a bus address, or nil and a complaint.
func (d *Device) dma(addr uint64, n uint32) []byte {
	if !d.reaches(addr, n) {
		d.complain("DMA of %d bytes at %#x, which is not the driver's", n, addr)
		return nil
	}
	off := addr - d.mem.Phys
	return d.mem.Bytes[off : off+uint64(n)]
}

// reaches tells whether n bytes at a bus address are the driver's memory.
func (d *Device) reaches(addr uint64, n uint32) bool {
	off := addr - d.mem.Phys
	return addr >= d.mem.Phys && off <= uint64(len(d.mem.Bytes)) && uint64(len(d.mem.Bytes))-off >= uint64(n)
}

// within64K holds the driver to erratum 23 of 82545EM and 82546EB (Linux, e1000_check_64k_bound).
func (d *Device) within64K(what string, addr uint64, n uint32) {
	if addr>>16 != (addr+uint64(n)-1)>>16 {
		d.complain("%s of %d bytes at %#x, across 64 KiB", what, n, addr)
	}
}

func word(b []byte, n int) uint32       { return binary.LittleEndian.Uint32(b[4*n:]) }
func setWord(b []byte, n int, v uint32) { binary.LittleEndian.PutUint32(b[4*n:], v) }
