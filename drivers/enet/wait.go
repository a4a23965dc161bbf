package enet

// Bounds of the waits on hardware, in nanoseconds.
const (
	// frameWait is for one frame to be read: 0.12 ms at 100 Mb/s, each, of those that the
	// FIFO holds before it.
	frameWait = 10e6
	// idleWait is what TakeOver gives frames in flight before it resets: 127 full
	// frames take 16 ms at 100 Mb/s.
	idleWait = 50e6
	// fifoDelay is for what was read to leave: 8 KiB, more than the FIFO has, take 0.7 ms.
	fifoDelay = 1e6
	// stopDelay is from ETHEREN 0 to a bus at rest: a burst.
	stopDelay = 10e3
	// resetWait is for ECR.RESET to clear (RM 22.5: 8 cycles).
	resetWait = 1e6
	// mdioTime is a frame on the management bus, 64 bits at 2.5 MHz or a little less, mdioWait
	// the bound of a wait for one.
	mdioTime = 100e3
	mdioWait = 1e6
	// phyResetWait is for the reset of a PHY (IEEE 802.3 22.2.4.1.1: 0.5 s).
	phyResetWait = 500e6
)

// takeOverMost is the longest that TakeOver waits: for frames in flight, and in reset.
const takeOverMost = idleWait + fifoDelay + stopDelay + resetWait
