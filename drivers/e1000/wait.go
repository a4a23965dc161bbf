package e1000

// Bounds of the waits on hardware, in nanoseconds.
const (
	// frameWait is for one frame to complete: 1.2 ms at 10 Mb/s, and as much again
	// for collisions.
	frameWait = 10e6
	// idleWait is what TakeOver gives frames in flight before it resets: 255 full
	// frames take 31 ms at 100 Mb/s.
	idleWait = 50e6
	// resetDelay is from CTRL.RST to the first access (SDM 13.4.1: 1 us).
	resetDelay = 2e3
	// resetWait is for CTRL.RST to clear.
	resetWait = 20e6
	// masterWait is for the requests on PCI Express to end. Linux gives them 80 ms;
	// a crash has not got that, and the reset follows anyhow. On PCI, where nothing tells,
	// it is waited for whole, as Linux does.
	masterWait = 10e6
	// mdioWait is for the PHY interface: 64 us a transfer (SDM 13.4.7), and
	// ownership of it.
	mdioWait = 10e6
	// semaphoreWait is for the firmware to let go of PHY or NVM.
	semaphoreWait = 10e6
	// silence is how long nothing may be read of a chipset's MAC in reset (Linux,
	// e1000_reset_hw_ich8lan: a read hangs the hardware).
	silence = 20e6
	// queuesSilence is that of 82575 and later (333016, I210 Datasheet 3.7, 4.3.1: 3 ms at least).
	queuesSilence = 3e6
	// queueWait is for a queue to be on.
	queueWait = 1e6
	// flushDelay is what I219 takes to drop descriptors, 250 us in Linux.
	flushDelay = 250e3
	// eepromWait is for a word of the EEPROM, or for EECD.AUTO_RD.
	eepromWait = 20e6
	// reloadDelay is for a device without EECD.AUTO_RD to read its EEPROM, and
	// configDelay for one that configures its PHY from it as well; both as in
	// Linux, e1000_hw.c and e1000e/82571.c.
	reloadDelay = 5e6
	configDelay = 25e6
	// reloadAfter is how soon after a reset a device may be told to read its EEPROM.
	reloadAfter = 10e3
)

// Bounds that only New waits for, of a PHY that does not answer or was put to sleep (Linux,
// e1000e/ich8lan.c and phy.c).
const (
	phyReset      = 10e6
	phyConfigWait = 150e6
	phyPowerOff   = 1e6
	phyPowerOn    = 30e6
	smbusDelay    = 50e6
	mdioWaitPCH   = 100e6
	clockOff      = 1e6  // 332763, erratum 25
	clockPage     = 20e3 // the same
	ulpWait       = 25e8
	// phyTries is how often firmware is asked for the PHY: it may be at work on its own link. That is 0.5 to 1 s.
	phyTries = 50
)

// takeOverMost is the longest that TakeOver waits: for frames in flight, in reset,
// and then either for the EEPROM, if the reset did something, or for the scrub. What chipsets
// and queues wait for, they do not add to that: chipsetMost.
const takeOverMost = idleWait +
	masterWait + semaphoreWait + resetDelay + resetWait +
	max(reloadAfter+eepromWait+configDelay, mdioWait+frameWait+mdioWait)

// chipsetMost is that for a chipset's MAC: its rings are flushed, its semaphore has two waits,
// and there is silence in place of the EEPROM. queuesMost is that for 82575 and later, in QEMU.
const (
	chipsetMost = idleWait + 3*flushDelay +
		masterWait + 2*semaphoreWait + silence + resetWait
	queuesMost = idleWait + masterWait + queuesSilence + resetWait + eepromWait + 2*queueWait + 2*mdioWait

	_ = uint(takeOverMost - max(chipsetMost, queuesMost))
)
