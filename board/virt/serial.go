//go:build tamago && arm64

package virt

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
	"gasp/drivers/reg"
)

// The PL011 (Arm DDI 0183G, 3.2).
const (
	uartDR   = 0x000
	uartFR   = 0x018
	uartIBRD = 0x024
	uartFBRD = 0x028
	uartLCRH = 0x02c
	uartCR   = 0x030
	uartIMSC = 0x038

	frTXFF    = 1 << 5
	lcrh8FIFO = 3<<5 | 1<<4
	crOn      = 1<<0 | 1<<8 | 1<<9 // UARTEN, TXE, RXE

	// 115200 baud from the 24 MHz that QEMU's tree names, for a line that nobody has set up.
	wholeDivisor    = 13
	fractionDivisor = 1

	usualUART = 0x0900_0000 // QEMU hw/arm/virt.c

	// A character takes 87 us.
	maxUARTPolls = 10_000
)

// uart is not a pointer to heap memory: interrupt handlers use it. Its size is 0 if there is none.
var uart = reg.MMIO{Base: usualUART, Size: 0x1000}

// startSerial finds the console that the tree names, or else the first PL011.
func startSerial() {
	n, ok := tree.Console()
	if !ok || !n.Compatible("arm,pl011") {
		n, ok = tree.Find("arm,pl011")
	}
	if ok {
		addr, size, ok := n.Reg(0)
		if w := window(addr, size); ok && w != nil {
			uart.Base, uart.Size = w.Base, w.Size
		}
	} else if treeSize != 0 {
		uart.Size = 0
	}
	if uart.Read32(uartCR)&crOn != crOn {
		uart.Write32(uartIMSC, 0)
		uart.Write32(uartIBRD, wholeDivisor)
		uart.Write32(uartFBRD, fractionDivisor)
		uart.Write32(uartLCRH, lcrh8FIFO)
		uart.Write32(uartCR, crOn)
	}
}

// writeSerial puts text on the serial line.
//
//go:linkname writeSerial gasp/board/machine.writeSerial
func writeSerial(p []byte) {
	for _, c := range p {
		if c == '\n' {
			putSerial('\r')
		}
		putSerial(c)
	}
}

func putSerial(c byte) {
	if uart.Size == 0 {
		return
	}
	for range maxUARTPolls {
		if uart.Read32(uartFR)&frTXFF == 0 {
			break
		}
	}
	uart.Write32(uartDR, uint32(c))
	machine.Touch()
}
