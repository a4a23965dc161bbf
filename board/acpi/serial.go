package acpi

import (
	"encoding/binary"
	"errors"
)

// ErrSerial means that no table tells of a serial port that is a 16550.
var ErrSerial = errors.New("acpi: no console or debug port table with a 16550")

// A Serial is a 16550 that the firmware uses, or means for debugging.
type Serial struct {
	Register        // the first one, of Bits bits
	Stride   uint32 // bytes from one register to the next
	Baud     uint32 // 0: as the firmware has set it up
}

// Offsets in SPCR (Microsoft, Serial Port Console Redirection Table, revision 4) and in
// DBG2 (Microsoft Debug Port Table 2).
const (
	spcrType    = 36
	spcrAddress = 40
	spcrBaud    = 58

	dbg2Devices = 36 // offset of the first one
	dbg2Count   = 40

	debugLength    = 1 // of a device's structure, 16 bits
	debugType      = 12
	debugSubtype   = 14
	debugAddress   = 18 // offset of its addresses
	debugSize      = 22
	debugAddresses = 3

	debugSerial = 0x8000
)

// ParseSerial returns the console's port, or else that for debugging. Errors: ErrRSDP,
// ErrRSDT, ErrSerial.
func ParseSerial(mem Memory, rsdp uint64) (Serial, error) {
	s, _, err := parseSerial(mem, rsdp, is16550)
	return s, err
}

// parseSerial returns the first port of a kind that is wanted, and its kind.
func parseSerial(mem Memory, rsdp uint64, wanted func(kind uint16) bool) (Serial, uint16, error) {
	b, err := find(mem, rsdp, "SPCR", ErrSerial)
	if err == nil && len(b) > spcrBaud && wanted(uint16(b[spcrType])) {
		if s, ok := serial(b[spcrAddress:]); ok {
			s.Baud = baud(b[spcrBaud])
			return s, uint16(b[spcrType]), nil
		}
	}
	if b, err = find(mem, rsdp, "DBG2", ErrSerial); err != nil {
		return Serial{}, 0, err
	}
	return parseDebug(b, wanted)
}

func parseDebug(b []byte, wanted func(kind uint16) bool) (Serial, uint16, error) {
	le := binary.LittleEndian
	if len(b) < dbg2Count+4 {
		return Serial{}, 0, ErrSerial
	}
	at, n := uint64(le.Uint32(b[dbg2Devices:])), le.Uint32(b[dbg2Count:])
	for ; n > 0 && at+debugSize <= uint64(len(b)); n-- {
		d := b[at:]
		length := le.Uint16(d[debugLength:])
		if length < debugSize || int(length) > len(d) {
			break
		}
		d = d[:length]
		address := int(le.Uint16(d[debugAddress:]))
		kind := le.Uint16(d[debugSubtype:])
		if le.Uint16(d[debugType:]) == debugSerial && wanted(kind) && d[debugAddresses] > 0 && address+addressSize <= len(d) {
			if s, ok := serial(d[address:]); ok {
				return s, kind, nil
			}
		}
		at += uint64(length)
	}
	return Serial{}, 0, ErrSerial
}

// is16550 tells of a kind of interface (DBG2, table 3) whether it is one, or does what one does.
func is16550(kind uint16) bool {
	const full, subset, byAddress = 0x00, 0x01, 0x12
	return kind == full || kind == subset || kind == byAddress
}

// serial reads the address of the registers. How far they are apart it says by the
// width of an access, and in older tables by that of the register.
func serial(b []byte) (s Serial, ok bool) {
	width := uint8(8)
	switch access := b[3]; {
	case access >= 1 && access <= 3:
		width = 8 << (access - 1)
	case access == 0 && (b[1] == 16 || b[1] == 32):
		width = b[1]
	}
	s.Register = genericAddress(b, width)
	s.Stride = uint32(width / 8)
	if s.Space == InIO {
		s.Bits, s.Stride = 8, 1
	}
	return s, s.Space == InIO || s.Space == InMemory
}

// baud is what SPCR's code for it means.
func baud(code uint8) uint32 {
	switch code {
	case 3:
		return 9600
	case 4:
		return 19200
	case 6:
		return 57600
	case 7:
		return 115200
	}
	return 0
}
