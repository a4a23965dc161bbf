package e1000

// semaphore is how a driver and the firmware that manages the machine through the same
// controller keep off each other's PHY and NVM. A crash may have left any of them taken by the
// driver itself, and firmware may never let go: every wait is bounded, and the driver goes
// on without, since what it needs at a crash, the rings, it does not share.
type semaphore uint8

// Linux, e1000e/82571.c, e1000e/ich8lan.c and igb/e1000_i210.c: e1000_get_hw_semaphore_82571,
// e1000_get_hw_semaphore_82573, e1000_acquire_swflag_ich8lan, igb_acquire_swfw_sync_i210.
const (
	bySWSM   semaphore = 1 << iota // SWSM.SMBI among drivers, SWSM.SWESMBI against the firmware
	bySync                         // SW_FW_SYNC, guarded by those
	byMDIO                         // EXTCNF_CTRL.MDIO_SW_OWNERSHIP
	bySWFlag                       // the same bit of chipsets, there for whoever finds it clear
)

const (
	regSWSM      = 0x5B50
	regSWFWSYNC  = 0x5B5C
	swsmSMBI     = 1 << 0 // reading it sets it
	swsmSWESMBI  = 1 << 1
	swsmDrvLoad  = 1 << 3
	syncFirmware = 16 // how far the firmware's half is from the driver's
	syncNVM      = 1 << 0
)

// syncPHY is the PHY's bit in SW_FW_SYNC, for each port of a controller.
var syncPHY = [4]uint32{1 << 1, 1 << 2, 1 << 5, 1 << 6}

// phyResource is the bit of this port.
func (d *Device) phyResource() uint32 {
	return syncPHY[d.regs.Read32(regSTATUS)>>statusPortShift&3]
}

// acquire asks for the NVM or the PHY, and tells whether they were given. Where one semaphore
// guards both, resource does not matter.
func (d *Device) acquire(resource uint32) bool {
	switch s := d.family.semaphore; {
	case s&bySync != 0:
		return d.acquireSync(resource)
	case s&bySWSM != 0:
		return d.acquireSWSM()
	}
	return d.ownMDIO()
}

// release gives back what acquire gave.
func (d *Device) release(resource uint32) {
	switch s := d.family.semaphore; {
	case s&bySync != 0:
		d.acquireSWSM()
		d.modify(regSWFWSYNC, resource, 0)
		d.releaseSWSM()
	case s&bySWSM != 0:
		d.releaseSWSM()
	default:
		d.disownMDIO()
	}
}

func (d *Device) acquireSWSM() bool {
	// There is no other driver: if it does not come, a boot ROM that did not clear up has left it, or a crash.
	d.clock.Until(regSWSM, swsmSMBI, 0, semaphoreWait)
	for t := d.clock.Timer(semaphoreWait); !d.clock.Expired(&t); {
		d.modify(regSWSM, 0, swsmSWESMBI)
		if d.regs.Read32(regSWSM)&swsmSWESMBI != 0 {
			return true
		}
	}
	d.releaseSWSM()
	return false
}

func (d *Device) releaseSWSM() { d.modify(regSWSM, swsmSMBI|swsmSWESMBI, 0) }

func (d *Device) acquireSync(resource uint32) bool {
	for t := d.clock.Timer(semaphoreWait); ; {
		if !d.acquireSWSM() {
			return false
		}
		v := d.regs.Read32(regSWFWSYNC)
		late := d.clock.Expired(&t)
		free := v&(resource|resource<<syncFirmware) == 0 || late && v&(resource<<syncFirmware) == 0
		if free {
			d.regs.Write32(regSWFWSYNC, v|resource)
		}
		d.releaseSWSM()
		if free || late {
			return free
		}
	}
}

// ownMDIO asks for the bit in EXTCNF_CTRL. Without one there is nothing to ask for.
func (d *Device) ownMDIO() bool {
	s := d.family.semaphore
	if s&(byMDIO|bySWFlag) == 0 {
		return true
	}
	if s&bySWFlag != 0 {
		d.clock.Until(regEXTCNFCTRL, extcnfMDIOSoftware, 0, semaphoreWait)
	}
	for t := d.clock.Timer(semaphoreWait); !d.clock.Expired(&t); {
		d.modify(regEXTCNFCTRL, 0, extcnfMDIOSoftware)
		if d.regs.Read32(regEXTCNFCTRL)&extcnfMDIOSoftware != 0 {
			return true
		}
	}
	return false
}

func (d *Device) disownMDIO() {
	if d.family.semaphore&(byMDIO|bySWFlag) != 0 {
		d.modify(regEXTCNFCTRL, extcnfMDIOSoftware, 0)
	}
}
