// Package stamp writes times of receipt fast: what does not change within a second is kept.
package stamp

import "time"

// Stamp is a way of writing times. It is for one goroutine.
type Stamp struct {
	layout string
	digits int
	suffix string
	zone   *time.Location

	second int64
	prefix []byte // of that second, empty if there is none
}

// New returns a stamp that writes times as in zone: by layout (package time) up to the second, then a
// point and so many digits, 1 to 9, of its fraction, cut and not rounded, then suffix.
func New(layout string, digits int, suffix string, zone *time.Location) *Stamp {
	return &Stamp{layout: layout, digits: digits, suffix: suffix, zone: zone}
}

// UTC returns a stamp as RFC 3339 has it, with a Z: 2026-11-23T12:00:00.123456Z for 6 digits.
func UTC(digits int) *Stamp { return New("2006-01-02T15:04:05", digits, "Z", time.UTC) }

// Append appends t.
func (s *Stamp) Append(dst []byte, t time.Time) []byte {
	if second := t.Unix(); second != s.second || len(s.prefix) == 0 {
		s.second = second
		s.prefix = append(t.In(s.zone).AppendFormat(s.prefix[:0], s.layout), '.')
	}
	dst = append(dst, s.prefix...)
	const most = 9
	var digits [most]byte
	for i, n := most-1, t.Nanosecond(); i >= 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	dst = append(dst, digits[:s.digits]...)
	return append(dst, s.suffix...)
}
