package gic

import "gasp/drivers/reg"

// System are the interface's registers of the processor that it runs on (V3 12.2).
type System interface {
	// Open enables the registers (ICC_SRE_EL1), and all priorities (ICC_PMR_EL1, ICC_BPR0_EL1) of group 1 and, if fiq says so, of
	// group 0 (ICC_IGRPEN1_EL1, ICC_IGRPEN0_EL1).
	Open(fiq bool)
	// TakesFIQ tells whether FIQs come to this exception level, and not to firmware's (SCR_EL3.FIQ): a mask in ICC_PMR_EL1 of the lowest
	// bit that it has reads back as 0 if not (V3 12.2.19). It enables the registers, and leaves the mask so.
	TakesFIQ() bool
	// Mask writes ICC_PMR_EL1.
	Mask(priority uint32)
	// Acknowledge reads ICC_IAR0_EL1 or ICC_IAR1_EL1, End writes ICC_EOIR0_EL1 or ICC_EOIR1_EL1.
	Acknowledge(group uint32) uint32
	End(group, id uint32)
	// Forget writes 0 to ICC_AP1R<n>_EL1 and, if fiq says so, ICC_AP0R<n>_EL1, as many as there are.
	Forget(fiq bool)
	// Send writes ICC_SGI0R_EL1 or ICC_SGI1R_EL1.
	Send(group uint32, v uint64)
}

// The redistributors (V3 12.10 and 12.11): one behind the other, each with two frames of 64 KiB, or four.
const (
	gicrCTLR  = 0x0000
	gicrTYPER = 0x0008
	gicrWAKER = 0x0014
	gicrSGI   = 0x10000 // the frame of the processor's own interrupts, laid out like the distributor

	gicrRWP    = 1 << 3
	typerVLPIS = 1 << 1 // four frames
	typerLast  = 1 << 4

	wakerSleep  = 1 << 1
	wakerAsleep = 1 << 2

	frames2    = 0x20000
	frames4    = 0x40000
	maxReaders = 1024

	affinityMask = 0xFF_00FF_FFFF // of MPIDR_EL1
)

// A frame is a part of the redistributors.
type frame struct {
	reg.Space
	base uint32
}

func (f *frame) Read32(off uint32) uint32     { return f.Space.Read32(f.base + off) }
func (f *frame) Write32(off uint32, v uint32) { f.Space.Write32(f.base+off, v) }

// wake finds the processor's redistributor and wakes it up.
func (c *GIC) wake(p *place) error {
	// Aff3 to Aff0, as GICR_TYPER has them in its upper half.
	want := uint32(p.affinity&0xFFFFFF | p.affinity>>32<<24)
	for i, redist := range c.redists {
		if redist == nil {
			break
		}
		base := uint32(0)
		for range maxReaders {
			low, high := redist.Read32(base+gicrTYPER), redist.Read32(base+gicrTYPER+4)
			if low == ^uint32(0) && high == ^uint32(0) {
				break
			}
			if high == want {
				p.region = i
				p.redist, p.own = frame{redist, base}, frame{redist, base + gicrSGI}
				return awake(&p.redist)
			}
			if low&typerLast != 0 {
				break
			}
			base += frames2
			if low&typerVLPIS != 0 {
				base += frames4 - frames2
			}
		}
	}
	return ErrNoRedistributor
}

func awake(redist *frame) error {
	redist.Write32(gicrWAKER, redist.Read32(gicrWAKER)&^wakerSleep)
	for range maxWait {
		if redist.Read32(gicrWAKER)&wakerAsleep == 0 {
			return nil
		}
	}
	return ErrAsleep
}

type interface3 struct {
	system System
	hasFIQ bool
}

func (i *interface3) open(hasFIQ bool) {
	i.hasFIQ = hasFIQ
	i.system.Open(hasFIQ)
	i.forget()
}

func (i *interface3) mask(priority uint32)       { i.system.Mask(priority) }
func (i *interface3) acknowledge(g Group) uint32 { return i.system.Acknowledge(uint32(g)) }
func (i *interface3) end(g Group, token uint32)  { i.system.End(uint32(g), token) }
func (i *interface3) forget()                    { i.system.Forget(i.hasFIQ) }

// send writes the register that makes an interrupt at one processor (V3 12.2.20).
func (i *interface3) send(g Group, affinity uint64, id uint32) {
	aff0 := affinity & 0xFF
	v := affinity>>32&0xFF<<48 | affinity>>16&0xFF<<32 | affinity>>8&0xFF<<16 | aff0>>4<<44 | uint64(id&15)<<24 | 1<<(aff0&15)
	i.system.Send(uint32(g), v)
}
