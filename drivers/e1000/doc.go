// Package e1000 drives Intel's 8254x and 8257x gigabit Ethernet controllers by
// polling, without allocation, locks or a scheduler, so that it works
// from any context, and takes a controller over from whatever state a crash left
// it in.
//
// SDM is Intel 317453, PCI/PCI-X Family of Gigabit Ethernet Controllers Software
// Developer's Manual, revision 4.0; DS is Intel 317694, 82574 GbE Controller
// Family Datasheet. What neither says is from Linux, drivers/net/ethernet/intel.
//
// The parts: ids (which controllers), regs (their registers), ring (descriptors
// in memory), transmit and receive, reset and setup (from any state to work),
// takeover (when neither is needed), workarounds, wait (every bound), address.
//
// # Where QEMU 7.2 differs from the manual
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
//     it is never written.
//   - A TDT beyond the ring makes e1000 send the ring over; with bus mastering off,
//     TDH moves and no DD is written.
//   - e1000e transmits only with bit 10 of TARC0 set, and QEMU itself ends at a
//     reserved RCTL.DTYP: it is never written.
package e1000
