// Package rtc reads a PC's real-time clock (Motorola MC146818A data sheet). What it says
// is checked: where there is none, all bits read as one.
package rtc

import "time"

// Registers are those of the clock and its memory, by their index.
type Registers interface {
	Read(index uint8) uint8
}

const (
	seconds = 0x00
	minutes = 0x02
	hours   = 0x04
	day     = 0x07 // of the month
	month   = 0x08
	year    = 0x09
	statusA = 0x0a
	statusB = 0x0b

	updating  = 1 << 7 // UIP, of A
	hours24   = 1 << 1 // of B
	binary    = 1 << 2 // DM, of B: not BCD
	afternoon = 1 << 7 // of the hours, with 12 of them

	// An update takes 2 ms at the most, and begins 244 us after UIP is set.
	maxTries = 10_000
)

// Read returns the time that the clock tells, taken for UTC. century is the index of the
// century's register as ACPI's FADT has it, 0 for none. ok is false if there is no clock, or it is not set.
func Read(r Registers, century uint8) (t time.Time, ok bool) {
	last := [7]uint8{}
	for range maxTries {
		if r.Read(statusA)&updating != 0 {
			continue
		}
		now := [7]uint8{r.Read(seconds), r.Read(minutes), r.Read(hours), r.Read(day), r.Read(month), r.Read(year)}
		if century != 0 {
			now[6] = r.Read(century)
		}
		if now == last { // no update in between
			return decode(now, r.Read(statusB), century != 0)
		}
		last = now
	}
	return time.Time{}, false
}

func decode(raw [7]uint8, mode uint8, hasCentury bool) (t time.Time, ok bool) {
	pm := mode&hours24 == 0 && raw[2]&afternoon != 0
	if mode&hours24 == 0 {
		raw[2] &^= afternoon
	}
	var v [7]int
	for i, b := range raw {
		if v[i] = int(b); mode&binary == 0 {
			if b&0xf > 9 || b>>4 > 9 {
				if i < len(v)-1 {
					return time.Time{}, false
				}
				b = 0 // the century's is no register of the clock's, but memory, which may never have been written
			}
			v[i] = int(b>>4)*10 + int(b&0xf)
		}
	}
	hour := v[2]
	if mode&hours24 == 0 {
		if hour < 1 || hour > 12 {
			return time.Time{}, false
		}
		if hour %= 12; pm {
			hour += 12
		}
	}
	century := v[6]
	if !hasCentury || century < 19 || century > 21 {
		if century = 20; v[5] >= 90 {
			century = 19
		}
	}
	if v[0] > 59 || v[1] > 59 || hour > 23 || v[3] < 1 || v[3] > 31 || v[4] < 1 || v[4] > 12 || v[5] > 99 {
		return time.Time{}, false
	}
	return time.Date(century*100+v[5], time.Month(v[4]), v[3], hour, v[1], v[0], 0, time.UTC), true
}
