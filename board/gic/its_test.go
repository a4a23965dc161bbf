package gic

import (
	"encoding/binary"
	"errors"
	"testing"
	"unsafe"

	"gasp/drivers/dma"
	"gasp/drivers/reg"
)

// A translator is a model of a translation service, and of what a redistributor has for messages (V3 5 and 6): it reads its commands, tables and
// configuration from memory, of which only what was cleaned is there.
type translator struct {
	redistributors
	typer            uint64
	flat             bool // it has no tables of two levels
	page             uint64
	incoherent       bool // it does not share caches
	stalls           bool
	registers        map[uint32]uint32
	seen             []byte // memory as devices see it, from memoryAt on
	control, lpis    uint32
	property, pends  [2]uint32
	collection       uint64
	itts             map[uint32]uint64
	events           map[uint64]uint32 // device<<32 | event
	enabled, pending map[uint32]bool
	priority         map[uint32]uint8
	wrong            []string
}

const (
	memoryAt   = 0x9_8765_0000
	itsAt      = 0x808_0000
	redistAt   = 0x80a_0000
	deviceSize = 16 // bytes of an entry of the table of devices
)

func (m *translator) Read32(off uint32) uint32 {
	switch off {
	case gitsCTLR:
		if m.control&itsEnabled == 0 {
			return itsQuiescent
		}
		return m.control
	case gitsTYPER:
		return uint32(m.typer)
	case gitsTYPER + 4:
		return uint32(m.typer >> 32)
	case gitsCREADR:
		if m.stalls {
			return readerStalled
		}
		return m.registers[gitsCWRITER]
	}
	v := m.registers[off]
	switch off {
	case gitsBASER + 4: // fixed: type and entry size
		v = v&^(7<<24|0x1F<<16) | baserDevices<<24 | (deviceSize-1)<<16
		if m.flat {
			v &^= baserIndirect >> 32
		}
	case gitsBASER + 8 + 4:
		v = v&^(7<<24|0x1F<<16) | baserCollection<<24 | 7<<16
	case gitsBASER, gitsBASER + 8:
		v &^= 3 << 8
		switch m.page {
		case 64 << 10:
			v |= 2 << 8
		case 16 << 10:
			v |= 1 << 8
		}
		fallthrough
	case gitsCBASER:
		if m.incoherent {
			v &^= baserShareable
		}
	}
	return v
}

func (m *translator) Write32(off uint32, v uint32) {
	switch off {
	case gitsCTLR:
		m.control = v
	case gitsCWRITER:
		at := m.registers[off]
		m.registers[off] = v
		for ; at != v && m.control&itsEnabled != 0 && !m.stalls; at = (at + commandSize) % queueSize {
			m.carryOut(at)
		}
	case gitsTRANSLATER:
		m.translate(uint64(m.cpu)<<32 | uint64(v)) // the processor stands for the device
	default:
		m.registers[off] = v
	}
}

// at is memory as it sees it.
func (m *translator) at(phys, n uint64) []byte {
	if phys < memoryAt || phys+n > memoryAt+uint64(len(m.seen)) {
		m.wrong = append(m.wrong, "it is led out of memory")
		return make([]byte, n)
	}
	return m.seen[phys-memoryAt:][:n]
}

const addressBits = 0xFFFF_FFFF_F000

func (m *translator) base(off uint32) uint64 {
	return uint64(m.registers[off+4])<<32 | uint64(m.registers[off])
}

func (m *translator) carryOut(at uint32) {
	b := m.at(m.base(gitsCBASER)&addressBits+uint64(at), commandSize)
	le := binary.LittleEndian
	first, second, third := le.Uint64(b), le.Uint64(b[8:]), le.Uint64(b[16:])
	device := uint32(first >> 32)
	event := uint64(device)<<32 | second&0xFFFFFFFF
	switch first & 0xFF {
	case cmdSYNC:
	case cmdMAPC:
		m.collection = third
	case cmdMAPD:
		if !m.hasRoom(device) {
			m.wrong = append(m.wrong, "a device without room in the table")
		}
		m.itts[device] = third
	case cmdMAPTI:
		if m.itts[device]>>63 == 0 {
			m.wrong = append(m.wrong, "an event of a device that is not mapped")
		}
		m.events[event] = uint32(second >> 32)
	case cmdINV:
		id := m.events[event]
		c := m.at(m.configAt()+uint64(id)-FirstLPI, 1)[0]
		m.enabled[id], m.priority[id] = c&lpiEnabled != 0, c&^lpiEnabled
	case cmdINT:
		m.translate(event)
	default:
		m.wrong = append(m.wrong, "an unknown command")
	}
}

// hasRoom tells whether the table of devices has an entry for one.
func (m *translator) hasRoom(device uint32) bool {
	base := m.base(gitsBASER)
	size := (base&0xFF + 1) * m.page
	if base>>63 == 0 {
		return false
	}
	if base&baserIndirect == 0 {
		return (uint64(device)+1)*deviceSize <= size
	}
	at := uint64(device) / (m.page / deviceSize) * levelEntry
	if at+levelEntry > size {
		return false
	}
	leads := binary.LittleEndian.Uint64(m.at(base&addressBits+at, levelEntry))
	return leads>>63 != 0 && leads&(m.page-1) == 0 && len(m.at(leads&addressBits, m.page)) > 0
}

func (m *translator) translate(event uint64) {
	id, ok := m.events[event]
	if want := uint64(commandEnd) | redistAt; ok && m.collection == want && m.lpis != 0 && m.enabled[id] {
		m.pending[id] = true
	}
}

func (m *translator) configAt() uint64 {
	return (uint64(m.property[1])<<32 | uint64(m.property[0])) & addressBits
}

// A lpiRedistributor is the redistributor.
type lpiRedistributor struct{ *translator }

func (m lpiRedistributor) Read32(off uint32) uint32 {
	switch off {
	case gicrCTLR:
		return m.lpis
	case gicrTYPER:
		return m.redistributors.Read32(off) | redistLPIs
	case gicrPROPBASER, gicrPROPBASER + 4:
		return m.property[off/4%2]
	case gicrPENDBASER, gicrPENDBASER + 4:
		return m.pends[off/4%2]
	}
	return m.redistributors.Read32(off)
}

func (m lpiRedistributor) Write32(off uint32, v uint32) {
	switch off {
	case gicrCTLR:
		m.lpis = v
	case gicrPROPBASER, gicrPROPBASER + 4:
		m.property[off/4%2] = v
	case gicrPENDBASER, gicrPENDBASER + 4:
		m.pends[off/4%2] = v
	default:
		m.redistributors.Write32(off, v)
	}
}

// opened is a controller with a translation service that is as edit makes it.
func opened(t *testing.T, memory int, edit func(m *translator)) (*translator, *GIC, error) {
	t.Helper()
	m := &translator{
		redistributors: redistributors{distributor{newModel(3, true)}},
		typer:          itsPhysical | itsPTA | 11<<4 | 15<<8 | 15<<13, page: 64 << 10,
		registers: map[uint32]uint32{}, itts: map[uint32]uint64{}, events: map[uint64]uint32{},
		enabled: map[uint32]bool{}, pending: map[uint32]bool{}, priority: map[uint32]uint8{},
	}
	edit(m)
	c := &GIC{}
	if err := c.Open3(m.distributor, []reg.Space{nothingThere{}, lpiRedistributor{m}}, system{m.model}); err != nil {
		t.Fatal(err)
	}
	if err := c.OpenCPU(0, m.affinity[0]); err != nil {
		t.Fatal(err)
	}
	whole := dma.Memory{Bytes: make([]byte, memory), Phys: memoryAt}
	m.seen = make([]byte, memory)
	for i := range m.seen {
		m.seen[i] = 0xA5
	}
	clean := func(b []byte) {
		copy(m.seen[uintptr(unsafe.Pointer(&b[0]))-uintptr(unsafe.Pointer(&whole.Bytes[0])):], b)
	}
	return m, c, c.OpenITS(0, m, Ranges{itsAt, []uint64{0, redistAt}}, whole, clean)
}

func TestMessages(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(m *translator)
	}{
		{"tables of two levels, pages of 64 KiB", func(m *translator) {}},
		{"pages of 4 KiB", func(m *translator) { m.page = 4 << 10 }},
		{"pages of 16 KiB", func(m *translator) { m.page = 16 << 10 }},
		{"one level", func(m *translator) { m.flat = true }},
		{"it does not share caches", func(m *translator) { m.incoherent = true }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, c, err := opened(t, ITSMemory, tt.edit)
			if err != nil {
				t.Fatal(err)
			}
			for i, device := range []uint32{0x0018, 0x0100, 0xFFF8} {
				address, data, id, err := c.Message(device)
				if err != nil || address != itsAt+gitsTRANSLATER || id != FirstLPI+uint32(i) {
					t.Fatalf("device %#x writes %d to %#x for interrupt %d, %v", device, data, address, id, err)
				}
				write := func() bool {
					delete(m.pending, id)
					m.cpu = int(device)
					m.Write32(uint32(address-itsAt), data)
					return m.pending[id]
				}
				if write() {
					t.Errorf("device %#x interrupts before that is enabled", device)
				}
				if c.Enable(0, id, IRQ, Device, true); !write() || m.priority[id] != Device {
					t.Errorf("device %#x does not interrupt, or with priority %#x", device, m.priority[id])
				}
				if c.Disable(0, id); write() {
					t.Errorf("device %#x interrupts although that is disabled", device)
				}
				c.Enable(0, id, IRQ, Device, true)
				if err := c.Try(id); err != nil || !m.pending[id] {
					t.Errorf("trying interrupt %d: %v, %v", id, m.pending[id], err)
				}
			}
			if len(m.wrong) > 0 {
				t.Error(m.wrong)
			}
			if cached := m.registers[gitsCBASER+4]>>27&7 == 7; cached == m.incoherent {
				t.Errorf("commands are read through caches: %v", cached)
			}
			if n := testing.AllocsPerRun(10, func() { c.Enable(0, FirstLPI, IRQ, Device, true); c.Disable(0, FirstLPI) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	}
}

func TestMessagesThatCannotBe(t *testing.T) {
	for _, tt := range []struct {
		name   string
		memory int
		edit   func(m *translator)
		want   error
	}{
		{"a service without physical messages", ITSMemory, func(m *translator) { m.typer = 0 }, ErrNoITS},
		{"nothing there", ITSMemory, func(m *translator) { m.typer = ^uint64(0) }, ErrNoITS},
		{"messages of before", ITSMemory, func(m *translator) { m.lpis = redistLPIs }, ErrInUse},
		{"too little memory", 100 << 10, func(m *translator) {}, dma.ErrNoMemory},
		{"a service that stalls", ITSMemory, func(m *translator) { m.stalls = true }, ErrITSStalled},
	} {
		if _, c, err := opened(t, tt.memory, tt.edit); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		} else if _, _, _, err := c.Message(1); !errors.Is(err, ErrMessages) {
			t.Errorf("%s: a message: %v", tt.name, err)
		}
	}
	_, c, err := opened(t, ITSMemory, func(m *translator) { m.flat = true })
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := c.Message(1 << 20); !errors.Is(err, ErrMessages) {
		t.Errorf("a device beyond the table: %v", err)
	}
	for i := range uint32(MaxMessages) {
		if _, _, _, err := c.Message(i); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, _, err := c.Message(9); !errors.Is(err, ErrMessages) {
		t.Errorf("one message too many: %v", err)
	}
	c.Enable(0, FirstLPI+MaxMessages, IRQ, Device, true) // of none
	if err := c.Try(FirstLPI + MaxMessages); !errors.Is(err, ErrMessages) {
		t.Errorf("trying none: %v", err)
	}
}
