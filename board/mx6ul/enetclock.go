//go:build tamago && arm

package mx6ul

import (
	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/machine"
	"gasp/drivers/reg"
	"gasp/netlog"
)

// The MACs' clocks (IMX6ULLRM, chapter 18): the module's behind a gate, and 50 MHz of PLL6 for
// RMII, which the chip gives the PHYs, too.
const (
	// The gate is another one on the i.MX 6UltraLite, where the first is CAAM's (Linux, drivers/clk/imx/clk-imx6ul.c).
	enetGateULL = imx6ul.CCGRx_CG6 // of CCM_CCGR0
	enetGateUL  = imx6ul.CCGRx_CG2 // of CCM_CCGR3

	pllLockWait = 10_000_000 // ns
	pllLooks    = 1 << 20    // for a clock that stands still

	pll50MHz  = 1 // of the divider fields
	pllFields = 3
)

func startClocks() {
	modify(imx6ul.CCM_CCGR0, 0, 3<<enetGateULL)
	modify(imx6ul.CCM_CCGR3, 0, 3<<enetGateUL)
	modify(imx6ul.IOMUXC_GPR_GPR1,
		1<<imx6ul.ENET1_CLK_SEL|1<<imx6ul.ENET2_CLK_SEL,
		1<<imx6ul.ENET1_TX_CLK_DIR|1<<imx6ul.ENET2_TX_CLK_DIR)

	const pll = imx6ul.CCM_ANALOG_PLL_ENET
	modify(pll, pllFields<<imx6ul.PLL_ENET0_DIV_SELECT|pllFields<<imx6ul.PLL_ENET1_DIV_SELECT|1<<imx6ul.PLL_POWER,
		pll50MHz<<imx6ul.PLL_ENET0_DIV_SELECT|pll50MHz<<imx6ul.PLL_ENET1_DIV_SELECT)
	start := machine.Now()
	for n := 0; load(pll)>>imx6ul.PLL_LOCK == 0; n++ {
		if n == pllLooks || machine.Now()-start > pllLockWait {
			netlog.Default().Log(netlog.Warning, "ENET: its PLL does not lock")
			break
		}
	}
	modify(pll, 1<<imx6ul.PLL_BYPASS, 1<<imx6ul.PLL_ENET1_125M_EN|1<<imx6ul.PLL_ENET2_125M_EN)
}

func load(addr uintptr) uint32 { return (&reg.MMIO{Base: addr, Size: 4}).Read32(0) }

func store(addr uintptr, v uint32) { (&reg.MMIO{Base: addr, Size: 4}).Write32(0, v) }

func modify(addr uintptr, clear, set uint32) { store(addr, load(addr)&^clear|set) }
