package gic

import (
	"encoding/binary"
	"errors"

	"gasp/drivers/dma"
	"gasp/drivers/reg"
)

var (
	// ErrNoITS says that there is no interrupt translation service that can be used, or no redistributor for messages.
	ErrNoITS = errors.New("gic: no interrupt translation service")
	// ErrInUse says that messages are set up already, which cannot be undone.
	ErrInUse = errors.New("gic: somebody before has set up messages")
	// ErrITSStalled says that the service does not carry out commands.
	ErrITSStalled = errors.New("gic: the interrupt translation service does not take commands")
	// ErrMessages says that there is no room for another message, or for a device of such a number.
	ErrMessages = errors.New("gic: no room for a message of the device")
)

// Messages of PCI functions of version 3 are interrupts of their own numbers (LPIs), which have no registers but bytes in memory; which one a
// write to the service's address means, it looks up by who has written, and what (V3 5 and 6). Here all come to one processor.
const (
	// FirstLPI is the first such number (V3 2.2.1).
	FirstLPI = 8192
	// MaxMessages is how many there can be.
	MaxMessages = 8
	// ITSSize is the size of the service's registers, ITSMemory what Open takes of memory at the most, in bytes.
	ITSSize   = 0x20000
	ITSMemory = 2 << 20
)

// The service's registers (V3 12.18 and 12.19). Those of 64 bits can be accessed by halves.
const (
	gitsCTLR       = 0x0000
	gitsTYPER      = 0x0008
	gitsCBASER     = 0x0080
	gitsCWRITER    = 0x0088
	gitsCREADR     = 0x0090
	gitsBASER      = 0x0100 // eight of them
	gitsTRANSLATER = 0x10040

	itsEnabled   = 1 << 0
	itsQuiescent = 1 << 31

	itsPhysical = 1 << 0  // TYPER
	itsPTA      = 1 << 19 // processors are named by the address of their redistributor

	baserValid      = 1 << 63
	baserIndirect   = 1 << 62
	baserCached     = 7<<59 | 1<<10 // inner write-back, inner shareable
	baserUncached   = 1 << 59
	baserShareable  = 3 << 10
	baserDevices    = 1 // types
	baserCollection = 4
	tables          = 8
	mostFlat        = 1 << 16 // devices in a table of one level
	levelEntry      = 8       // bytes in a table of tables

	readerStalled = 1 << 0
)

// The redistributor's (V3 12.11).
const (
	gicrPROPBASER = 0x0070
	gicrPENDBASER = 0x0078

	redistLPIs = 1 << 0 // TYPER and CTLR

	lpiBits        = 14 // of an interrupt number
	propertyCached = 7<<7 | 1<<10
	propertyNot    = 1 << 7
	pendingZero    = 1 << 62
	pendingAlign   = 64 << 10

	lpiEnabled = 1 << 0 // in an interrupt's byte, below its priority
)

// Commands (V3 5.3), of 32 bytes.
const (
	cmdSYNC  = 0x05
	cmdMAPD  = 0x08
	cmdMAPC  = 0x09
	cmdMAPTI = 0x0A
	cmdINV   = 0x0C
	cmdINT   = 0x03

	commandSize = 32
	queueSize   = 4096
	commandEnd  = 1 << 63 // V of the third word
	smallPage   = 4096
	ittAlign    = 256
)

// its is the service. Nothing is allocated behind open.
type its struct {
	regs     reg.Space
	address  uint64
	memory   dma.Memory
	clean    func([]byte) // what is written reaches memory
	queue    dma.Memory
	writer   uint32
	reader   uint64 // the processor of all messages, as commands name it
	config   dma.Memory
	devices  [MaxMessages]uint32 // of message i
	n        int
	table    dma.Memory // of devices
	entry    uint64     // bytes of it for a device
	page     uint64     // bytes of a page of it
	indirect bool
	itt      uint64 // bytes for an event
}

// Ranges are where registers lie in memory.
type Ranges struct {
	ITS uint64
	// Redistributors are as they were given to Open3.
	Redistributors []uint64
}

// OpenITS sets up the translation service, with the registers regs, and the redistributor of processor cpu for messages. m is memory for what they read and
// write, ITSMemory bytes are enough; clean makes what was written there reach memory. Errors: ErrNoITS, ErrInUse, ErrITSStalled, dma.ErrNoMemory.
func (c *GIC) OpenITS(cpu int, regs reg.Space, where Ranges, m dma.Memory, clean func([]byte)) error {
	p := &c.cpus[cpu%MaxCPUs]
	s := &its{regs: regs, address: where.ITS, memory: m, clean: clean}
	if c.version != 3 || p.redist.Space == nil || p.region >= len(where.Redistributors) {
		return ErrNoITS
	}
	typer, low := s.read64(gitsTYPER), p.redist.Read32(gicrTYPER)
	if typer == ^uint64(0) || typer&itsPhysical == 0 || low&redistLPIs == 0 {
		return ErrNoITS
	}
	if p.redist.Read32(gicrCTLR)&redistLPIs != 0 {
		return ErrInUse
	}
	s.itt = typer>>4&0xF + 1
	s.reader = uint64(low >> 8 & 0xFFFF << 16)
	if typer&itsPTA != 0 {
		s.reader = (where.Redistributors[p.region] + uint64(p.redist.base)) &^ 0xFFFF
	}
	if err := s.openTables(&p.redist, typer); err != nil {
		return err
	}
	if err := s.command(cmdMAPC, 0, s.reader|commandEnd); err != nil {
		return err
	}
	c.its = *s
	return nil
}

// openTables gives redistributor and service their memory, and starts them.
func (s *its) openTables(redist reg.Space, typer uint64) (err error) {
	s.regs.Write32(gitsCTLR, 0)
	for n := 0; s.regs.Read32(gitsCTLR)&itsQuiescent == 0; n++ {
		if n == maxWait {
			return ErrITSStalled
		}
	}
	if s.config, err = s.carve(1<<lpiBits-FirstLPI, smallPage); err != nil {
		return err
	}
	pending, err := s.carve(1<<lpiBits/8, pendingAlign)
	if err != nil {
		return err
	}
	if s.queue, err = s.carve(queueSize, smallPage); err != nil {
		return err
	}
	setAddress(redist, gicrPROPBASER, s.config.Phys|lpiBits-1, propertyCached, propertyNot)
	setAddress(redist, gicrPENDBASER, pending.Phys|pendingZero, propertyCached, propertyNot)
	redist.Write32(gicrCTLR, redist.Read32(gicrCTLR)|redistLPIs)
	for i := range uint32(tables) {
		if err := s.openTable(gitsBASER+8*i, typer); err != nil {
			return err
		}
	}
	if s.page == 0 {
		return ErrNoITS
	}
	setAddress(s.regs, gitsCBASER, s.queue.Phys|baserValid, baserCached, baserUncached)
	write64(s.regs, gitsCWRITER, 0)
	s.regs.Write32(gitsCTLR, itsEnabled)
	return nil
}

// openTable gives the service one of its tables.
func (s *its) openTable(off uint32, typer uint64) error {
	found := s.read64(off)
	kind, entry := found>>56&7, found>>48&0x1F+1
	if kind != baserDevices && kind != baserCollection {
		write64(s.regs, off, 0)
		return nil
	}
	const large, pageShift = 2, 8
	write64(s.regs, off, large<<pageShift|baserIndirect)
	found = s.read64(off)
	page := uint64(smallPage) << (2 * min(found>>pageShift&3, large))
	size := page
	v := found & (3 << pageShift)
	if kind == baserDevices {
		s.entry, s.page, s.indirect = entry, page, found&baserIndirect != 0
		if s.indirect {
			v |= baserIndirect
		} else {
			devices := min(uint64(mostFlat), 2<<(typer>>13&0x1F))
			size = (devices*entry + page - 1) &^ (page - 1)
		}
	}
	const mostPages = 256
	if size/page > mostPages {
		size = mostPages * page
	}
	m, err := s.carve(int(size), page)
	if err != nil {
		return err
	}
	if kind == baserDevices {
		s.table = m
	}
	setAddress(s.regs, off, v|m.Phys|size/page-1|baserValid, baserCached, baserUncached)
	return nil
}

// carve takes memory, all zeros.
func (s *its) carve(n int, align uint64) (dma.Memory, error) {
	m, err := s.memory.Carve(n, align)
	if err == nil {
		s.clean(m.Bytes)
	}
	return m, err
}

// Message makes what a device writes to address the interrupt id, which Enable lets in. device is its number at the service. Errors: ErrMessages,
// ErrITSStalled, dma.ErrNoMemory.
func (c *GIC) Message(device uint32) (address uint64, data, id uint32, err error) {
	s := &c.its
	if s.regs == nil || s.n == MaxMessages {
		return 0, 0, 0, ErrMessages
	}
	if err := s.addDevice(device); err != nil {
		return 0, 0, 0, err
	}
	const event, events, bits = 0, 2, 1
	itt, err := s.carve(int(events*s.itt), ittAlign)
	if err != nil {
		return 0, 0, 0, err
	}
	id = FirstLPI + uint32(s.n)
	s.devices[s.n] = device
	s.n++
	first := uint64(device) << 32
	if err := s.command(cmdMAPD|first, bits-1, itt.Phys|commandEnd); err != nil {
		return 0, 0, 0, err
	}
	if err := s.command(cmdMAPTI|first, event|uint64(id)<<32, 0); err != nil {
		return 0, 0, 0, err
	}
	return s.address + gitsTRANSLATER, event, id, nil
}

// Try has the service make a message of its own.
func (c *GIC) Try(id uint32) error {
	if i := id - FirstLPI; i < uint32(c.its.n) {
		return c.its.command(cmdINT|uint64(c.its.devices[i])<<32, 0, 0)
	}
	return ErrMessages
}

// addDevice makes room for a device in a table of two levels.
func (s *its) addDevice(device uint32) error {
	if !s.indirect {
		if (uint64(device)+1)*s.entry > uint64(len(s.table.Bytes)) {
			return ErrMessages
		}
		return nil
	}
	at := uint64(device) / (s.page / s.entry) * levelEntry
	if at+levelEntry > uint64(len(s.table.Bytes)) {
		return ErrMessages
	}
	if e := s.table.Bytes[at:][:levelEntry]; binary.LittleEndian.Uint64(e) == 0 {
		m, err := s.carve(int(s.page), s.page)
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint64(e, m.Phys|baserValid)
		s.clean(e)
	}
	return nil
}

// enable lets message id in, or not, and tells the redistributor.
func (s *its) enable(id uint32, priority uint8, on bool) {
	i := id - FirstLPI
	if i >= uint32(s.n) {
		return
	}
	b := s.config.Bytes[i : i+1]
	if on {
		b[0] = priority | lpiEnabled
	} else {
		b[0] &^= lpiEnabled
	}
	s.clean(b)
	s.command(cmdINV|uint64(s.devices[i])<<32, 0, 0) // one that stalls has interrupted for the last time
}

// command has a command carried out, for the one processor.
func (s *its) command(first, second, third uint64) error {
	if err := s.put(first, second, third); err != nil {
		return err
	}
	return s.put(cmdSYNC, 0, s.reader)
}

func (s *its) put(words ...uint64) error {
	b := s.queue.Bytes[s.writer:][:commandSize]
	clear(b)
	for i, w := range words {
		binary.LittleEndian.PutUint64(b[8*i:], w)
	}
	s.clean(b)
	s.writer = (s.writer + commandSize) % queueSize
	s.regs.Write32(gitsCWRITER, s.writer)
	for range maxWait {
		if v := s.regs.Read32(gitsCREADR); v&readerStalled != 0 {
			break
		} else if v == s.writer {
			return nil
		}
	}
	return ErrITSStalled
}

// setAddress writes where memory is, cached and shareable, or, if it turns out that it is not shared, uncached.
func setAddress(s reg.Space, off uint32, v, cached, uncached uint64) {
	write64(s, off, v|cached)
	if read64(s, off)&baserShareable == 0 {
		write64(s, off, v|uncached)
	}
}

func (s *its) read64(off uint32) uint64 { return read64(s.regs, off) }

func read64(s reg.Space, off uint32) uint64 {
	return uint64(s.Read32(off)) | uint64(s.Read32(off+4))<<32
}

// write64 writes the half with the valid bit last.
func write64(s reg.Space, off uint32, v uint64) {
	s.Write32(off, uint32(v))
	s.Write32(off+4, uint32(v>>32))
}
