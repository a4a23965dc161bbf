package source

import (
	"hash/maphash"
	"time"
)

// recent remembers the newest records of a sender, to know a duplicate from a reboot.
type recent struct{ seen []trace }

type trace struct {
	seq, time uint64
	at        int64 // nanoseconds, of the receiver's clock
	hash      uint32
	used      bool
}

const (
	// recentSize is how many records are remembered.
	recentSize = 2048
	// duplicateWindow is how long after a record its duplicate is taken for one: networks double
	// at once, while a machine that boots the same way twice says the same thing again later.
	duplicateWindow = time.Second
)

var seed = maphash.MakeSeed()

func hash(text []byte) uint32 { return uint32(maphash.Bytes(seed, text)) }

func (t *trace) fresh(r *Record) bool { return r.At.UnixNano()-t.at <= int64(duplicateWindow) }

// remember takes r as seen.
func (c *recent) remember(r *Record) {
	if c.seen == nil {
		c.seen = make([]trace, recentSize)
	}
	c.seen[r.Seq%recentSize] = trace{r.Seq, r.Time, r.At.UnixNano(), hash(r.Text), true}
}

// find returns what was seen under a number, nil if nothing was.
func (c *recent) find(seq uint64) *trace {
	if c.seen == nil {
		return nil
	}
	if t := &c.seen[seq%recentSize]; t.used && t.seq == seq {
		return t
	}
	return nil
}

// has says whether a record with the number and time of r was seen just now, whatever its text.
func (c *recent) has(r *Record) bool {
	t := c.find(r.Seq)
	return t != nil && t.time == r.Time && t.fresh(r)
}

// duplicate says whether t is the record r come a second time.
func (t *trace) duplicate(r *Record) bool {
	return t.time == r.Time && t.fresh(r) && t.hash == hash(r.Text)
}

// below returns the nearest one seen under a smaller number, nil if there is none.
func (c *recent) below(seq uint64) *trace {
	for n := uint64(1); n < recentSize && n <= seq; n++ {
		if t := c.find(seq - n); t != nil {
			return t
		}
	}
	return nil
}

// above returns the nearest one seen under a greater number up to last, nil if there is none.
func (c *recent) above(seq, last uint64) *trace {
	for n := uint64(1); n < recentSize && n <= last-seq; n++ {
		if t := c.find(seq + n); t != nil {
			return t
		}
	}
	return nil
}
