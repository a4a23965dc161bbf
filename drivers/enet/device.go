package enet

import (
	"unsafe"

	"gasp/drivers/dma"
	"gasp/drivers/inuse"
	"gasp/drivers/reg"
	"gasp/drivers/seal"
	"gasp/drivers/wait"
)

// MaxFrame is the largest Ethernet frame in bytes, without FCS (IEEE 802.3).
const MaxFrame = 1514

// minFrame is the smallest frame on the wire, without FCS. Shorter ones are
// padded with zeros here, because emulators do not pad.
const minFrame = 60

// fcsSize is what received frames have at their end.
const fcsSize = 4

// maxReceived is RCR.MAX_FL: with FCS and a VLAN tag.
const maxReceived = MaxFrame + 4 + fcsSize

// Descriptors of the ordinary rings and of those that TakeOver uses, powers of two.
const (
	txNormal, rxNormal     = 128, 64
	txReserved, rxReserved = 32, 16

	// ringAlign is the strictest rule for rings and receive buffers in any of these MACs
	// (Linux, fec_main.c: rx_align); that for transmit buffers is frameAlign.
	ringAlign = 64
)

// MemorySize is how many bytes of DMA memory New takes, alignment included.
const MemorySize = ringAlign +
	(txNormal+rxNormal+txReserved+rxReserved)*(descriptorSize+bufferSize)

// Config is what a driver cannot find out from the registers.
type Config struct {
	// Clock is the frequency of the module clock (ipg) in Hz, 66 MHz on an i.MX6UL. The
	// board has enabled it, and the reference clock of RMII.
	Clock uint32
	// MAC is the station address. With zeros it is what Address says.
	MAC [6]byte
	// PHY is the transceiver behind RMII.
	PHY PHY
	// MDIO is the registers of the MAC whose management bus leads to the PHY. With nil
	// they are the device's own. The other MAC's clock is on, and nobody else uses that bus.
	MDIO reg.Space
	// Now is a monotonic clock in nanoseconds. Every wait is bounded by it and by
	// a number of iterations; with nil by that alone.
	Now func() int64
}

// Device is one controller. Its methods may be called from any context, one at a
// time; TakeOver may interrupt any of them, which then must not go on.
type Device struct {
	core
	state      [2]state    // of the ordinary rings and the reserved ones
	active     inuse.Rings // those that are set up, registers and all
	unreported uint32      // frames counted as lost, and told to no caller of TakeOver
	managing   bool        // a management frame is under way
	stats      Stats

	sealed seal.Of[core] // last, far from what it seals
}

// core is what does not change after New: where registers and memory are, and what the
// registers read.
type core struct {
	regs  reg.Space
	mdio  reg.Space
	clock wait.Clock
	rings [2]rings
	want  [len(settings)]uint32 // what the registers of settings read, where they are ours
	palr  uint32
	paur  uint32
	mscr  uint32
	phy   uint32 // the PHY's address
	mac   [6]byte
	_     [6]byte
}

// A core is sealed by words of 8 bytes.
var _ = [1]struct{}{}[unsafe.Sizeof(core{})%8]

// rings are a transmit and a receive ring.
type rings struct {
	tx, rx ring
}

// state is how far both rings are.
type state struct {
	tx txState
	rx rxState
}

// tx is the transmit ring of s, or what stands for it if that is none.
func (d *Device) tx(s inuse.Rings) transmitter {
	i := s.Index()
	return transmitter{&d.rings[i].tx, &d.state[i].tx}
}

// rx is the receive ring likewise.
func (d *Device) rx(s inuse.Rings) receiver {
	i := s.Index()
	return receiver{&d.rings[i].rx, &d.state[i].rx}
}

// New resets the device, sets up the rings in memory that it carves from mem, enables it,
// and has the PHY negotiate a link, unless it has one of the right kind. It does not wait
// for the link; for the PHY's reset it may wait half a second. Errors: ErrClock,
// ErrMemory, ErrAbsent, ErrReset, ErrAddress. A PHY that does not answer is no error:
// PHYID tells.
func New(regs reg.Space, mem *dma.Memory, cfg Config) (*Device, error) {
	d := &Device{core: core{regs: regs, mdio: cfg.MDIO, clock: wait.Clock{Now: cfg.Now, Registers: regs, Harmless: regECR}, phy: uint32(cfg.PHY.Address)}, active: inuse.None}
	if d.mdio == nil {
		d.mdio = regs
	}
	var err error
	if d.mscr, err = mscr(cfg.Clock); err != nil {
		return nil, err
	}

	// 1. Memory.
	if err := d.rings[inuse.Normal.Index()].carve(mem, txNormal, rxNormal); err != nil {
		return nil, err
	}
	if err := d.rings[inuse.Reserved.Index()].carve(mem, txReserved, rxReserved); err != nil {
		return nil, err
	}

	// 2. The address, which a reset clears.
	if d.regs.Read32(regECR) == allBits {
		return nil, ErrAbsent
	}
	d.mac = cfg.MAC
	if !usable(d.mac) {
		if d.mac, err = Address(regs); err != nil {
			return nil, err
		}
	}
	d.palr, d.paur = address(d.mac)

	// 3. Reset, set-up, link.
	if err := d.reset(); err != nil {
		return nil, err
	}
	d.setUp(inuse.Normal)
	for i := range settings {
		d.want[i] = d.regs.Read32(settings[i].register) & settings[i].ours
	}
	d.sealed = seal.NewOf(&d.core)
	d.negotiate(cfg.PHY.Writes)
	return d, nil
}

func (r *rings) carve(mem *dma.Memory, tx, rx uint32) (err error) {
	if r.tx, err = newRing(mem, tx); err == nil {
		r.rx, err = newRing(mem, rx)
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
	if err != nil || buffers.Phys+uint64(len(buffers.Bytes)) > 1<<32 {
		return ring{}, ErrMemory
	}
	return ring{
		desc: desc.Bytes, descPhys: uint32(desc.Phys),
		buffers: buffers.Bytes, bufPhys: uint32(buffers.Phys),
		mask: n - 1,
	}, nil
}

// MAC is the station address.
func (d *Device) MAC() [6]byte { return d.mac }

// Stop resets a device that nobody uses any more: it neither sends nor receives, and no method
// but TakeOver makes it work again. Errors: ErrAbsent, ErrReset.
func (d *Device) Stop() error {
	d.active = inuse.None
	return d.reset()
}
