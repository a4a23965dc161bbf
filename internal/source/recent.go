package source

import (
	"hash/maphash"
	"time"
)

// recent remembers the newest records of a sender, to know a duplicate from a reboot. It grows as
// they come, as far as the sender's memory allows.
type recent struct {
	memory *memory
	seen   []trace
	tight  bool // there was no memory to grow
}

type trace struct {
	seq, time uint64
	at        int64 // nanoseconds, of the receiver's clock
	hash      uint32
	used      bool
}

const (
	// recentSize is how many records are remembered.
	recentSize = 2048
	// leastRecent is how many are remembered at first.
	leastRecent = 8
	traceSize   = 32
	// duplicateWindow is how long after a record its duplicate is taken for one: networks double
	// at once, while a machine that boots the same way twice says the same thing again later.
	duplicateWindow = time.Second
)

var seed = maphash.MakeSeed()

func hash(text []byte) uint32 { return uint32(maphash.Bytes(seed, text)) }

func (t *trace) fresh(r *Record) bool { return r.At.UnixNano()-t.at <= int64(duplicateWindow) }

// reach is how far back numbers are remembered.
func (c *recent) reach() uint64 {
	if c.tight {
		return uint64(len(c.seen))
	}
	return recentSize
}

// slot is where a number is remembered; there are some.
func (c *recent) slot(seq uint64) *trace { return &c.seen[seq%uint64(len(c.seen))] }

// remember takes r as seen.
func (c *recent) remember(r *Record) {
	for c.seen == nil || c.slot(r.Seq).used && c.slot(r.Seq).seq != r.Seq && len(c.seen) < recentSize {
		if !c.grow() {
			break
		}
	}
	*c.slot(r.Seq) = trace{r.Seq, r.Time, r.At.UnixNano(), hash(r.Text), true}
}

// grow doubles what is remembered, if there is memory.
func (c *recent) grow() bool {
	if c.seen == nil {
		c.memory.force(leastRecent * traceSize)
		c.seen = make([]trace, leastRecent)
		return true
	}
	if c.tight = !c.memory.take(len(c.seen) * traceSize); c.tight {
		return false
	}
	old := c.seen
	c.seen = make([]trace, 2*len(old))
	for i := range old {
		if t := &old[i]; t.used {
			*c.slot(t.seq) = *t
		}
	}
	return true
}

// forget begins anew.
func (c *recent) forget() {
	c.memory.giveBack(len(c.seen) * traceSize)
	c.seen, c.tight = nil, false
}

// find returns what was seen under a number, nil if nothing was.
func (c *recent) find(seq uint64) *trace {
	if c.seen == nil {
		return nil
	}
	if t := c.slot(seq); t.used && t.seq == seq {
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
func (t *trace) duplicate(r *Record) bool { return t.fresh(r) && t.same(r) }

// same says whether t is the record r, or one that another boot said in the same way.
func (t *trace) same(r *Record) bool { return t.time == r.Time && t.hash == hash(r.Text) }

// below returns the nearest one seen under a smaller number, nil if there is none.
func (c *recent) below(seq uint64) *trace {
	for n := uint64(1); n < c.reach() && n <= seq; n++ {
		if t := c.find(seq - n); t != nil {
			return t
		}
	}
	return nil
}

// above returns the nearest one seen under a greater number up to last, nil if there is none.
func (c *recent) above(seq, last uint64) *trace {
	for n := uint64(1); n < c.reach() && n <= last-seq; n++ {
		if t := c.find(seq + n); t != nil {
			return t
		}
	}
	return nil
}
