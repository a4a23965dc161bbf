package acpi

import "encoding/binary"

// Arm's boot flags in the FADT, of ACPI 5.1 (5.2.9.4); older tables have zeros there.
const (
	fadtArmBoot = 129

	armPSCI = 1 << 0
	armHVC  = 1 << 1
)

// ParsePSCI tells whether firmware can be asked by the Power State Coordination Interface, and whether by HVC, and not by
// SMC. Errors: ErrRSDP, ErrRSDT, ErrFADT.
func ParsePSCI(mem Memory, rsdp uint64) (psci, hvc bool, err error) {
	b, err := find(mem, rsdp, "FACP", ErrFADT)
	if err != nil {
		return false, false, err
	}
	if len(b) < fadtArmBoot+2 {
		return false, false, nil
	}
	flags := binary.LittleEndian.Uint16(b[fadtArmBoot:])
	return flags&armPSCI != 0, flags&armHVC != 0, nil
}

// A UART is what kind of serial port an Arm machine has.
type UART uint8

// The kinds.
const (
	UART16550 UART = iota
	PL011
	// GenericUART is the part of a PL011 that Arm's Server Base System Architecture wants (DEN 0029, appendix B): whoever
	// made it has set it up.
	GenericUART
)

// Kinds of interface (DBG2, table 3).
const (
	kindPL011     = 0x03
	kindGeneric32 = 0x0d
	kindGeneric   = 0x0e
)

// ParseArmSerial is ParseSerial for what Arm machines have. Errors: ErrRSDP, ErrRSDT, ErrSerial.
func ParseArmSerial(mem Memory, rsdp uint64) (s Serial, kind UART, err error) {
	s, k, err := parseSerial(mem, rsdp, func(kind uint16) bool {
		return is16550(kind) || kind == kindPL011 || kind == kindGeneric32 || kind == kindGeneric
	})
	switch {
	case err != nil:
		return Serial{}, 0, err
	case s.Space != InMemory:
		return Serial{}, 0, ErrSerial
	case k == kindPL011:
		kind = PL011
	case !is16550(k):
		kind = GenericUART
	}
	return s, kind, nil
}
