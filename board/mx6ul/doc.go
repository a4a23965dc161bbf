// Package mx6ul is the boards with NXP's i.MX 6UltraLite and 6ULL: QEMU's mcimx6ul-evk, NXP's
// MCIMX6ULL-EVK, the USB armory Mk II. It is empty for other architectures.
//
// Sections and pages are those of the i.MX 6ULL Applications Processor Reference Manual, Rev. 1,
// 11/2017 (IMX6ULLRM). The clocks, and random numbers, are TamaGo's (soc/nxp/imx6ul).
package mx6ul
