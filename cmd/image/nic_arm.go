//go:build tamago

package main

import "gasp/drivers/reg"

// The two MACs of the i.MX6UL (i.MX 6UltraLite Reference Manual, 2.1 and 22.5), whose clocks the
// board has started.
const (
	enet1    = 0x02188000
	enet2    = 0x020b4000
	enetSize = 0x4000
)

// findENET finds the MAC that is enabled: only the logger's is.
func findENET(n *nic) bool {
	for _, base := range []uintptr{enet1, enet2} {
		if regs := (&reg.MMIO{Base: base, Size: enetSize}); regs.Read32(regECR)&ecrETHEREN != 0 {
			n.driver, n.enet = "gasp/drivers/enet", regs
			return true
		}
	}
	return false
}
