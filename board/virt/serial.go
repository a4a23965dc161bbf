//go:build tamago && arm64

package virt

import (
	_ "unsafe" // go:linkname

	"gasp/board/acpi"
	"gasp/board/inventory"
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
var (
	uart     = reg.MMIO{Base: usualUART, Size: 0x1000}
	uartKind = acpi.PL011

	bits16550   uint8  // width of an access
	stride16550 uint32 // bytes from one register to the next
)

// Registers of a 16550 (TL16C550D data sheet, 8), which firmware has set up.
const (
	transmit16550 = 0
	status16550   = 5
	empty16550    = 1 << 5 // THRE
)

// startSerial opens the console.
func startSerial() {
	c := &has.Console
	if w := registers(c.Range); w != nil {
		uart.Base, uart.Size = w.Base, w.Size
		uartKind, bits16550, stride16550 = c.Kind, c.Bits, c.Stride
	} else if has.Source != inventory.Nobody {
		uart.Size = 0
	}
	if uartKind == acpi.PL011 && uart.Read32(uartCR)&crOn != crOn {
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
func writeSerial(p []byte) { machine.SerialLines(p, putSerial) }

func putSerial(c byte) {
	if uart.Size == 0 {
		return
	}
	for range maxUARTPolls {
		if hasRoom() {
			break
		}
	}
	switch {
	case uartKind != acpi.UART16550:
		uart.Write32(uartDR, uint32(c))
	case bits16550 == 32:
		uart.Write32(transmit16550, uint32(c))
	default:
		uart.Write8(transmit16550, c)
	}
	machine.Touch()
}

// hasRoom tells whether a character can be written.
func hasRoom() bool {
	switch {
	case uartKind != acpi.UART16550:
		return uart.Read32(uartFR)&frTXFF == 0
	case bits16550 == 32:
		return uart.Read32(status16550*stride16550)&empty16550 != 0
	}
	return uart.Read8(status16550*stride16550)&empty16550 != 0
}
