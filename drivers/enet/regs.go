package enet

// Registers, RM 22.5.
const (
	regEIR  = 0x0004 // events; ones written clear
	regEIMR = 0x0008 // events that interrupt
	regRDAR = 0x0010 // receive descriptors were given
	regTDAR = 0x0014 // transmit descriptors were given
	regECR  = 0x0024
	regMMFR = 0x0040 // a frame on the management bus
	regMSCR = 0x0044 // its clock
	regMIBC = 0x0064
	regRCR  = 0x0084
	regTCR  = 0x00C4
	regPALR = 0x00E4 // station address, first byte highest
	regPAUR = 0x00E8
	regOPD  = 0x00EC
	regIAUR = 0x0118 // hash of station addresses
	regIALR = 0x011C
	regGAUR = 0x0120 // hash of group addresses
	regGALR = 0x0124
	regTFWR = 0x0144
	regRDSR = 0x0180 // start of the receive ring
	regTDSR = 0x0184 // start of the transmit ring
	regMRBR = 0x0188 // size of a receive buffer
	regRSFL = 0x0190
	regRSEM = 0x0194
	regFTRL = 0x01B0
	regTACC = 0x01C0
	regRACC = 0x01C4
)

// Size is how many bytes of registers there are.
const Size = 0x4000

// EIR and EIMR, RM 22.5.1, 22.5.2.
const (
	eirRXF   = 1 << 25 // a frame was received
	eirRXB   = 1 << 24 // a part of one
	eirMII   = 1 << 23 // the management frame is done
	eirEBERR = 1 << 22 // bus error; it clears ECR.ETHEREN
	eirLC    = 1 << 21 // late collision
	eirRL    = 1 << 20 // collision retry limit
	eirUN    = 1 << 19 // transmit FIFO underrun

	eirTransmitErrors = eirEBERR | eirLC | eirRL | eirUN
)

// RDAR and TDAR, RM 22.5.
const active = 1 << 24

// ECR, RM 22.5.
const (
	ecrRESET   = 1 << 0
	ecrETHEREN = 1 << 1
	ecrDBSWP   = 1 << 8 // descriptors are little-endian

	ecrValue = ecrETHEREN | ecrDBSWP
	// ecrOurs are the bits that must stay as they were written: reset, enable, magic
	// packets, sleep, descriptors (EN1588), debug, stop, byte order.
	ecrOurs = 0x1FF
)

// MMFR and MSCR, RM 22.5; IEEE 802.3 22.2.4.5.
const (
	mmfrStart      = 1 << 30
	mmfrWrite      = 1 << 28
	mmfrRead       = 2 << 28
	mmfrTurnaround = 2 << 16
	mmfrAddress    = 23 // shifts
	mmfrRegister   = 18

	mscrSpeedMost = 0x3F
	mscrSpeed     = 1      // shift
	mscrHold      = 1 << 8 // two cycles of the module clock: 30 ns at 66 MHz, 10 at least
	mscrOurs      = 0x77E

	// mdcMost is the fastest bus clock in Hz (IEEE 802.3 22.2.2.13).
	mdcMost = 2_500_000
)

// MIBC, RM 22.5: the counters, which nobody reads, are off.
const mibcDIS = 1 << 31

// RCR, RM 22.5. PADEN stays 0: with it the receiver of some of these MACs stops at
// short frames.
const (
	rcrMII   = 1 << 2 // always 1
	rcrRMII  = 1 << 8
	rcrMaxFL = maxReceived << 16
	rcrGRS   = 1 << 31 // read only

	// rcrValue has no flow control, so that a partner's PAUSE frames cannot hold back a
	// crash report, and leaves the FCS on received frames (CRCFWD 0).
	rcrValue = rcrMII | rcrRMII | rcrMaxFL
)

// TCR, RM 22.5: full duplex. Bits 3 and 4 tell of PAUSE.
const (
	tcrFDEN  = 1 << 2
	tcrOurs  = 0x3E7
	tcrValue = tcrFDEN
)

// OPD, RM 22.5: opcode of PAUSE frames, which are never sent.
const opdValue = 0x00010000

// TFWR, RM 22.5: a frame is sent when the FIFO has all of it, so that none
// underruns.
const tfwrSTRFWD = 1 << 8

// ftrlValue is where received frames are cut off, RM 22.5: they fit their buffer.
const ftrlValue = bufferSize - 1

// A setting is what a register is written with, and which bits of what it then reads
// tell that nobody wrote something else.
type setting struct {
	register, value, ours uint32
}

const allBits = ^uint32(0)

// settings are those that are the same for both rings, but for the station address. Those of
// the hash tables accept all group addresses: neighbour discovery needs them, and a
// filter would be one more thing that the crash path has to keep.
var settings = [...]setting{
	{regMIBC, mibcDIS, 0},
	{regRCR, rcrValue, allBits &^ rcrGRS},
	{regTCR, tcrValue, tcrOurs},
	{regOPD, opdValue, 0},
	{regIAUR, 0, allBits},
	{regIALR, 0, allBits},
	{regGAUR, allBits, allBits},
	{regGALR, allBits, allBits},
	{regTFWR, tfwrSTRFWD, allBits},
	{regMRBR, bufferSize, allBits},
	{regRSFL, 0, allBits},
	{regRSEM, 0, allBits},
	{regFTRL, ftrlValue, allBits},
	{regTACC, 0, allBits},
	{regRACC, 0, allBits},
}
