// Package fuses reads the station addresses in the fuses of i.MX6UL and i.MX6ULL: i.MX 6ULL Applications Processor Reference Manual, Rev. 1,
// chapter 37, bank 4: OCOTP_MAC0 to OCOTP_MAC2. How they lie there is from U-Boot, arch/arm/mach-imx/mac.c: MAC1 holds the first two
// bytes of ENET1's and the last two of ENET2's.
package fuses

import "gasp/drivers/reg"

// Base is where the shadow registers of all fuses begin, Size their size in bytes.
const (
	Base = 0x021bc400
	Size = 0xc00
)

const (
	mac0 = 0x220
	mac1 = 0x230
	mac2 = 0x240
)

// Address is the station address of ENET1 (mac 0) or ENET2 (mac 1). ok is false if nobody has burnt one. The module's clock must run.
func Address(r reg.Space, mac int) (a [6]byte, ok bool) {
	low, mid, high := r.Read32(mac0), r.Read32(mac1), r.Read32(mac2)
	a = [6]byte{byte(mid >> 8), byte(mid), byte(low >> 24), byte(low >> 16), byte(low >> 8), byte(low)}
	if mac == 1 {
		a = [6]byte{byte(high >> 24), byte(high >> 16), byte(high >> 8), byte(high), byte(mid >> 24), byte(mid >> 16)}
	}
	// The USB armory has its model in a byte of them, and a group address is none of a station.
	return a, a[0]|a[1] != 0 && a[0]&1 == 0
}
