package source

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestSaidIsWithinItsError: whatever the delays and the drift, a record was said at the time that is
// given, or earlier by no more than the error.
func TestSaidIsWithinItsError(t *testing.T) {
	delays := map[string]func(r *rand.Rand, after time.Duration) time.Duration{
		"none": func(*rand.Rand, time.Duration) time.Duration { return 0 },
		"up to 20 ms": func(r *rand.Rand, _ time.Duration) time.Duration {
			return time.Duration(r.Int64N(int64(20 * time.Millisecond)))
		},
		"up to 0.8 s": func(r *rand.Rand, _ time.Duration) time.Duration {
			return time.Duration(r.Int64N(int64(800 * time.Millisecond)))
		},
		"exponential": func(r *rand.Rand, _ time.Duration) time.Duration {
			return time.Duration(r.ExpFloat64() * float64(50*time.Millisecond))
		},
		"seldom, but long": func(r *rand.Rand, _ time.Duration) time.Duration {
			if r.IntN(20) == 0 {
				return time.Duration(r.Int64N(int64(900 * time.Millisecond)))
			}
			return 0
		},
		"a backlog of a second at first": func(r *rand.Rand, after time.Duration) time.Duration {
			return max(time.Second-after, 0) + time.Duration(r.Int64N(int64(time.Millisecond)))
		},
	}
	for name, delay := range delays {
		for _, ppm := range []int64{-150, 0, 150} {
			for _, every := range []time.Duration{10 * time.Millisecond, time.Second, 20 * time.Second} {
				random := rand.New(rand.NewPCG(1, uint64(ppm+1000)))
				var c clock
				last := time.Duration(0)
				type record struct {
					truth, at time.Time
					usec      uint64
				}
				var records []record
				const count = 3000
				for i := range count {
					after := time.Duration(i) * every
					truth := start.Add(after)
					usec := (after + after*time.Duration(ppm)/1_000_000) / time.Microsecond
					records = append(records, record{truth, truth.Add(delay(random, after)), uint64(usec)})
				}
				slices.SortStableFunc(records, func(a, b record) int { return a.at.Compare(b.at) })
				for i, r := range records {
					c.sample(r.at, r.usec)
					said, earlier := c.said(r.at, r.usec)
					late := said.Sub(r.truth)
					if late < -2*time.Microsecond || late > earlier || said.After(r.at) {
						t.Fatalf("%s, %d ppm, every %v: record %d is said to be %v later than it was, with an error of %v", name, ppm, every, i, late, earlier)
					}
					last = earlier
				}
				if every < time.Second && name != "seldom, but long" && last > 150*time.Millisecond {
					t.Errorf("%s, %d ppm, every %v: the error is still %v at the end", name, ppm, every, last)
				}
			}
		}
	}
}

// TestSaidOfAnOldRecord: what was said long before it came gets the time at which it was said.
func TestSaidOfAnOldRecord(t *testing.T) {
	var c clock
	for i := range 20 {
		c.sample(start.Add(time.Duration(i)*time.Second), uint64(3_600_000_000+i*1_000_000))
	}
	said, earlier := c.said(start.Add(20*time.Second), 1_800_000_000)
	late := said.Sub(start.Add(-30 * time.Minute))
	if late < 0 || late > earlier || earlier > 2*time.Second {
		t.Errorf("%v late, error %v", late, earlier)
	}
}

func TestSaidOfRecords(t *testing.T) {
	j := new(sayings)
	table := NewTable(j, Options{})
	at := start
	for i := range uint64(20) {
		for _, d := range []string{extended(6, i, "x"), basic(i, "x")} {
			from := sender
			if d[0] == '[' {
				from = sealedSender
			}
			table.Datagram(&Datagram{At: at.Add(time.Duration(i) * time.Millisecond), From: from, Data: []byte(d), Size: len(d)})
		}
	}
	table.Datagram(&Datagram{At: at, From: spoofed(1), Data: []byte("no time\n"), Size: 8})
	if len(j.said) != 41 || !j.said[40].IsZero() || !j.said[0].Equal(at) || !j.said[39].Equal(at.Add(19*time.Millisecond)) {
		t.Errorf("said at %v", j.said)
	}
	w := newWorld(t, 1, Options{})
	sealed := new(sayings)
	w.table.sink = sealed
	w.pass(2 * time.Second)
	w.device.Log(6, w.now, "x")
	want := w.now
	w.until(time.Second)
	if got := sealed.said[0].Sub(want); got < 0 || got > 10*time.Millisecond {
		t.Errorf("a sealed record is said to be %v later than it was", got)
	}
}

// sayings is a sink that writes down when records were said.
type sayings struct {
	journal
	said []time.Time
}

func (s *sayings) Record(r *Record) { s.said = append(s.said, r.Said) }

func TestAbsurdTimes(t *testing.T) {
	var c clock
	for _, usec := range []uint64{1 << 63, ^uint64(0), 1 << 52} {
		c.sample(start, usec)
		if said, _ := c.said(start, usec); !said.IsZero() {
			t.Errorf("%d: said at %v", usec, said)
		}
	}
	if fmt.Sprint(c) != fmt.Sprint(clock{}) {
		t.Errorf("the clock is %+v", c)
	}
}
