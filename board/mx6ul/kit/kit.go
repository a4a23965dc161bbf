// Package kit gives the Ethernet PHYs of NXP's evaluation kits, MCIMX6UL-EVK and MCIMX6ULL-EVK, power and takes them out of reset, which
// U-Boot does and the boot ROM does not. GPIO5 leads to a switch for the peripherals' 3.3 V and to a shift register, a 74HC595, two of
// whose outputs are the PHYs' resets. Which lead where is from Linux, arch/arm/boot/dts/nxp/imx/imx6ul-14x14-evk.dtsi (reg_peri_3v3,
// spi-4, gpio_spi); the registers of GPIO are IMX6ULLRM, 28.5; when the PHY, a KSZ8081RNB, is ready is its data sheet, Microchip
// DS00002202, 7.2.
package kit

import "gasp/drivers/reg"

// Registers of GPIO.
const (
	dr   = 0x0
	gdir = 0x4

	// Size of the window, in bytes.
	Size = 0x4000
)

// Lines of GPIO5.
const (
	power  = 1 << 2 // 0 is on
	latch  = 1 << 7
	enable = 1 << 8 // 0: the shift register drives its outputs
	data   = 1 << 10
	clock  = 1 << 11

	lines = power | latch | enable | data | clock
)

// Outputs of the shift register: PHYs, and what nobody here uses and stays in reset, asleep or off.
const (
	phys     = 1<<1 | 1<<2 // 0 resets
	canSleep = 1 << 3
	cameraUp = 1 << 6 // 0 is on
	panelOff = 1 << 7

	unused = canSleep | cameraUp | panelOff
)

// Waits, in ns.
const (
	step        = 1_000      // between two edges of a line
	powerSettle = 20_000_000 // until the reset may end: 10 ms behind stable power
	phySettle   = 1_000_000  // until a PHY answers on the management bus: 100 us
)

// WakePHYs gives the PHYs power, resets them and waits until they answer. The registers are those of GPIO5, whose clock runs and
// whose pads Pads routes. Their reference clock must run. It takes 22 ms.
func WakePHYs(gpio reg.Space, pause func(ns int64)) {
	g := bus{gpio, pause}
	g.set(enable, latch|clock|data|power)
	gpio.Write32(gdir, gpio.Read32(gdir)|lines)
	g.shift(unused)
	g.set(0, enable)
	pause(powerSettle)
	g.shift(unused | phys)
	pause(phySettle)
}

type bus struct {
	reg.Space
	pause func(ns int64)
}

func (b *bus) set(high, low uint32) {
	b.Write32(dr, b.Read32(dr)&^low|high)
	b.pause(step)
}

// shift sets the outputs: the last one's bit goes first.
func (b *bus) shift(outputs uint32) {
	for i := 7; i >= 0; i-- {
		if outputs>>i&1 != 0 {
			b.set(data, clock)
		} else {
			b.set(0, data|clock)
		}
		b.set(clock, 0)
	}
	b.set(0, clock)
	b.set(latch, 0)
	b.set(0, latch)
}

// A Pad is what routes a pin of the chip to GPIO5: two registers and their values.
type Pad struct {
	Mux, Control uintptr
	Use, Drives  uint32
}

const (
	iomuxc     = 0x020e0000
	iomuxcSNVS = 0x02290000 // the i.MX 6ULL has these pads there

	useGPIO     = 5
	drivesPower = 0x0001b0b0
	drivesLine  = 0x000070a1
)

// Pads are those that WakePHYs needs: SNVS_TAMPER2, SNVS_TAMPER7, SNVS_TAMPER8, BOOT_MODE0 and BOOT_MODE1. Source: Linux,
// imx6ul-pinfunc.h and imx6ull-pinfunc-snvs.h.
func Pads(ull bool) [5]Pad {
	mux, control := uintptr(iomuxc+0x14), uintptr(iomuxc+0x2a0)
	if ull {
		mux, control = iomuxcSNVS, iomuxcSNVS+0x44
	}
	pad := func(n uintptr, drives uint32) Pad { return Pad{mux + 4*n, control + 4*n, useGPIO, drives} }
	const mode0, mode1, tamper0 = 0, 1, 2
	return [...]Pad{
		pad(tamper0+2, drivesPower),
		pad(tamper0+7, drivesLine),
		pad(tamper0+8, drivesLine),
		pad(mode0, drivesLine),
		pad(mode1, drivesLine),
	}
}
