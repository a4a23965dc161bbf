package acpi

import (
	"encoding/binary"
	"slices"
)

// Interrupts is where the interval timer and non-maskable interrupts arrive, by
// the MADT (5.2.12).
type Interrupts struct {
	IOAPIC uint64 // physical address of the I/O APIC that has the timer's pin; 0: none
	Pin    uint32 // of that I/O APIC: where IRQ 0, the interval timer, arrives
	LINT   uint8  // local interrupt pin of the processors that is wired to NMI, 0 or 1
}

// Offsets in the MADT, and its structures' types (table 5.21).
const (
	madtStructures = 44

	madtLocalAPIC   = 0
	madtIOAPIC      = 1
	madtOverride    = 2
	madtLocalNMI    = 4
	madtLocalX2APIC = 9
	madtX2APICNMI   = 10
)

const timerPin = 2

// maxPin is the last pin that an I/O APIC can have: its version register counts
// them in a byte.
const maxPin = 255

// usual is what holds for a PC without a table.
var usual = Interrupts{LINT: 1}

// ParseMADT reads the table of interrupt controllers. With an error, ErrRSDP,
// ErrRSDT or ErrMADT, it returns what is usual on a PC.
func ParseMADT(mem Memory, rsdp uint64) (Interrupts, error) {
	b, err := find(mem, rsdp, "APIC", ErrMADT)
	if err != nil {
		return usual, err
	}
	return parseMADT(b), nil
}

func parseMADT(b []byte) Interrupts {
	const isa, timerIRQ = 0, 0
	i := usual
	// Without an override it would be interrupt 0 (5.2.12.5). But there a PC has
	// the legacy controller, and the timer at 2 (MultiProcessor Specification 1.4,
	// figure 3-4), whether the tables say so or, as QEMU's microvm, not.
	gsi := uint32(timerPin)
	structures(b, func(kind uint8, s []byte) {
		switch {
		case kind == madtOverride && len(s) >= 10 && s[2] == isa && s[3] == timerIRQ:
			gsi = binary.LittleEndian.Uint32(s[4:])
		case kind == madtLocalNMI && len(s) >= 6 && s[5] <= 1:
			i.LINT = s[5]
		case kind == madtX2APICNMI && len(s) >= 9 && s[8] <= 1:
			i.LINT = s[8]
		}
	})
	best := uint32(0)
	structures(b, func(kind uint8, s []byte) {
		if kind != madtIOAPIC || len(s) < 12 {
			return
		}
		addr, base := binary.LittleEndian.Uint32(s[4:]), binary.LittleEndian.Uint32(s[8:])
		if base <= gsi && gsi-base <= maxPin && (i.IOAPIC == 0 || base > best) {
			i.IOAPIC, i.Pin, best = uint64(addr), gsi-base, base
		}
	})
	return i
}

// MaxCPUs is how many processors a board looks after at the most.
const MaxCPUs = 16

// LocalAPICs writes to ids the local APIC ids of the processors that can be used
// (5.2.12.2, 5.2.12.12), as many as there is room for, and returns how many there are, none if there is no table.
func LocalAPICs(mem Memory, rsdp uint64, ids []uint32) int {
	b, _ := find(mem, rsdp, "APIC", ErrMADT)
	return parseLocalAPICs(b, ids)
}

// parseLocalAPICs expects that a processor may be in the table twice, once of either
// kind.
func parseLocalAPICs(b []byte, ids []uint32) (n int) {
	const enabled, noID, noX2ID = 1, 0xff, 0xffffffff
	structures(b, func(kind uint8, s []byte) {
		var id, flags uint32
		switch {
		case kind == madtLocalAPIC && len(s) >= 8 && s[3] != noID:
			id, flags = uint32(s[3]), uint32(s[4])
		case kind == madtLocalX2APIC && len(s) >= 16:
			id, flags = binary.LittleEndian.Uint32(s[4:]), binary.LittleEndian.Uint32(s[8:])
			if id == noX2ID {
				return
			}
		}
		if flags&enabled == 0 || slices.Contains(ids[:min(n, len(ids))], id) {
			return
		}
		if n < len(ids) {
			ids[n] = id
		}
		n++
	})
	return n
}

// structures visits the structures behind the header, each with its type and
// length in front.
func structures(b []byte, visit func(kind uint8, s []byte)) {
	for b = b[min(len(b), madtStructures):]; len(b) >= 2; {
		n := int(b[1])
		if n < 2 || n > len(b) {
			return
		}
		visit(b[0], b[:n])
		b = b[n:]
	}
}
