package acpi

import "encoding/binary"

// An IOAPIC is one I/O APIC (5.2.12.3).
type IOAPIC struct {
	Addr uint64 // physical address of its registers
	Base uint32 // number of the global system interrupt that arrives at its pin 0
}

// MaxIOAPICs is how many I/O APICs IOAPICs tells of at the most.
const MaxIOAPICs = 8

// IOAPICs writes to list those that the machine has and returns how many there are,
// none if there is no table.
func IOAPICs(mem Memory, rsdp uint64, list []IOAPIC) (n int) {
	b, _ := find(mem, rsdp, "APIC", ErrMADT)
	structures(b, func(kind uint8, s []byte) {
		if kind == madtIOAPIC && len(s) >= 12 && n < len(list) {
			list[n] = IOAPIC{uint64(binary.LittleEndian.Uint32(s[4:])), binary.LittleEndian.Uint32(s[8:])}
			n++
		}
	})
	return n
}

// Polarity and trigger mode in MPS INTI flags (table 5.26).
const (
	intiActiveHigh = 1
	intiPolarity   = 3
)

// ActiveHigh tells whether an interrupt of the ISA bus, by its number there, is active
// high although a PCI device drives it, level triggered: if the tables say so
// (5.2.12.5). Low is what PCI has.
func ActiveHigh(mem Memory, rsdp uint64, irq uint8) (high bool) {
	const isa = 0
	b, _ := find(mem, rsdp, "APIC", ErrMADT)
	structures(b, func(kind uint8, s []byte) {
		if kind == madtOverride && len(s) >= 10 && s[2] == isa && s[3] == irq {
			high = binary.LittleEndian.Uint16(s[8:])&intiPolarity == intiActiveHigh
		}
	})
	return high
}
