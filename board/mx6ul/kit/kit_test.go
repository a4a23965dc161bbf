package kit

import (
	"slices"
	"testing"
)

// A board is what hangs at GPIO5: a power switch, and a 74HC595 (Texas Instruments SCLS041, table 8-1), whose outputs follow the
// latch's rising edge what the clock's has shifted in, and float while it is not enabled.
type board struct {
	t         *testing.T
	dr, gdir  uint32
	shifted   uint8
	outputs   uint8
	now       int64
	poweredAt int64 // 0: not yet
	story     []string
	released  int64 // when the PHYs left reset
	glitches  int   // changes of the data line while the clock is high
}

const others = 1<<3 | 1<<9 // lines that are somebody else's, one of them an output

func newBoard(t *testing.T) *board {
	return &board{t: t, dr: 1<<9 | power, gdir: 1 << 9, shifted: 0xff, outputs: 0xff, now: 1}
}

// level is that of a line: what is an input is pulled up.
func (b *board) level(line uint32) bool { return b.gdir&line == 0 || b.dr&line != 0 }

func (b *board) resets() uint8 {
	if b.level(enable) {
		return 0 // resistors pull the PHYs' resets down
	}
	return b.outputs & phys
}

func (b *board) Read32(off uint32) uint32 {
	switch off {
	case dr:
		return b.dr
	case gdir:
		return b.gdir
	}
	b.t.Errorf("%#x was read", off)
	return 0
}

func (b *board) Write32(off uint32, v uint32) {
	wasClock, wasLatch, wasData, wasResets := b.level(clock), b.level(latch), b.level(data), b.resets()
	switch off {
	case dr:
		b.dr = v
	case gdir:
		b.gdir = v
	default:
		b.t.Errorf("%#x = %#x", off, v)
	}
	if wasClock && b.level(clock) && wasData != b.level(data) {
		b.glitches++
	}
	if !wasClock && b.level(clock) {
		b.shifted <<= 1
		if b.level(data) {
			b.shifted |= 1
		}
	}
	if !wasLatch && b.level(latch) {
		b.outputs = b.shifted
	}
	if b.poweredAt == 0 && !b.level(power) {
		b.poweredAt = b.now
		b.story = append(b.story, "power")
	}
	if r := b.resets(); r != wasResets {
		if r == phys {
			b.released = b.now
			b.story = append(b.story, "out of reset")
		} else {
			b.story = append(b.story, "in reset")
		}
	}
}

func (b *board) Read8(uint32) uint8     { panic("8 bits") }
func (b *board) Read16(uint32) uint16   { panic("16 bits") }
func (b *board) Write8(uint32, uint8)   { panic("8 bits") }
func (b *board) Write16(uint32, uint16) { panic("16 bits") }

func TestWakePHYs(t *testing.T) {
	b := newBoard(t)
	WakePHYs(b, func(ns int64) { b.now += ns })
	if want := []string{"power", "out of reset"}; !slices.Equal(b.story, want) {
		t.Errorf("what the PHYs see is %q, want %q", b.story, want)
	}
	if reset := b.released - b.poweredAt; reset < 10_000_000 {
		t.Errorf("the reset ends %d ns after the power comes, want 10 ms", reset)
	}
	if wait := b.now - b.released; wait < 100_000 {
		t.Errorf("the PHYs have %d ns until they are asked, want 100 us", wait)
	}
	// Reset of HDMI, radio and camera 0; camera and panel off, CAN asleep.
	if want := uint8(0b1100_1110); b.outputs != want {
		t.Errorf("the shift register has %08b, want %08b", b.outputs, want)
	}
	if b.glitches > 0 {
		t.Errorf("the data line changed %d times while the clock was high", b.glitches)
	}
	if b.dr&others != 1<<9 || b.gdir&others != 1<<9 {
		t.Errorf("lines of others: data %#x, direction %#x", b.dr, b.gdir)
	}
}

// TestPads holds the addresses to Linux's tables, pad by pad.
func TestPads(t *testing.T) {
	if got, want := Pads(false), [5]Pad{
		{0x020e0024, 0x020e02b0, 5, 0x1b0b0},
		{0x020e0038, 0x020e02c4, 5, 0x70a1},
		{0x020e003c, 0x020e02c8, 5, 0x70a1},
		{0x020e0014, 0x020e02a0, 5, 0x70a1},
		{0x020e0018, 0x020e02a4, 5, 0x70a1},
	}; got != want {
		t.Errorf("i.MX 6UltraLite: %#x, want %#x", got, want)
	}
	if got, want := Pads(true), [5]Pad{
		{0x02290010, 0x02290054, 5, 0x1b0b0},
		{0x02290024, 0x02290068, 5, 0x70a1},
		{0x02290028, 0x0229006c, 5, 0x70a1},
		{0x02290000, 0x02290044, 5, 0x70a1},
		{0x02290004, 0x02290048, 5, 0x70a1},
	}; got != want {
		t.Errorf("i.MX 6ULL: %#x, want %#x", got, want)
	}
}
