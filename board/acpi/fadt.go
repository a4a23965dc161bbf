package acpi

import "encoding/binary"

// Fixed is what the fixed description table says (5.2.9).
type Fixed struct {
	Power Power
	// Timer is the counter of the power management timer, of TimerBits bits, 24 or 32 (4.8.2.1).
	Timer     Register
	TimerBits int
	// HardwareReduced machines have no PC's interval timer, interrupt controllers and real-time clock (4.1).
	HardwareReduced bool
	// Century is the register of the real-time clock that has the century, 0 for none.
	Century uint8
	// NoClock tells that there is no CMOS real-time clock, NoKeyboard that there is no
	// keyboard controller (5.2.9.3).
	NoClock, NoKeyboard bool
}

// TimerHz is how fast the power management timer counts up (4.8.2.1).
const TimerHz = 3579545

// Offsets in the FADT (table 5.9).
const (
	fadtRevision     = 8
	fadtDSDT         = 40
	fadtSMICommand   = 48
	fadtACPIEnable   = 52
	fadtPM1aControl  = 64
	fadtPM1bControl  = 68
	fadtTimer        = 76
	fadtTimerLength  = 91
	fadtCentury      = 108
	fadtBootArch     = 109
	fadtFlags        = 112
	fadtReset        = 116
	fadtResetValue   = 128
	fadtXDSDT        = 140
	fadtXPM1aControl = 172
	fadtXPM1bControl = 184
	fadtXTimer       = 208
	fadtSleepControl = 244

	fadtFirst = 116 // what revision 1 ends with

	flagTimer32         = 1 << 8
	flagResetSupported  = 1 << 10
	flagHardwareReduced = 1 << 20

	// Of fadtBootArch, from revision 2 on (table 5.11).
	archKeyboard = 1 << 1
	archNoClock  = 1 << 5
)

// ParseFADT reads the fixed description table. rsdp is the address of the root
// pointer. Errors: ErrRSDP, ErrRSDT, ErrFADT.
func ParseFADT(mem Memory, rsdp uint64) (Fixed, error) {
	b, err := find(mem, rsdp, "FACP", ErrFADT)
	if err != nil {
		return Fixed{}, err
	}
	if len(b) < fadtFirst {
		return Fixed{}, ErrFADT
	}
	flags := binary.LittleEndian.Uint32(b[fadtFlags:])
	f := Fixed{HardwareReduced: flags&flagHardwareReduced != 0, Century: b[fadtCentury]}
	if b[fadtRevision] >= 2 {
		arch := binary.LittleEndian.Uint16(b[fadtBootArch:])
		f.NoClock, f.NoKeyboard = arch&archNoClock != 0, arch&archKeyboard == 0
	}
	if f.HardwareReduced {
		f.NoKeyboard = true
	} else if b[fadtTimerLength] == 4 {
		f.Timer = fixed(b, fadtTimer, fadtXTimer, 32)
		if f.TimerBits = 24; flags&flagTimer32 != 0 {
			f.TimerBits = 32
		}
	}
	f.Power = power(mem, rsdp, b, flags)
	return f, nil
}

// fixed is a register that a table may have as a port and, since revision 2, as an
// address, which then counts.
func fixed(b []byte, old, extended int, bits uint8) Register {
	if len(b) >= extended+addressSize {
		if r := genericAddress(b[extended:], bits); r.Space != None {
			return r
		}
	}
	return port(binary.LittleEndian.Uint32(b[old:]), bits)
}
