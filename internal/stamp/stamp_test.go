package stamp

import (
	"testing"
	"time"
)

func TestAppendIsWhatTimeFormats(t *testing.T) {
	zone := time.FixedZone("x", 5400)
	for _, test := range []struct {
		stamp  *Stamp
		layout string
		zone   *time.Location
	}{
		{UTC(6), "2006-01-02T15:04:05.000000Z", time.UTC},
		{UTC(9), "2006-01-02T15:04:05.000000000Z", time.UTC},
		{New("15:04:05", 3, "", zone), "15:04:05.000", zone},
	} {
		at := time.Date(2026, 11, 23, 23, 59, 58, 0, zone)
		for range 2000 {
			at = at.Add(1234567 * time.Nanosecond)
			if got, want := string(test.stamp.Append(nil, at)), at.In(test.zone).Format(test.layout); got != want {
				t.Fatalf("%s, want %s", got, want)
			}
		}
		for _, at := range []time.Time{{}, time.Unix(0, 0), time.Unix(-1, 999_999_999), at} {
			if got, want := string(test.stamp.Append(nil, at)), at.In(test.zone).Format(test.layout); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	s, at := UTC(6), time.Unix(1_700_000_000, 0)
	buf := make([]byte, 0, 64)
	b.ReportAllocs()
	for range b.N {
		at = at.Add(time.Microsecond)
		buf = s.Append(buf[:0], at)
	}
}
