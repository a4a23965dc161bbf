package trng

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"testing"
)

// A chip plays the generator.
type chip struct {
	t          *testing.T
	now        int64
	foreign    bool // the registers read as 0
	mctl       uint32
	registers  map[uint32]uint32
	numbers    func(n int) uint32
	read       int // words
	looks      int
	blockLooks int    // reads of MCTL until a block is there; 0: never
	bad        uint32 // delays below fail the statistics
	tries      []uint32
}

func newChip(t *testing.T) *chip {
	return &chip{t: t, registers: map[uint32]uint32{}, blockLooks: 100, numbers: func(n int) uint32 { return uint32(n+1) * 0x9e3779b9 }}
}

func (c *chip) Read32(off uint32) uint32 {
	c.now += 100_000
	switch {
	case c.foreign:
		return 0
	case off == rtMCTL:
		if c.mctl&(mctlPRGM|mctlERR|mctlENTVAL) == 0 && c.blockLooks > 0 {
			if c.looks++; c.looks >= c.blockLooks {
				c.looks = 0
				if d := c.registers[rtSDCTL] >> 16; d < c.bad {
					c.mctl |= mctlERR
				} else {
					c.mctl |= mctlENTVAL
				}
			}
		}
		return c.mctl
	case off >= rtENT0 && off < rtENT0+4*words:
		if c.mctl&mctlACC == 0 || c.mctl&mctlENTVAL == 0 {
			c.t.Errorf("word %d was read, and there is none", (off-rtENT0)/4)
			return 0
		}
		if off == rtENT0+4*(words-1) {
			c.mctl &^= mctlENTVAL
		}
		c.read++
		return c.numbers(c.read)
	}
	c.t.Errorf("%#x was read", off)
	return 0
}

func (c *chip) Write32(off uint32, v uint32) {
	switch {
	case c.foreign:
	case off == rtMCTL:
		if v&mctlERR != 0 {
			c.mctl &^= mctlERR
		}
		if v&mctlPRGM != 0 {
			c.looks, c.mctl = 0, c.mctl&^mctlENTVAL
		} else if c.mctl&mctlPRGM != 0 {
			c.tries = append(c.tries, c.registers[rtSDCTL])
		}
		const kept = mctlERR | mctlENTVAL
		c.mctl = c.mctl&kept | v&^(kept|mctlRSTDEF)
	default:
		if c.mctl&mctlPRGM == 0 {
			c.t.Errorf("%#x = %#x while it runs", off, v)
		}
		c.registers[off] = v
	}
}

func (c *chip) Read8(uint32) uint8     { panic("8 bits") }
func (c *chip) Read16(uint32) uint16   { panic("16 bits") }
func (c *chip) Write8(uint32, uint8)   { panic("8 bits") }
func (c *chip) Write16(uint32, uint16) { panic("16 bits") }

func TestSeed(t *testing.T) {
	for _, bad := range []uint32{0, 3900} {
		c := newChip(t)
		c.bad = bad
		seed, err := Seed(c, func() int64 { return c.now })
		if err != nil {
			t.Fatal(err)
		}
		var raw []byte
		for i := range words * blocks {
			raw = binary.LittleEndian.AppendUint32(raw, c.numbers(i+1))
		}
		if want := sha256.Sum256(raw); seed != want {
			t.Errorf("the seed is %x, want the digest of all words, %x", seed, want)
		}
		if last := c.tries[len(c.tries)-1]; last>>16 < bad || last&0xffff != samples || c.mctl&mctlACC != 0 {
			t.Errorf("RTSDCTL was %#x, MCTL is left at %#x", last, c.mctl)
		}
	}
}

// TestFailures: each is told in a bounded time, without a seed.
func TestFailures(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*chip)
		want   error
		most   int64 // ns
	}{
		"another world's": {func(c *chip) { c.foreign = true }, ErrAccess, 1_000_000},
		"never a block":   {func(c *chip) { c.blockLooks = 0 }, ErrEntropy, 5_010_000_000},
		"bad statistics":  {func(c *chip) { c.bad = 1 << 16 }, ErrEntropy, 5_010_000_000},
		"stuck":           {func(c *chip) { c.numbers = func(int) uint32 { return 0x55555555 } }, ErrRepeats, 200_000_000},
		"zeros":           {func(c *chip) { c.numbers = func(int) uint32 { return 0 } }, ErrRepeats, 200_000_000},
	} {
		c := newChip(t)
		tt.change(c)
		seed, err := Seed(c, func() int64 { return c.now })
		if !errors.Is(err, tt.want) || seed != [32]byte{} {
			t.Errorf("%s: %x, %v, want %v", name, seed, err, tt.want)
		}
		if c.now > tt.most {
			t.Errorf("%s: it took %d ns, want %d at the most", name, c.now, tt.most)
		}
	}
}

// TestClockStands: without a clock the waits end as well.
func TestClockStands(t *testing.T) {
	c := newChip(t)
	c.blockLooks = 0
	if _, err := Seed(c, func() int64 { return 0 }); !errors.Is(err, ErrEntropy) {
		t.Errorf("%v, want %v", err, ErrEntropy)
	}
}
