package uefi

import (
	"testing"
	"time"
	"unsafe"
)

func TestTimeOfDay(t *testing.T) {
	good := Time{Year: 2026, Month: 11, Day: 27, Hour: 16, Minute: 59, Second: 8, Nanosecond: 999_999_999, Zone: unspecifiedZone}
	want := time.Date(2026, time.November, 27, 16, 59, 8, 999_999_999, time.UTC)
	for _, tt := range []struct {
		name   string
		change func(c *Time)
		want   time.Time // zero: none
	}{
		{"without a zone", func(c *Time) {}, want},
		{"UTC", func(c *Time) { c.Zone = 0 }, want},
		{"Pacific standard time: local = UTC - zone", func(c *Time) { c.Zone = 480 }, want.Add(8 * time.Hour)},
		{"east of Greenwich", func(c *Time) { c.Zone = -60 }, want.Add(-time.Hour)},
		{"summer, which is in the zone", func(c *Time) { c.Zone, c.Daylight = 420, 3 }, want.Add(7 * time.Hour)},
		{"the ends of the earth", func(c *Time) { c.Zone = -mostZone }, want.Add(-24 * time.Hour)},
		{"beyond", func(c *Time) { c.Zone = mostZone + 1 }, time.Time{}},
		{"beyond, to the other side", func(c *Time) { c.Zone = -mostZone - 1 }, time.Time{}},
		{"a leap day", func(c *Time) { c.Year, c.Month, c.Day = 2028, 2, 29 }, want.AddDate(0, 0, 459)},
		{"a leap day in another year", func(c *Time) { c.Month, c.Day = 2, 29 }, time.Time{}},
		{"November 31", func(c *Time) { c.Day = 31 }, time.Time{}},
		{"day 0", func(c *Time) { c.Day = 0 }, time.Time{}},
		{"month 0", func(c *Time) { c.Month = 0 }, time.Time{}},
		{"month 13", func(c *Time) { c.Month = 13 }, time.Time{}},
		{"hour 24", func(c *Time) { c.Hour = 24 }, time.Time{}},
		{"minute 60", func(c *Time) { c.Minute = 60 }, time.Time{}},
		{"second 60", func(c *Time) { c.Second = 60 }, time.Time{}},
		{"a whole second of nanoseconds", func(c *Time) { c.Nanosecond = 1_000_000_000 }, time.Time{}},
		{"all ones", func(c *Time) {
			*c = Time{Year: 0xffff, Month: 0xff, Day: 0xff, Hour: 0xff, Minute: 0xff, Second: 0xff, Nanosecond: ^uint32(0), Zone: -1}
		}, time.Time{}},
		{"before 1970", func(c *Time) { c.Year = 1969 }, time.Time{}},
		{"before 1970 by its zone", func(c *Time) { *c = Time{Year: 1970, Month: 1, Day: 1, Zone: -60} }, time.Time{}},
		{"the last year", func(c *Time) { c.Year = lastYear }, want.AddDate(235, 0, 0)},
		{"beyond what nanoseconds reach", func(c *Time) { c.Year = lastYear + 1 }, time.Time{}},
	} {
		h := handOver()
		h.Clock = Clock{Time: good, Counter: 77}
		tt.change(&h.Clock.Time)
		ns, counter, ok := h.TimeOfDay()
		if ok == tt.want.IsZero() || ok && (ns != tt.want.UnixNano() || counter != 77) {
			t.Errorf("%s: %v at %d, %v; want %v", tt.name, time.Unix(0, ns).UTC(), counter, ok, tt.want)
		}
	}
	h := handOver()
	h.Clock.Time = good
	if _, _, ok := h.TimeOfDay(); ok {
		t.Error("firmware that did not answer has a time")
	}
	h.Clock.Counter, h.Magic = 77, 0
	if _, _, ok := h.TimeOfDay(); ok {
		t.Error("a machine without UEFI has its time")
	}
}

// TestTimeLayout: firmware writes into the structures.
func TestTimeLayout(t *testing.T) {
	var c Clock
	for _, tt := range []struct {
		name      string
		got, want uintptr
	}{
		{"EFI_TIME", unsafe.Sizeof(c.Time), 16},
		{"Nanosecond", unsafe.Offsetof(c.Time.Nanosecond), 8},
		{"TimeZone", unsafe.Offsetof(c.Time.Zone), 12},
		{"Daylight", unsafe.Offsetof(c.Time.Daylight), 14},
		{"EFI_TIME_CAPABILITIES", unsafe.Sizeof(c.Capabilities), 12},
		{"SetsToZero", unsafe.Offsetof(c.Capabilities.SetsToZero), 8},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, tt.got, tt.want)
		}
	}
}

func FuzzTimeOfDay(f *testing.F) {
	f.Add(make([]byte, 16))
	f.Fuzz(func(t *testing.T, b []byte) {
		h := handOver()
		h.Clock.Counter = 1
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&h.Clock.Time)), unsafe.Sizeof(h.Clock.Time)), b)
		if ns, _, ok := h.TimeOfDay(); ok && ns <= 0 {
			t.Errorf("%+v is %d", h.Clock.Time, ns)
		}
	})
}
