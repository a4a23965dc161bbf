package uart

import (
	"math"
	"testing"
)

// A port is a UART as the manual has it: what is written takes effect in order, and what it sends has the speed that it has then.
type port struct {
	registers  map[uint32]uint32
	bir, bmr   uint32 // the rate multiplier takes both over when UBMR is written (55.15.11)
	resetPolls int    // reads of UCR2 until a reset is over
	resetting  int
	stuck      bool // the FIFO stays full
	polls      int
	t          *testing.T
	sent       []byte
	speeds     []float64 // of each character, in Hz; 0 if it did not leave
}

func newPort(t *testing.T) *port {
	p := &port{t: t, resetPolls: 3}
	p.reset()
	return p
}

// reset has the values of 55.15's table.
func (p *port) reset() {
	p.registers = map[uint32]uint32{ucr2: ucr2SRST, ucr3: 0x700, ucr4: 0x8000, ufcr: 0x801, uts: 0x60}
	p.bir, p.bmr = 0, 0
}

func (p *port) Read32(off uint32) uint32 {
	switch off {
	case ucr2:
		if p.resetting > 0 {
			if p.resetting--; p.resetting == 0 {
				p.reset()
			}
			return p.registers[ucr2] &^ ucr2SRST
		}
	case uts:
		p.polls++
		if p.stuck {
			return utsTXFULL
		}
		return p.registers[uts] &^ utsTXFULL
	}
	return p.registers[off]
}

func (p *port) Write32(off uint32, v uint32) {
	if p.resetting > 0 {
		p.t.Errorf("%#x = %#x during a reset", off, v)
	}
	if off == utxd {
		p.sent, p.speeds = append(p.sent, byte(v)), append(p.speeds, p.speed())
		return
	}
	if enabled := p.registers[ucr1]&ucr1UARTEN != 0; enabled && off != ucr1 {
		p.t.Errorf("%#x = %#x while the UART is enabled", off, v)
	}
	p.registers[off] = v
	switch off {
	case ucr2:
		if v&ucr2SRST == 0 {
			p.resetting = p.resetPolls
		}
	case ubmr:
		p.bir, p.bmr = p.registers[ubir], v
	}
}

// speed is that of the line (55.5), 0 if the transmitter is off, or set to something else than 8N1, or in loopback.
func (p *port) speed() float64 {
	const paritySTPBLoop, loop = 1<<8 | 1<<6, 1 << 12
	c2 := p.registers[ucr2]
	if p.registers[ucr1]&ucr1UARTEN == 0 || c2&ucr2TXEN == 0 || c2&ucr2WS == 0 || c2&ucr2IRTS == 0 || c2&paritySTPBLoop != 0 || p.registers[uts]&loop != 0 {
		return 0
	}
	dividers := [8]float64{6, 5, 4, 3, 2, 1, 7, math.Inf(1)}
	reference := Clock / dividers[p.registers[ufcr]>>7&7]
	return reference / 16 * float64(p.bir+1) / float64(p.bmr+1)
}

func (p *port) Read8(uint32) uint8     { panic("8 bits") }
func (p *port) Read16(uint32) uint16   { panic("16 bits") }
func (p *port) Write8(uint32, uint8)   { panic("8 bits") }
func (p *port) Write16(uint32, uint16) { panic("16 bits") }

// TestSetUp: a UART that nobody has set up, or somebody has otherwise, sends 115200 8N1.
func TestSetUp(t *testing.T) {
	for name, change := range map[string]func(*port){
		"after power-on":    func(*port) {},
		"enabled, no speed": func(p *port) { p.registers[ucr1], p.registers[ucr2] = ucr1UARTEN, ucr2TXEN|ucr2SRST },
		"parity, 7 bits, loopback": func(p *port) {
			p.registers[ucr2], p.registers[uts], p.registers[ufcr] = ucr2SRST|ucr2TXEN|1<<8|1<<6, 1<<12, 0
		},
	} {
		p := newPort(t)
		change(p)
		if Running(p) {
			t.Errorf("%s: it is taken for set up", name)
		}
		SetUp(p)
		if !Running(p) {
			t.Errorf("%s: it is not taken for set up afterwards", name)
		}
		for _, c := range []byte("hello") {
			Put(p, c)
		}
		if string(p.sent) != "hello" {
			t.Errorf("%s: %q was sent", name, p.sent)
		}
		for _, speed := range p.speeds {
			if speed != Baud {
				t.Errorf("%s: at %v Hz", name, speed)
			}
		}
	}
}

// TestRunning: what U-Boot leaves is taken as it is.
func TestRunning(t *testing.T) {
	p := newPort(t)
	p.registers[ufcr], p.registers[ubir] = 4<<7|2<<10|1, 15
	p.Write32(ubmr, 347)
	p.registers[ucr2] = ucr2WS | ucr2IRTS | ucr2RXEN | ucr2TXEN | ucr2SRST
	p.registers[ucr1] = ucr1UARTEN
	if !Running(p) {
		t.Error("a UART that U-Boot has set up is not taken for one")
	}
}

// TestBounds: a UART that never ends its reset, or takes no character, costs a bounded number of accesses.
func TestBounds(t *testing.T) {
	p := newPort(t)
	p.stuck = true
	Put(p, 'x')
	if p.polls != maxFullPolls {
		t.Errorf("%d polls, want %d", p.polls, maxFullPolls)
	}
	dead := &silent{}
	SetUp(dead)
	if dead.reads != maxResetPolls {
		t.Errorf("%d reads, want %d", dead.reads, maxResetPolls)
	}
}

// silent is a module without its clock: it reads as 0.
type silent struct {
	port
	reads int
}

func (s *silent) Read32(uint32) uint32   { s.reads++; return 0 }
func (s *silent) Write32(uint32, uint32) {}
