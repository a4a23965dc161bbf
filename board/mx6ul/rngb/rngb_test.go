package rngb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

// A chip plays RNGB: what it takes time for is done some reads of SR later. A wrong order gives an error, as the manual's does.
type chip struct {
	t           *testing.T
	now         int64
	slow        int64 // what a read of SR takes, in ns
	pending     uint32
	after       int
	sr, esr, cr uint32
	tested      bool
	seeded      bool
	badSeeds    int // seeds that fail the statistics first
	seedError   uint32
	selfTest    uint32 // srSTPF bits
	never       uint32 // bits that never come
	numbers     func(n int) uint32
	drawn       int
	failsBehind int // words; 0: never
	level       int
	emptyReads  int
	empty       bool // the FIFO stays so
	seedsAsked  int
}

func newChip(t *testing.T) *chip {
	return &chip{t: t, slow: 1_000, numbers: func(n int) uint32 { return uint32(n+1) * 0x9e3779b9 }}
}

func (c *chip) Read32(off uint32) uint32 {
	c.now += c.slow
	switch off {
	case rngSR:
		if c.pending != 0 {
			if c.after--; c.after <= 0 {
				c.sr |= c.pending &^ c.never
				c.pending = 0
			}
		}
		level := uint32(0)
		if c.seeded && !c.empty && c.sr&srERR == 0 {
			if c.level == 0 {
				if c.emptyReads++; c.emptyReads%3 == 0 {
					c.level = 5
				}
			}
			level = uint32(c.level) << 8
		}
		return c.sr | level
	case rngESR:
		return c.esr
	case rngCR:
		return c.cr
	case rngOUT:
		if c.level == 0 {
			c.t.Error("the FIFO was read when it was empty")
			return 0
		}
		c.level--
		c.drawn++
		if c.failsBehind > 0 && c.drawn == c.failsBehind {
			c.sr |= srERR
		}
		return c.numbers(c.drawn)
	}
	c.t.Errorf("%#x was read", off)
	return 0
}

func (c *chip) Write32(off uint32, v uint32) {
	switch off {
	case rngCR:
		c.cr = v
	case rngCMD:
		if v&cmdSR != 0 {
			c.sr, c.esr, c.tested, c.seeded, c.level, c.pending = 0, 0, false, false, 0, 0
		}
		if v&cmdCE != 0 {
			c.sr &^= srERR
			c.esr = 0
		}
		if v&cmdST != 0 {
			c.tested = true
			c.pending, c.after = srSTDN|c.selfTest, 5
		}
		if v&cmdGS != 0 {
			c.seedsAsked++
			if !c.tested {
				c.t.Error("a seed before the self-test")
			}
			c.pending, c.after = srSDN, 50
			switch {
			case c.badSeeds > 0:
				c.badSeeds--
				c.pending, c.esr = srERR, esrSTAT
			case c.seedError != 0:
				c.pending, c.esr = srERR, c.seedError
			default:
				c.seeded = c.never&srSDN == 0
			}
		}
	default:
		c.t.Errorf("%#x = %#x", off, v)
	}
}

func (c *chip) Read8(uint32) uint8     { panic("8 bits") }
func (c *chip) Read16(uint32) uint16   { panic("16 bits") }
func (c *chip) Write8(uint32, uint8)   { panic("8 bits") }
func (c *chip) Write16(uint32, uint16) { panic("16 bits") }

func TestRead(t *testing.T) {
	for _, n := range []int{0, 1, 4, 7, 4096} {
		c := newChip(t)
		c.badSeeds = 3
		b := make([]byte, n)
		if err := Read(c, func() int64 { return c.now }, b); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		var want []byte
		for i := 1; len(want) < n; i++ {
			want = binary.LittleEndian.AppendUint32(want, c.numbers(i))
		}
		if !bytes.Equal(b, want[:n]) {
			t.Errorf("%d bytes: % x, want % x", n, b[:min(n, 16)], want[:min(n, 16)])
		}
		if c.cr&crAR == 0 || c.cr&crMask != crMask {
			t.Errorf("CR is %#x: it interrupts, or makes no seed when it is time", c.cr)
		}
	}
}

// TestFailures: each is told in a bounded time, and no byte is given.
func TestFailures(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*chip)
		want   error
		most   int64 // ns
	}{
		"the self-test never ends":   {func(c *chip) { c.never = srSTDN }, ErrSelfTest, 11_000_000},
		"it fails":                   {func(c *chip) { c.selfTest = 2 << 21 }, ErrSelfTest, 1_000_000},
		"an error in it":             {func(c *chip) { c.selfTest = srERR }, ErrSelfTest, 1_000_000},
		"no seed":                    {func(c *chip) { c.never = srSDN }, ErrSeed, 201_000_000},
		"bad seeds only":             {func(c *chip) { c.badSeeds = 1000 }, ErrSeed, 2_000_000_000},
		"another error in making it": {func(c *chip) { c.seedError = esrSTAT | 1 }, ErrSeed, 1_000_000},
		"an error in the middle":     {func(c *chip) { c.failsBehind = 7 }, ErrNumbers, 1_000_000},
		"no numbers":                 {func(c *chip) { c.empty = true }, ErrNumbers, 2_000_000},
		"always the same":            {func(c *chip) { c.numbers = func(int) uint32 { return 0x1234 } }, ErrRepeats, 1_000_000},
		"always 0":                   {func(c *chip) { c.numbers = func(int) uint32 { return 0 } }, ErrRepeats, 1_000_000},
		"no module":                  {func(c *chip) { c.never = ^uint32(0) }, ErrSelfTest, 11_000_000},
	} {
		c := newChip(t)
		tt.change(c)
		b := bytes.Repeat([]byte{0xaa}, 64)
		if err := Read(c, func() int64 { return c.now }, b); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if !bytes.Equal(b, make([]byte, 64)) {
			t.Errorf("%s: there are bytes: % x", name, b)
		}
		if c.now > tt.most {
			t.Errorf("%s: it took %d ns, want %d at the most", name, c.now, tt.most)
		}
		if c.seedsAsked > seedTries {
			t.Errorf("%s: %d seeds were asked for", name, c.seedsAsked)
		}
	}
}

// TestClockStands: without a clock the waits end as well.
func TestClockStands(t *testing.T) {
	c := newChip(t)
	c.never = srSTDN
	if err := Read(c, func() int64 { return 0 }, make([]byte, 4)); !errors.Is(err, ErrSelfTest) {
		t.Errorf("%v, want %v", err, ErrSelfTest)
	}
}
