package e1000

import (
	"gasp/drivers/dma"
	"gasp/drivers/inuse"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
	"gasp/drivers/seal"
	"gasp/drivers/wait"
)

// MaxFrame is the largest Ethernet frame in bytes, without FCS (IEEE 802.3).
const MaxFrame = 1514

// minFrame is the smallest frame on the wire, without FCS. Shorter ones are
// padded with zeros here: TCTL.PSP pads with what the FIFO last held (SDM
// 13.4.33), and emulators do not pad.
const minFrame = 60

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
	core
	state      [2]state    // of the ordinary rings and the reserved ones
	active     inuse.Rings // those that are set up, registers and all
	unreported uint32      // frames counted as lost, and told to no caller of TakeOver
	linkedAt   uint32      // bits of STATUS that the gap between frames is for
	deaf       bool        // the MAC may not hear of the link after a reset
	warning    error       // what New did without
	stats      Stats

	sealed seal.Of[core] // last, far from what it seals
}

// core is what does not change after New: where registers and memory are.
type core struct {
	regs     reg.Space
	pci      *pci.Function
	clock    wait.Clock
	id       ID
	family   family // a copy: nothing overwrites it unseen
	mac      [6]byte
	ctrl     uint32 // CTRL in work
	kept     uint32 // bits of it that must stay so
	plain    uint   // where frames begin before which nothing has to be looked at
	ral      uint32 // RAL and RAH for mac
	rah      uint32
	rings    [2]rings
	flushing ring // for flush: descriptors alone
}

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
	d := &Device{core: core{regs: regs, pci: cfg.PCI, clock: wait.Clock{Now: cfg.Now, Registers: regs, Harmless: regSTATUS}, id: id, family: families[id.family], ctrl: ctrlValue}, active: inuse.None}
	if !d.family.ends {
		d.plain = RoomBefore + 1
	}

	// 2. Memory.
	if err := d.rings[inuse.Normal.Index()].carve(mem, txNormal, rxNormal, d.layout()); err != nil {
		return nil, err
	}
	if err := d.rings[inuse.Reserved.Index()].carve(mem, txReserved, rxReserved, d.layout()); err != nil {
		return nil, err
	}
	var err error
	if d.flushing, err = newFlushing(mem, d.rings[inuse.Normal.Index()].tx.bufPhys); err != nil {
		return nil, err
	}

	// 3. The bus. What firmware had the device do ends before it may master the bus: it was told of memory that is something
	// else by now.
	if d.pci != nil {
		d.pci.Decode()
		d.mendBus()
		d.pci.DisableINTx()
	}
	worked := d.halt()
	switch {
	case d.family.express && !d.family.flushes: // which are made to fetch a descriptor yet
		d.regs.Write32(regCTRL, d.ctrl|ctrlGIOMasterDisable)
	case !d.family.express && worked:
		d.regs.Write32(regRCTL, 0)
	}
	if d.pci != nil {
		d.pci.Enable()
		d.pci.Save()
	}

	// 4. Reset, address, set-up.
	wasReset, err := d.resetHalted(worked)
	if err != nil {
		return nil, err
	}
	if d.mendClock() {
		d.mendBus() // of which it may have forgotten what it was told
		d.pci.DisableINTx()
		if wasReset, err = d.reset(); err != nil {
			return nil, err
		}
	}
	if d.mac, err = d.readAddress(); err != nil {
		return nil, err
	}
	d.ral, d.rah = d.address()
	d.ctrl |= d.regs.Read32(regCTRL) & ctrlPins
	d.regs.Write32(regCTRL, d.ctrl)
	d.kept = d.ctrlOurs()
	d.sealed = seal.NewOf(&d.core)
	d.setUp(inuse.Normal, wasReset)
	d.warning = d.startPHY()
	return d, nil
}

// MAC is the station address.
func (d *Device) MAC() [6]byte { return d.mac }

// Name is the controller's name, such as 82574L.
func (d *Device) Name() string { return d.id.Name }

// Warning is what New found amiss and went on without: nil, ErrFirmware or ErrPHY.
func (d *Device) Warning() error { return d.warning }

// Link tells whether the link is up: STATUS.LU, SDM 13.4.2. Once for each speed that a link has, and not after
// TakeOver, a chipset's PHY is tuned for it, which takes 1 ms, and as long as the PHY is waited for if it fails.
func (d *Device) Link() bool {
	s := d.regs.Read32(regSTATUS)
	if s == allOnes {
		return false
	}
	d.gap(s)
	return s&statusLU != 0
}

// allOnes is what a bus reads where nothing answers.
const allOnes = ^uint32(0)
