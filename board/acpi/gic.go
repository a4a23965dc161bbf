package acpi

import "encoding/binary"

// Bounds of what ParseGIC tells of.
const (
	MaxRedistributors = 32
	MaxITS            = 8
)

// A GIC is an Arm machine's interrupt controller, and its processors, by the MADT. Addresses are physical,
// and 0 where there is none.
type GIC struct {
	Version     uint8  // 1 to 4; 0: the table does not say
	Distributor uint64 // its registers
	CPU         uint64 // version 2: the interface of whichever processor reads it
	// Redistributors are regions of them, of version 3 and 4, and how many bytes each has: 0 if the table only says
	// where a processor's own begins.
	Redistributors [MaxRedistributors]Region
	Regions        int
	// Messages is the frame that makes messages of PCI functions interrupts (GICv2m). If MessageCount is not 0, it and FirstMessage count,
	// and not what the frame's registers say.
	Messages                   uint64
	FirstMessage, MessageCount uint16
	// ITS are the interrupt translation services of version 3, ITSCount of them.
	ITS      [MaxITS]ITS
	ITSCount int
}

// An ITS is an interrupt translation service: its identifier, and the address of its registers.
type ITS struct {
	ID   uint32
	Addr uint64
}

// A Region is a range of physical addresses.
type Region struct{ Start, Size uint64 }

// Structures of an Arm machine's MADT: their types (table 5.21) and what is where in them (5.2.12.14 to 5.2.12.17).
const (
	madtGICC        = 11
	madtGICD        = 12
	madtGICMessages = 13
	madtGICR        = 14
	madtITS         = 15

	giccFlags         = 12
	giccCPU           = 32
	giccRedistributor = 60
	giccMPIDR         = 68
	giccSize          = 76 // of ACPI 5.1, the first with an MPIDR

	gicdAddress = 8
	gicdVersion = 20
	gicdSize    = 24

	messagesAddress = 8
	messagesFlags   = 16
	messagesCount   = 20
	messagesFirst   = 22
	messagesSize    = 24

	gicrAddress = 4
	gicrLength  = 12
	gicrSize    = 16

	itsID      = 4
	itsAddress = 8
	itsSize    = 20

	giccEnabled  = 1 << 0
	messagesTold = 1 << 0

	affinityMask = 0xff_00ff_ffff // what MPIDR_EL1 says of the place (Arm ARM, MPIDR_EL1)
)

// ParseGIC reads the controller, and writes to cpus the places of the processors that can be used, as their MPIDR_EL1 has
// them, as many as there is room for; n is how many that are. Nothing is allocated. Errors: ErrRSDP, ErrRSDT, ErrMADT; the last one also if there is no
// distributor.
func ParseGIC(mem Memory, rsdp uint64, cpus []uint64) (g GIC, n int, err error) {
	b, err := find(mem, rsdp, "APIC", ErrMADT)
	if err != nil {
		return g, 0, err
	}
	le := binary.LittleEndian
	structures(b, func(kind uint8, s []byte) {
		switch {
		case kind == madtGICD && len(s) >= gicdSize && g.Distributor == 0:
			g.Distributor, g.Version = le.Uint64(s[gicdAddress:]), s[gicdVersion]
		case kind == madtGICR && len(s) >= gicrSize:
			g.region(le.Uint64(s[gicrAddress:]), uint64(le.Uint32(s[gicrLength:])))
		case kind == madtITS && len(s) >= itsSize && g.ITSCount < len(g.ITS):
			g.ITS[g.ITSCount] = ITS{le.Uint32(s[itsID:]), le.Uint64(s[itsAddress:])}
			g.ITSCount++
		case kind == madtGICMessages && len(s) >= messagesSize && g.Messages == 0:
			g.Messages = le.Uint64(s[messagesAddress:])
			if le.Uint32(s[messagesFlags:])&messagesTold != 0 {
				g.FirstMessage, g.MessageCount = le.Uint16(s[messagesFirst:]), le.Uint16(s[messagesCount:])
			}
		case kind == madtGICC && len(s) >= giccSize && le.Uint32(s[giccFlags:])&giccEnabled != 0:
			if g.CPU == 0 {
				g.CPU = le.Uint64(s[giccCPU:])
			}
			if n < len(cpus) {
				cpus[n] = le.Uint64(s[giccMPIDR:]) & affinityMask
				n++
			}
		}
	})
	if g.Distributor == 0 {
		return GIC{}, 0, ErrMADT
	}
	if g.Regions == 0 { // each processor's own, then (5.2.12.14)
		structures(b, func(kind uint8, s []byte) {
			if kind == madtGICC && len(s) >= giccSize && le.Uint32(s[giccFlags:])&giccEnabled != 0 {
				g.region(le.Uint64(s[giccRedistributor:]), 0)
			}
		})
	}
	return g, n, nil
}

func (g *GIC) region(start, size uint64) {
	if start != 0 && start+size >= start && g.Regions < len(g.Redistributors) {
		g.Redistributors[g.Regions] = Region{start, size}
		g.Regions++
	}
}
