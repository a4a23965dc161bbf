//go:build tamago && arm

package mx6ul

// The pads of RMII and of the management bus (IMX6ULLRM, chapter 32), each with a register for its use,
// one for how it drives, and for some one that says which pad an input of a module comes from. Which is which
// is from Linux, arch/arm/boot/dts/nxp/imx/imx6ul-pinfunc.h, and how they drive from imx6ul-14x14-evk.dtsi.
const (
	iomuxc = 0x020e0000

	muxENET1, padENET1, inputREFCLK1 = iomuxc + 0x0c4, iomuxc + 0x350, iomuxc + 0x574
	muxENET2, padENET2, inputREFCLK2 = iomuxc + 0x0e4, iomuxc + 0x370, iomuxc + 0x57c

	rmiiPads = 8 // RX_DATA0, RX_DATA1, RX_EN, TX_DATA0, TX_DATA1, TX_EN, TX_CLK, RX_ER
	padTXCLK = 6

	muxMDIO, padMDIO, inputMDIO2 = iomuxc + 0x074, iomuxc + 0x300, iomuxc + 0x580 // GPIO1_IO06
	muxMDC, padMDC               = iomuxc + 0x078, iomuxc + 0x304                 // GPIO1_IO07

	useData     = 0        // ENETn's RMII
	useClock    = 4 | 1<<4 // ENETn_REF_CLKn, which comes back in (SION)
	useENET2    = 1        // ENET2's management bus
	fromTXCLK   = 2        // input of the reference clock
	fromIO06    = 0        // input of MDIO
	drivesData  = 0x0001b0b0
	drivesClock = 0x0001b031
	drivesFree  = 0x000100b0 // drivesData without a pull
)

// straps are RMII's inputs, RX_DATA0, RX_DATA1, RX_EN and RX_ER, whose levels say a PHY's mode and address as its reset ends.
var straps = [...]uintptr{0, 1, 2, 7}

// routeManagement routes the management bus to ENET2.
func routeManagement() {
	store(muxMDIO, useENET2)
	store(padMDIO, drivesData)
	store(inputMDIO2, fromIO06)
	store(muxMDC, useENET2)
	store(padMDC, drivesData)
}

// routePins routes RMII to the MAC.
func (m *mac) routePins() {
	mux, pad, input := m.pads()
	for i := range uintptr(rmiiPads) {
		use, drives := uint32(useData), uint32(drivesData)
		if i == padTXCLK {
			use, drives = useClock, drivesClock
		}
		store(mux+4*i, use)
		store(pad+4*i, drives)
	}
	store(input, fromTXCLK)
}

// freeStraps takes the pads' pull-ups off them, which work against the PHY's own pull-downs (Microchip DS00002202, strap-in options: what
// else pulls there may make it latch another mode). routePins puts them back.
func (m *mac) freeStraps() {
	_, pad, _ := m.pads()
	for _, i := range straps {
		store(pad+4*i, drivesFree)
	}
}

func (m *mac) pads() (mux, pad, input uintptr) {
	if m == &macs[1] {
		return muxENET2, padENET2, inputREFCLK2
	}
	return muxENET1, padENET1, inputREFCLK1
}
