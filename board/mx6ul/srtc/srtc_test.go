package srtc

import (
	"testing"
	"time"
)

// A counter plays SNVS. Between two reads of a register it may go on.
type counter struct {
	runs  uint32
	value uint64
	steps []uint64 // added before each read of a half, one after the other
	reads int
}

func (c *counter) Read32(off uint32) uint32 {
	if off == lpcr {
		return c.runs
	}
	if c.reads < len(c.steps) {
		c.value += c.steps[c.reads]
	}
	c.reads++
	switch off {
	case srtcmr:
		return uint32(c.value>>32) | 0xffff8000 // bits that are none
	case srtclr:
		return uint32(c.value)
	}
	panic("no such register")
}

func (c *counter) Write32(uint32, uint32) { panic("written") }
func (c *counter) Read8(uint32) uint8     { panic("8 bits") }
func (c *counter) Read16(uint32) uint16   { panic("16 bits") }
func (c *counter) Write8(uint32, uint8)   { panic("8 bits") }
func (c *counter) Write16(uint32, uint16) { panic("16 bits") }

func TestRead(t *testing.T) {
	at := time.Date(2026, time.November, 27, 8, 30, 0, 0, time.UTC)
	set := uint64(at.Unix()) * hz
	always := make([]uint64, 1000)
	for i := range always {
		always[i] = 1
	}
	half := uint64(1)<<32 - 1
	for name, tt := range map[string]struct {
		c    counter
		want time.Time
	}{
		"set":                      {counter{runs: 0xffffffff, value: set}, at},
		"a quarter of a second on": {counter{runs: 1, value: set + hz/4}, at.Add(time.Second / 4)},
		"carried between halves":   {counter{runs: 1, value: half, steps: []uint64{0, 1}}, time.Unix(1<<32/hz, 0)},
		"going on now and then":    {counter{runs: 1, value: set - 3, steps: []uint64{1, 0, 1, 0, 0, 1}}, at},
		"not counting":             {counter{value: set}, time.Unix(0, 0)},
		"never twice the same":     {counter{runs: 1, value: set, steps: always}, time.Unix(0, 0)},
		"never set":                {counter{runs: 1}, time.Unix(0, 0)},
	} {
		c := tt.c
		if got := time.Unix(0, Read(&c)); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", name, got.UTC(), tt.want.UTC())
		}
		if c.reads > 2*(maxReads+1) {
			t.Errorf("%s: %d reads", name, c.reads)
		}
	}
}
