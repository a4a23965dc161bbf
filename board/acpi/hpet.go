package acpi

// Offset in the HPET table of its address structure (IA-PC HPET specification
// 1.0a, 3.2.4).
const (
	hpetAddress = 40
	hpetSize    = 56
)

// ParseHPET returns the physical address of the first event timer block. Errors:
// ErrRSDP, ErrRSDT, ErrHPET; the last one also for a block that is not in memory.
func ParseHPET(mem Memory, rsdp uint64) (uint64, error) {
	b, err := find(mem, rsdp, "HPET", ErrHPET)
	if err != nil {
		return 0, err
	}
	if len(b) < hpetSize {
		return 0, ErrHPET
	}
	r := genericAddress(b[hpetAddress:], 32)
	if r.Space != InMemory {
		return 0, ErrHPET
	}
	return r.Addr, nil
}
