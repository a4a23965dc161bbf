package acpi

import "encoding/binary"

// A Write is a register and what to write to it.
type Write struct {
	Register
	Value uint32
}

// Power says what to write where. What there is no way for is none.
type Power struct {
	// Mode makes the firmware leave the power register to the system (4.8.2.5), which it has done once
	// PM1Enabled is set in the register of Off.
	Mode Write
	// Off is switched off by writing to the first register, and to the second one if there
	// is one. Bits of PM1Keep are to stay as they are.
	Off   [2]Write
	Reset Write
}

// Bits of the power management control registers (4.8.3.2).
const (
	PM1Enabled     = 1 << 0  // SCI_EN
	PM1Keep        = 0x3     // SCI_EN, BM_RLD
	PM1SleepEnable = 1 << 13 // SLP_EN: begins the sleep
)

// Sleep control: in PM1a_CNT bits 10-12 are the type, bit 13 does it (4.8.3.2);
// in the reduced register bits 2-4 and bit 5 (4.8.3.7).
const (
	pm1SleepType = 10
	sleepEnable  = 1 << 5
	sleepType    = 2
)

func power(mem Memory, rsdp uint64, b []byte, flags uint32) (p Power) {
	if flags&flagResetSupported != 0 && len(b) > fadtResetValue {
		p.Reset = write(genericAddress(b[fadtReset:], 8), uint32(b[fadtResetValue]))
	}
	s5, ok := softOff(mem, rsdp, b)
	switch {
	case !ok:
	case flags&flagHardwareReduced != 0:
		if len(b) >= fadtSleepControl+addressSize {
			p.Off[0] = write(genericAddress(b[fadtSleepControl:], 8), s5[0]<<sleepType|sleepEnable)
		}
	default:
		p.Off[0] = write(fixed(b, fadtPM1aControl, fadtXPM1aControl, 16), s5[0]<<pm1SleepType|PM1SleepEnable)
		p.Off[1] = write(fixed(b, fadtPM1bControl, fadtXPM1bControl, 16), s5[1]<<pm1SleepType|PM1SleepEnable)
		if enable := b[fadtACPIEnable]; enable != 0 {
			p.Mode = write(port(binary.LittleEndian.Uint32(b[fadtSMICommand:]), 8), uint32(enable))
		}
	}
	return p
}

func write(r Register, v uint32) Write {
	if r.Space == None {
		return Write{}
	}
	return Write{r, v}
}

// softOff finds the sleep types of the soft-off state (7.4.2), in the DSDT or another
// definition block.
func softOff(mem Memory, rsdp uint64, fadt []byte) (s5 [2]uint32, ok bool) {
	dsdt := []byte(nil)
	if len(fadt) >= fadtXDSDT+8 {
		if addr := binary.LittleEndian.Uint64(fadt[fadtXDSDT:]); addr != 0 {
			dsdt = table(mem, addr)
		}
	}
	if dsdt == nil {
		dsdt = table(mem, uint64(binary.LittleEndian.Uint32(fadt[fadtDSDT:])))
	}
	if s5, ok = sleepTypes(dsdt); ok {
		return s5, true
	}
	each(mem, rsdp, func(b []byte) bool {
		if string(b[:4]) == "SSDT" {
			s5, ok = sleepTypes(b)
		}
		return !ok
	})
	return s5, ok
}

// sleepTypes finds SLP_TYPa and SLP_TYPb of the soft-off state in a definition block:
// the package that AML names _S5_ (20.2.5.4), without interpreting the rest. A package
// of one element has both in one number.
func sleepTypes(block []byte) (s5 [2]uint32, ok bool) {
	const mask = 7
	for i := headerSize; i+8 < len(block); i++ {
		if string(block[i:i+5]) != "_S5_\x12" {
			continue
		}
		b := block[i+5:]
		b = b[min(len(b), 1+int(b[0]>>6)):] // PkgLength is one to four bytes
		if len(b) < 2 {
			return s5, false
		}
		n, b := b[0], b[1:]
		first, b, ok := integer(b)
		if !ok {
			return s5, false
		}
		s5[0] = first & mask
		if n == 1 {
			s5[1] = first >> 8 & mask
		} else if second, _, ok := integer(b); ok {
			s5[1] = second & mask
		}
		return s5, true
	}
	return s5, false
}

// integer reads a constant of AML (20.2.3).
func integer(b []byte) (v uint32, rest []byte, ok bool) {
	const zeroOp, oneOp, bytePrefix, wordPrefix, longPrefix = 0x00, 0x01, 0x0a, 0x0b, 0x0c
	switch {
	case len(b) == 0:
	case b[0] == zeroOp, b[0] == oneOp:
		return uint32(b[0]), b[1:], true
	case b[0] == bytePrefix && len(b) >= 2:
		return uint32(b[1]), b[2:], true
	case b[0] == wordPrefix && len(b) >= 3:
		return uint32(binary.LittleEndian.Uint16(b[1:])), b[3:], true
	case b[0] == longPrefix && len(b) >= 5:
		return binary.LittleEndian.Uint32(b[1:]), b[5:], true
	}
	return 0, nil, false
}
