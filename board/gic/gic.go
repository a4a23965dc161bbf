// Package gic runs Arm's Generic Interrupt Controller, versions 2 to 4, for a machine that has ordinary interrupts, and urgent ones
// that come in when those are masked, such as the watchdog's timer. Ordinary ones are of group 1 and come as IRQ. Urgent ones are of group 0 and
// come as FIQ, or, where firmware keeps group 0 for itself, of group 1 too, with a higher priority: then whoever masks ordinary ones does it by
// the priority mask (UrgentOnly), and not by the processor's I bit.
//
// Sources: Arm Generic Interrupt Controller Architecture Specification 2.0 (IHI 0048B: V2) and 3.0/4.0 (IHI 0069H: V3).
// Nothing is allocated behind Open, and every wait is bounded: interrupt handlers and a dead machine use it.
package gic

import (
	"errors"

	"gasp/drivers/reg"
)

var (
	// ErrNoGIC says that there are no interrupt lines at the distributor's address.
	ErrNoGIC = errors.New("gic: no interrupt controller")
	// ErrNoRedistributor says that version 3 has none for this processor.
	ErrNoRedistributor = errors.New("gic: no redistributor for this processor")
	// ErrAsleep says that a redistributor does not wake up.
	ErrAsleep = errors.New("gic: the redistributor does not wake up")
)

// A Group of interrupts decides how they come in.
type Group uint32

// The groups. Urgent only if HasUrgent.
const (
	Urgent Group = 0
	IRQ    Group = 1
)

// Numbers of interrupts (V2 2.2.1): up to 15 one processor interrupts another, up to 31 a
// processor's own devices do, from 32 on those of all.
const (
	FirstPPI = 16
	FirstSPI = 32
	// None is the number that Acknowledge returns for no interrupt. Messages have higher ones.
	None = 1020

	// MaxCPUs is how many processors there can be.
	MaxCPUs = 16
	// MaxRedistributors is how many ranges of redistributors there can be.
	MaxRedistributors = 32
)

// Priorities: a lower number goes first. The controller may have as few as 16 (V3 4.8).
const (
	Watchdog = 0x00
	Timer    = 0xD0
	Device   = 0xE0
)

// Priority masks: what has a lower number than the mask comes in. Firmware may see other numbers: an interrupt's priority n is
// 0x80 + n/2 to it if there are two security states, and a mask is so if it takes FIQs (V3 4.8.1, SCR_EL3.FIQ). Neither follows from the other, nor
// can both be asked for: so Watchdog is below UrgentOnly, and Timer not, whichever of them are so.
const (
	UrgentOnly = 0x90
	Any        = 0xFF
)

// A GIC is the controller of a machine. Its methods may be called by any processor, those with an interrupt
// number by one at a time.
type GIC struct {
	// HasFIQ tells whether urgent interrupts are FIQs: not if firmware keeps group 0 (the non-secure view, V3 4.6).
	HasFIQ bool
	// ByPriority is set by who has no FIQs, and masks by priority: urgent ones are IRQs then.
	ByPriority bool

	dist    reg.Space
	cpu     cpuInterface // two or three
	two     interface2
	three   interface3
	version int
	lines   uint32
	redists [MaxRedistributors]reg.Space // version 3
	cpus    [MaxCPUs]place
	urgent  set
	its     its
}

// A set of interrupts that are not messages.
type set [None/32 + 1]uint32

func (s *set) has(id uint32) bool { return id < None && s[id/32]>>(id%32)&1 != 0 }

// put writes only what changes: another processor may be looking for its own interrupt of the same number.
func (s *set) put(id uint32, in bool) {
	if s.has(id) != in {
		s[id/32%uint32(len(s))] ^= 1 << (id % 32)
	}
}

// A place is where the processor of a number is.
type place struct {
	affinity uint64 // of MPIDR_EL1
	target   uint32 // version 2: its bit
	redist   frame  // version 3: its redistributor
	region   int    // and of which range that is
	own      frame  // and the part of that for its own interrupts
}

// A cpuInterface is how one processor takes interrupts.
type cpuInterface interface {
	open(hasFIQ bool)
	mask(priority uint32)
	acknowledge(g Group) uint32
	end(g Group, token uint32)
	forget()
}

// The distributor (V2 4.3, V3 12.9).
const (
	gicdCTLR       = 0x0000
	gicdTYPER      = 0x0004
	gicdIGROUPR    = 0x0080
	gicdISENABLER  = 0x0100
	gicdICENABLER  = 0x0180
	gicdISPENDR    = 0x0200
	gicdICPENDR    = 0x0280
	gicdICACTIVER  = 0x0380
	gicdIPRIORITYR = 0x0400
	gicdITARGETSR  = 0x0800 // version 2
	gicdICFGR      = 0x0C00
	gicdSGIR       = 0x0F00 // version 2
	gicdIROUTER    = 0x6000 // version 3

	ctlrGroup0 = 1 << 0
	ctlrGroup1 = 1 << 1
	ctlrARE    = 1 << 4 // version 3
	ctlrDS     = 1 << 6 // version 3: one security state
	ctlrRWP    = 1 << 31

	typerLines = 0x1F
	maxWait    = 1_000_000 // reads
)

// Open2 sets up a controller of version 2, with all interrupts disabled: dist is its distributor, cpu
// the interface of whichever processor reads it. Errors: ErrNoGIC.
func (c *GIC) Open2(dist, cpu reg.Space) error {
	*c = GIC{dist: dist, version: 2}
	c.two.regs, c.two.urgent = cpu, &c.urgent
	c.cpu = &c.two
	return c.open()
}

// Open3 does so for version 3 or 4: redists has the redistributors, up to MaxRedistributors ranges of them, system the registers of the
// processor that it runs on. Errors: ErrNoGIC.
func (c *GIC) Open3(dist reg.Space, redists []reg.Space, system System) error {
	*c = GIC{dist: dist, version: 3}
	copy(c.redists[:], redists)
	c.three.system = system
	c.cpu = &c.three
	return c.open()
}

func (c *GIC) open() error {
	typer := c.dist.Read32(gicdTYPER)
	c.lines = (typer&typerLines + 1) * 32
	if typer == ^uint32(0) || typer == 0 && c.version == 3 {
		return ErrNoGIC
	}
	control := uint32(ctlrGroup1)
	c.dist.Write32(gicdCTLR, 0)
	c.settle(c.dist, gicdCTLR)
	if c.version == 3 {
		c.dist.Write32(gicdCTLR, ctlrARE)
		c.settle(c.dist, gicdCTLR)
		c.HasFIQ = c.dist.Read32(gicdCTLR)&ctlrDS != 0 && c.three.system.TakesFIQ()
		control |= ctlrARE
	} else {
		c.dist.Write32(gicdIGROUPR, ^uint32(0))
		if c.HasFIQ = c.dist.Read32(gicdIGROUPR) != 0; !c.HasFIQ {
			control = ctlrGroup0 // the one bit of the non-secure view (V2 4.3.1)
		}
	}
	if c.HasFIQ {
		control |= ctlrGroup0
	}
	for id := uint32(FirstSPI); id < c.lines; id += 32 {
		c.quiet(c.dist, id/32*4)
	}
	for id := uint32(FirstSPI); id < c.lines; id += 4 {
		c.dist.Write32(gicdIPRIORITYR+id, Device*0x01010101)
	}
	c.settle(c.dist, gicdCTLR)
	c.dist.Write32(gicdCTLR, control)
	c.settle(c.dist, gicdCTLR)
	return nil
}

// quiet makes 32 interrupts of group 1, disabled, and forgets them.
func (c *GIC) quiet(s reg.Space, word uint32) {
	s.Write32(gicdICENABLER+word, ^uint32(0))
	s.Write32(gicdIGROUPR+word, ^uint32(0))
	s.Write32(gicdICPENDR+word, ^uint32(0))
	s.Write32(gicdICACTIVER+word, ^uint32(0))
}

// settle waits until writes have had their effect (V3 12.9.4; version 2 has none such).
func (c *GIC) settle(s reg.Space, off uint32) {
	pending := uint32(ctlrRWP)
	if off == gicrCTLR && s != c.dist {
		pending = gicrRWP
	}
	for n := 0; c.version == 3 && s.Read32(off)&pending != 0 && n < maxWait; n++ {
	}
}

// OpenCPU sets up what a processor has for itself; it runs on that one. cpu is its number, affinity what its MPIDR_EL1 says. Errors:
// ErrNoRedistributor, ErrAsleep.
func (c *GIC) OpenCPU(cpu int, affinity uint64) error {
	p := &c.cpus[cpu%MaxCPUs]
	p.affinity = affinity & affinityMask
	own := c.dist
	if c.version == 3 {
		if err := c.wake(p); err != nil {
			return err
		}
		own = &p.own
	} else {
		for id := uint32(0); id < FirstSPI && p.target == 0; id += 4 { // read as the reader's own (V2 4.3.12)
			v := c.dist.Read32(gicdITARGETSR + id)
			p.target = (v | v>>8 | v>>16 | v>>24) & 0xFF
		}
		if p.target == 0 {
			p.target = 1 // a controller for one processor
		}
	}
	c.quiet(own, 0)
	for id := uint32(0); id < FirstSPI; id += 4 {
		own.Write32(gicdIPRIORITYR+id, Device*0x01010101)
	}
	own.Write32(gicdISENABLER, 0xFFFF) // what processors send each other
	c.cpu.open(c.HasFIQ)
	return nil
}

// registers is where interrupt id of processor cpu is set up.
func (c *GIC) registers(cpu int, id uint32) reg.Space {
	if c.version == 3 && id < FirstSPI {
		return &c.cpus[cpu%MaxCPUs].own // by its address: a dead machine allocates nothing
	}
	return c.dist
}

// HasUrgent tells whether there are urgent interrupts.
func (c *GIC) HasUrgent() bool { return c.HasFIQ || c.ByPriority }

// group is the controller's group of interrupts of a Group.
func (c *GIC) group(g Group) Group {
	if !c.HasFIQ {
		return IRQ
	}
	return g
}

// Enable lets an interrupt come in at a processor. Edge is how it is triggered, if that can be told to the controller.
// Of its own a processor enables those below FirstSPI.
func (c *GIC) Enable(cpu int, id uint32, g Group, priority uint8, edge bool) {
	if id >= FirstLPI {
		c.its.enable(id, priority, true)
		return
	}
	if id >= c.lines {
		return
	}
	c.Disable(cpu, id)
	c.urgent.put(id, g == Urgent)
	s := c.registers(cpu, id)
	word, bit := id/32*4, uint32(1)<<(id%32)
	group := s.Read32(gicdIGROUPR+word) &^ bit
	if c.group(g) == IRQ {
		group |= bit
	}
	s.Write32(gicdIGROUPR+word, group)
	set8(s, gicdIPRIORITYR, id, priority)
	if id >= FirstPPI {
		shift := id % 16 * 2
		config := s.Read32(gicdICFGR+id/16*4) &^ (3 << shift)
		if edge {
			config |= 2 << shift
		}
		s.Write32(gicdICFGR+id/16*4, config)
	}
	p := &c.cpus[cpu%MaxCPUs]
	switch {
	case id < FirstSPI:
	case c.version == 3:
		s.Write32(gicdIROUTER+8*id, uint32(p.affinity))
		s.Write32(gicdIROUTER+8*id+4, uint32(p.affinity>>32))
	default:
		set8(s, gicdITARGETSR, id, uint8(p.target))
	}
	s.Write32(gicdISENABLER+word, bit)
}

// set8 writes one of four bytes, by whole words: not every controller takes bytes.
func set8(s reg.Space, off, id uint32, v uint8) {
	shift := id % 4 * 8
	s.Write32(off+id&^3, s.Read32(off+id&^3)&^(0xFF<<shift)|uint32(v)<<shift)
}

// Disable keeps an interrupt out.
func (c *GIC) Disable(cpu int, id uint32) {
	if id >= FirstLPI {
		c.its.enable(id, 0, false)
		return
	}
	if id >= c.lines {
		return
	}
	s := c.registers(cpu, id)
	s.Write32(gicdICENABLER+id/32*4, 1<<(id%32))
	if c.version == 3 && id < FirstSPI {
		c.settle(&c.cpus[cpu%MaxCPUs].redist, gicrCTLR)
		return
	}
	c.settle(c.dist, gicdCTLR)
}

// Enabled tells whether an interrupt comes in, by whoever's doing.
func (c *GIC) Enabled(cpu int, id uint32) bool {
	return id < c.lines && c.registers(cpu, id).Read32(gicdISENABLER+id/32*4)&(1<<(id%32)) != 0
}

// Lines is how many interrupt numbers there are.
func (c *GIC) Lines() uint32 { return min(c.lines, None) }

// Acknowledge takes the interrupt that is the next one of the group to be handled, at the processor that it runs on, whose number is cpu. token
// is for End, id its number; None if there is none. Where urgent ones are IRQs the priority mask is UrgentOnly, before and behind it, and
// for IRQ, which it opens the mask for, no interrupt may come in until it returns (PSTATE.I).
func (c *GIC) Acknowledge(cpu int, g Group) (token, id uint32) {
	opens := c.ByPriority && g == IRQ
	if opens {
		c.cpu.mask(Any)
	}
	token, id = c.acknowledge(g)
	if opens {
		c.cpu.mask(UrgentOnly)
	}
	other := Urgent
	if g == Urgent {
		other = IRQ
	}
	if id == None || c.urgent.has(id) == (g == Urgent) {
		return token, id
	}
	// One of the other kind, which the mask has let in, or version 2 (interface2): so it comes again.
	c.End(g, token)
	if id < FirstPPI {
		c.Send(cpu, other, id)
	} else {
		c.registers(cpu, id).Write32(gicdISPENDR+id/32*4, 1<<(id%32))
	}
	return None, None
}

func (c *GIC) acknowledge(g Group) (token, id uint32) {
	token = c.cpu.acknowledge(c.group(g))
	id = token
	if c.version == 2 {
		id &= numberBits
	}
	if id >= None && id < FirstLPI {
		id = None
	}
	return token, id
}

// End ends the handling of an interrupt that Acknowledge has told.
func (c *GIC) End(g Group, token uint32) { c.cpu.end(c.group(g), token) }

// Forget ends the handling of whatever this processor has under way: a dead machine goes on without it.
func (c *GIC) Forget(cpu int) {
	c.registers(cpu, 0).Write32(gicdICACTIVER, ^uint32(0))
	for id := uint32(FirstSPI); id < c.lines; id += 32 {
		c.dist.Write32(gicdICACTIVER+id/32*4, ^uint32(0))
	}
	c.cpu.forget()
}

// Send interrupts a processor by number id, up to 15, of a group.
func (c *GIC) Send(cpu int, g Group, id uint32) {
	p := &c.cpus[cpu%MaxCPUs]
	g = c.group(g)
	if c.version == 3 {
		c.three.send(g, p.affinity, id)
		return
	}
	const targets, ofGroup1 = 16, 1 << 15
	v := p.target<<targets | id&15
	if g == IRQ {
		v |= ofGroup1
	}
	c.dist.Write32(gicdSGIR, v)
}
