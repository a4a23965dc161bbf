// Package enet drives the 10/100-Mbps Ethernet MAC (ENET) of NXP's i.MX6UL and
// i.MX6ULL by polling, without allocation, locks or a scheduler, so that it works
// from any context, and takes a controller over from whatever state a crash left it
// in.
//
// RM is IMX6ULLRM, i.MX 6ULL Applications Processor Reference Manual, revision 1, chapter 22
// (ENET); that of the i.MX6UL has the same chapter. What it does not say is from Linux,
// drivers/net/ethernet/freescale/fec.h and fec_main.c; docs/hardware-enet.md says which is which. The
// transceiver is that of IEEE 802.3, clause 22.
//
// The parts: regs (registers and their values), ring (descriptors in memory), transmit
// and receive, reset and setup (from any state to work), takeover (when neither is
// needed), phy (the transceiver), wait (every bound), address.
//
// # Memory
//
// The ENET does not see the processor's caches. The memory that New gets has
// to be mapped uncached, as normal memory that is not cacheable: the driver neither
// cleans nor invalidates anything. It orders its stores with dma.Publish.
//
// # How a frame is told of
//
// There is no tail register: a descriptor whose R bit is set may be fetched at any
// time. The first frame of a batch is therefore written without R, and with TO1, which is
// the software's (RM 22.6.13), and gets R last, when the batch is told of. At it the
// hardware stops before. Nor is there a head register: where the hardware is, only the
// order tells, and the driver's own indices, which have a copy that TakeOver checks.
//
// # Where QEMU 7.2 differs
//
//   - A frame has left when the write of TDAR returns, link or no link.
//   - RCR keeps neither RMII_MODE nor CRCFWD, GAUR and GALR nothing: what registers
//     read after New is what TakeOver compares with, not what was written.
//   - There are no receive filters: every frame arrives.
//   - RACC, TACC, TFWR and the FIFO's levels do nothing, the MIB counters are 0.
package enet
