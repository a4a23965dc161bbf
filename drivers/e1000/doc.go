// Package e1000 drives Intel's gigabit Ethernet controllers 8254x and 8257x, those of
// chipsets from I217 on, and, with other descriptors, 82575 to I226, by
// polling, without allocation, locks or a scheduler, so that it works
// from any context, and takes a controller over from whatever state a crash left
// it in.
//
// SDM is Intel 317453, PCI/PCI-X Family of Gigabit Ethernet Controllers Software
// Developer's Manual, revision 4.0; DS is Intel 317694, 82574 GbE Controller
// Family Datasheet; I217DS and I219DS are Intel's datasheets of those, v2.0 and of May 2015. What none says is from
// Linux, drivers/net/ethernet/intel.
//
// Errata have the numbers of Intel's specification updates; docs/hardware-e1000.md has them all, with document, remedy and test.
//
// The parts: ids (which controllers), family and quirks (what each does otherwise), regs
// (their registers), memory, ring (descriptors in it), transmit and receive, reset, flush and
// setup (from any state to work), takeover (when none of these is needed), wait (every bound);
// tune (a chipset's PHY, for the link's speed), and for New alone address, bus, phy, ulp, pll and semaphore.
//
// # Where QEMU differs from the manual
//
//   - CTRL.RST resets nothing (e1000), or the receive address only (e1000e). A
//     value left in TDLEN tells, and with it goes the wait for the EEPROM. What
//     the device holds of a packet survives; one descriptor with EOP into the
//     PHY's loopback ends it.
//   - Each write of RCTL on e1000 blocks receive for 1 s, so on 8254x it is written
//     only when its value is wrong. e1000e has no such delay.
//   - TCTL.PSP does not pad. The driver pads to 60 bytes itself; hardware would pad
//     with what its FIFO held.
//   - A frame is done when the write of TDT returns; frames leave without a link,
//     and DD does not say that one reached the wire.
//   - BMCR.ANRESTART takes the link down for 500 ms, and a reset does not end that:
//     it is written only if the PHY does not negotiate.
//   - A TDT beyond the ring makes e1000 send the ring over; with bus mastering off,
//     TDH moves and no DD is written.
//   - igb, from 8.0 on, has no link after a reset before its PHY is made to negotiate, and
//     does not set EECD.AUTO_RD, which tells. It knows advanced descriptors alone.
//   - e1000e transmits only with bit 10 of TARC0 set, and QEMU itself ends at a
//     reserved RCTL.DTYP: it is never written.
package e1000
