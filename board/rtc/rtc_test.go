package rtc

import (
	"testing"
	"time"
)

// chip is a clock's registers. Every update changes the seconds.
type chip struct {
	registers [128]uint8
	reads     int
	updates   int // reads between two updates; 0 for none
}

func (c *chip) Read(index uint8) uint8 {
	if c.reads++; c.updates > 0 && c.reads%c.updates == 0 {
		c.registers[seconds]++
	}
	return c.registers[index&0x7f]
}

// clock has the registers from the seconds to the year, mode and century.
func clock(s, m, h, d, month, y, mode, century uint8) *chip {
	c := &chip{}
	for i, v := range map[uint8]uint8{seconds: s, minutes: m, hours: h, day: d, 0x08: month, year: y, statusB: mode, 0x32: century} {
		c.registers[i] = v
	}
	return c
}

func TestRead(t *testing.T) {
	want := time.Date(2026, time.November, 27, 16, 59, 8, 0, time.UTC)
	for _, tt := range []struct {
		name    string
		c       *chip
		century uint8
		want    time.Time
	}{
		{"BCD, 24 hours", clock(0x08, 0x59, 0x16, 0x27, 0x11, 0x26, hours24, 0x20), 0x32, want},
		{"binary", clock(8, 59, 16, 27, 11, 26, hours24|binary, 20), 0x32, want},
		{"12 hours", clock(0x08, 0x59, 0x84, 0x27, 0x11, 0x26, 0, 0x20), 0x32, want},
		{"12 hours, binary", clock(8, 59, 0x84, 27, 11, 26, binary, 20), 0x32, want},
		{"noon", clock(0, 0, 0x92, 1, 1, 0x26, 0, 0x20), 0x32, time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)},
		{"midnight", clock(0, 0, 0x12, 1, 1, 0x26, 0, 0x20), 0x32, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"no century", clock(0x08, 0x59, 0x16, 0x27, 0x11, 0x26, hours24, 0xff), 0, want},
		{"no century, of the last one", clock(0, 0, 0, 1, 1, 0x99, hours24, 0), 0, time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"a century that cannot be", clock(0x08, 0x59, 0x16, 0x27, 0x11, 0x26, hours24, 0x77), 0x32, want},
		{"a century that was never written", clock(0x08, 0x59, 0x16, 0x27, 0x11, 0x26, hours24, 0xff), 0x32, want},
		{"updates in between", func() *chip { c := clock(0x00, 0x59, 0x16, 0x27, 0x11, 0x26, hours24, 0x20); c.updates = 9; return c }(), 0x32, want.Add(-6 * time.Second)},
		{"not set: day 0", clock(0, 0, 0, 0, 0, 0, hours24, 0), 0x32, time.Time{}},
		{"no BCD", clock(0x5a, 0, 0, 1, 1, 0x26, hours24, 0x20), 0x32, time.Time{}},
		{"13 of 12 hours", clock(0, 0, 0x13, 1, 1, 0x26, 0, 0x20), 0x32, time.Time{}},
		{"always updating", func() *chip {
			c := clock(0, 0, 0, 1, 1, 0x26, hours24, 0x20)
			c.registers[statusA] = updating
			return c
		}(), 0x32, time.Time{}},
		{"no two readings alike", func() *chip { c := clock(0, 0, 0, 1, 1, 26, hours24|binary, 20); c.updates = 3; return c }(), 0x32, time.Time{}},
	} {
		got, ok := Read(tt.c, tt.century)
		if !got.Equal(tt.want) || ok == tt.want.IsZero() {
			t.Errorf("%s: %v, %v; want %v", tt.name, got, ok, tt.want)
		}
	}
	floating := &chip{}
	for i := range floating.registers {
		floating.registers[i] = 0xff
	}
	if got, ok := Read(floating, 0x32); ok {
		t.Errorf("where there is no clock it is %v", got)
	}
}
