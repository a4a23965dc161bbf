package acpi

import (
	"encoding/binary"
	"errors"
)

// ErrRemapping means that no table tells of DMA remapping.
var ErrRemapping = errors.New("acpi: no DMA remapping table")

// A Remapper is a unit that translates the addresses of devices' DMA, and their
// messages.
type Remapper struct {
	Addr uint64 // physical address of its registers
	AMD  bool   // an AMD IOMMU; otherwise Intel VT-d
}

// Offsets in DMAR (Intel Virtualization Technology for Directed I/O 4.0, 8.1 and 8.3)
// and in IVRS (AMD I/O Virtualization Technology 3.07, 5.2).
const (
	dmarStructures = 48
	dmarUnit       = 0 // DRHD
	drhdAddress    = 8

	ivrsStructures = 48
	ivhdFirst      = 0x10 // kinds that describe an IOMMU
	ivhdSecond     = 0x11
	ivhdThird      = 0x40
	ivhdAddress    = 8
)

// Remappers writes to list those that the machine has, each once, and returns how many there are
// in list. Errors: ErrRSDP, ErrRSDT, ErrRemapping.
func Remappers(mem Memory, rsdp uint64, list []Remapper) (n int, err error) {
	add := func(r Remapper) {
		for _, known := range list[:n] {
			if known == r {
				return
			}
		}
		if r.Addr != 0 && n < len(list) {
			list[n] = r
			n++
		}
	}
	b, err := find(mem, rsdp, "DMAR", ErrRemapping)
	if err == nil {
		le := binary.LittleEndian
		for b = b[min(len(b), dmarStructures):]; len(b) >= 4; {
			size := int(le.Uint16(b[2:]))
			if size < 4 || size > len(b) {
				break
			}
			if le.Uint16(b) == dmarUnit && size >= drhdAddress+8 {
				add(Remapper{Addr: le.Uint64(b[drhdAddress:])})
			}
			b = b[size:]
		}
		return n, nil
	}
	if b, err = find(mem, rsdp, "IVRS", ErrRemapping); err != nil {
		return 0, err
	}
	for b = b[min(len(b), ivrsStructures):]; len(b) >= 4; {
		size := int(binary.LittleEndian.Uint16(b[2:]))
		if size < 4 || size > len(b) {
			break
		}
		if kind := b[0]; (kind == ivhdFirst || kind == ivhdSecond || kind == ivhdThird) && size >= ivhdAddress+8 {
			add(Remapper{Addr: binary.LittleEndian.Uint64(b[ivhdAddress:]), AMD: true})
		}
		b = b[size:]
	}
	return n, nil
}
