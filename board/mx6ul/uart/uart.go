// Package uart sets up a UART of i.MX6UL and i.MX6ULL as a console, where no loader has: 115200 8N1. Source: i.MX 6ULL
// Applications Processor Reference Manual, Rev. 1 (IMX6ULLRM), 55.13.1 (programming), 55.5 (binary rate multiplier) and
// 55.15 (registers); the values of UCR3 and UCR4 that the chip wants are those of U-Boot's drivers/serial/serial_mxc.c.
package uart

import "gasp/drivers/reg"

// Registers (55.15).
const (
	utxd = 0x40
	ucr1 = 0x80
	ucr2 = 0x84
	ucr3 = 0x88
	ucr4 = 0x8c
	ufcr = 0x90
	ubir = 0xa4
	ubmr = 0xa8
	uts  = 0xb4

	// Size of the window, in bytes.
	Size = 0x4000
)

// Bits.
const (
	ucr1UARTEN = 1 << 0

	ucr2SRST = 1 << 0 // 0 resets; it reads 1 once that is over
	ucr2RXEN = 1 << 1
	ucr2TXEN = 1 << 2
	ucr2WS   = 1 << 5 // 8 bits
	ucr2IRTS = 1 << 14

	ucr3Wants = 0x0784 // RXDMUXSEL, ADNIMP, and DSR, DCD, RI idle
	ucr4Wants = 0x8000 // CTSTL 32

	ufcrRXTL  = 1 << 0
	ufcrUndiv = 5 << 7 // RFDIV: the reference clock, divided by 1
	ufcrTXTL  = 2 << 10

	utsTXFULL = 1 << 4
)

// Clock is the frequency of the module's clock that SetUp takes, in Hz: the crystal's, which runs whoever starts the chip.
const Clock = 24_000_000

// Baud is the speed of the line. The rate multiplier makes it of Clock exactly: 24 MHz / 16 * 48 / 625 = 115,200 Hz.
const (
	Baud       = 115_200
	multiplier = 48
	divider    = 625
)

const (
	maxResetPolls = 10_000 // the manual's reset takes four cycles of the module's clock
	// A character takes 87 us; an access about 0.1 us.
	maxFullPolls = 10_000
)

// Running tells whether a loader has set the UART up: it transmits, at some speed. A UART that is merely enabled, as the boot ROM
// and QEMU leave it, has no speed.
func Running(r reg.Space) bool {
	return r.Read32(ucr1)&ucr1UARTEN != 0 && r.Read32(ucr2)&ucr2TXEN != 0 && r.Read32(ubmr) != 0
}

// SetUp sets the UART up, whose module clock must be Clock and run. What it was sending is lost.
func SetUp(r reg.Space) {
	r.Write32(ucr1, 0)
	r.Write32(ucr2, 0)
	for range maxResetPolls {
		if r.Read32(ucr2)&ucr2SRST != 0 {
			break
		}
	}
	r.Write32(ucr3, ucr3Wants)
	r.Write32(ucr4, ucr4Wants)
	r.Write32(uts, 0) // no loopback
	r.Write32(ufcr, ufcrTXTL|ufcrUndiv|ufcrRXTL)
	r.Write32(ubir, multiplier-1) // before UBMR, with which both are taken over
	r.Write32(ubmr, divider-1)
	r.Write32(ucr2, ucr2IRTS|ucr2WS|ucr2TXEN|ucr2RXEN|ucr2SRST)
	r.Write32(ucr1, ucr1UARTEN)
}

// Put sends a character. A line that does not take it costs a bounded time.
func Put(r reg.Space, c byte) {
	for range maxFullPolls {
		if r.Read32(uts)&utsTXFULL == 0 {
			break
		}
	}
	r.Write32(utxd, uint32(c))
}
