//go:build tamago

package main

import (
	"log/slog"

	"gasp/board/nic"
	"gasp/drivers/e1000"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
)

// Interrupt cause set and interrupt mask set (Intel 317453, 13.4.18 and 13.4.20).
const (
	regICS   = 0xC8
	regIMS   = 0xD0
	anyCause = 1 << 7
)

// storm makes the second e1000 of the machine, which nobody drives, assert its
// interrupt pin without end.
func storm() {
	n, found := 0, nic.Found()
	found.Functions(func(f pci.Function, registers func(int) (reg.Space, error)) bool {
		if _, ok := e1000.Lookup(f.Device); !ok || f.Vendor != e1000.Vendor {
			return true
		}
		if n++; n < 2 {
			return true
		}
		f.Enable()
		f.EnableINTx()
		regs, err := registers(0)
		if err != nil {
			slog.Error(err.Error())
			return false
		}
		slog.Info("another device asserts its interrupt without end")
		regs.Write32(regIMS, anyCause)
		regs.Write32(regICS, anyCause)
		return false
	})
}
