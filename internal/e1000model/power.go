package e1000model

// Registers beyond those that have room of their own, and bits of EECD and CTRL_EXT.
const (
	eearbc = 0x12024
	invm   = 0x12120

	pins       = 3 << 6
	flashThere = 1 << 19
	flashType  = 3 << 15
	phyDown    = 1<<20 | 1<<18

	wordInit = 0x0A // of the one-time memory
	restart  = 0x0010
)

// INVM is the one-time memory: a register with its value, which looks like word 0x0A, a word of no interest, and word 0x0A.
var INVM = [...]uint32{2, 0xFFFF0000 | wordInit<<9 | 1, 0x12340000 | 0x0F<<9 | 1, 0x60200000 | wordInit<<9 | 1}

// readFar and writeFar are for registers that are not where most are.
func (d *Device) readFar(off uint32) uint32 {
	switch {
	case off == eearbc:
		return d.eearbc
	case off >= invm && off < invm+4*64 && d.Flashless:
		if i := (off - invm) / 4; int(i) < len(INVM) {
			return INVM[i]
		}
		return 0
	}
	return ^uint32(0)
}

func (d *Device) writeFar(off, v uint32) {
	if off == eearbc {
		d.eearbc = v
	}
}

// switchPower is a write of power management control: in D3hot registers do not answer, and whoever comes back from there was
// reset. A clock that is slow starts anew if the PHY was switched off and the auto-load word says so (Intel 332763,
// erratum 25).
func (d *Device) switchPower(v uint32) {
	slept := d.power&3 != 0
	d.power = v & 3
	if d.power != 0 && !slept {
		d.Sleeps++
	}
	switch {
	case d.power != 0 && !slept:
		if d.phy.slow > 0 && d.reg[0x18/4]&phyDown == phyDown && d.eearbc == wordInit<<4|0x6020<<16|restart<<16 {
			d.phy.slow--
		}
	case d.power == 0 && slept:
		kept := d.reg[sync/4]
		d.powerOn()
		d.reg[sync/4] = kept
	}
}
