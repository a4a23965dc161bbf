package netlog

import "sync/atomic"

const (
	// Records is how many records the ring holds.
	Records = 1024
	// TextSize is how many bytes of text one record holds; longer text goes on
	// in further records, marked as continuations.
	TextSize = 960
)

// A slot is one record's memory.
type slot struct {
	time   uint64 // microseconds since boot
	length uint16
	level  Level
	cont   bool
	text   [TextSize]byte
}

// A ring keeps the newest records. A record's sequence number is its position,
// so a gap in the numbers is a record that is gone.
//
// Any context may write at any instruction of another write: each takes a
// number of its own. The stamps lie apart from the text, so that no text can
// pass for one. A slot's stamp is 0 before its first use, 2*seq+1 while seq is
// being written, 2*seq+2 when it is complete.
//
// A writer that is held up for a whole turn of the ring keeps its slot, and
// the numbers that fall on it meanwhile are given up: void then holds the
// newest such number plus one. That way nobody writes where another still does.
//
// The reader's check (stamp, copy, stamp) relies on the order in which one CPU
// sees its own stores, and between several on that of x86.
type ring struct {
	head   atomic.Uint64 // the next record's number
	spare  uint64        // slots not in use; what is in use is a power of two
	stamps [Records]atomic.Uint64
	void   [Records]atomic.Uint64
	slots  [Records]slot
}

func (r *ring) capacity() uint64 { return Records - r.spare }

func (r *ring) index(seq uint64) uint64 { return seq &^ r.spare % Records }

func writing(seq uint64) uint64  { return 2*seq + 1 }
func complete(seq uint64) uint64 { return 2*seq + 2 }

// reserve takes the next number and its slot. It fails only if writers that
// are held up own every slot.
func (r *ring) reserve() (uint64, bool) {
	for range min(r.capacity(), Records) {
		seq := r.head.Add(1) - 1
		if r.claim(seq) {
			return seq, true
		}
	}
	return 0, false
}

// claim makes the slot seq falls on this writer's, or gives seq up.
func (r *ring) claim(seq uint64) bool {
	i := r.index(seq)
	for {
		stamp := r.stamps[i].Load()
		if stamp > complete(seq) {
			return false
		}
		if stamp&1 != 0 {
			r.abandon(seq)
			return false
		}
		if r.stamps[i].CompareAndSwap(stamp, writing(seq)) {
			return true
		}
	}
}

func (r *ring) abandon(seq uint64) {
	v := &r.void[r.index(seq)]
	for {
		newest := v.Load()
		if newest > seq || v.CompareAndSwap(newest, seq+1) {
			return
		}
	}
}

// seize takes number seq, which was the next, and its slot whoever owns it. It is
// for the crash path, where no other writer will ever run again and a fault may
// come between any two instructions: doing it twice does no harm.
func (r *ring) seize(seq uint64) {
	r.head.Store(seq + 1)
	r.stamps[r.index(seq)].Store(writing(seq))
}

// mendLooks is how many numbers in a row writers may have just taken without
// having got as far as a stamp.
const mendLooks = 16

// mend makes the ring's state one that seize and the readers can rely on, if
// something has overwritten it: numbers go on behind those that were read last.
func (r *ring) mend(read uint64) {
	if c := r.capacity(); c > Records || c&(c-1) != 0 || c < 2 {
		r.spare = 0
	}
	head := r.head.Load()
	if head == 0 && read == 0 {
		return
	}
	const plausible = 1 << 48
	for seq := head; seq > 0 && seq < plausible && head-seq < mendLooks; seq-- {
		i := r.index(seq - 1)
		if stamp := r.stamps[i].Load(); stamp == complete(seq-1) || stamp == writing(seq-1) || r.void[i].Load() == seq {
			if read <= head {
				return
			}
			break
		}
	}
	if read > plausible {
		read = 0
	}
	r.head.Store(read + 2*Records)
}

// commit hands a reserved record, filled, to the readers.
func (r *ring) commit(seq uint64) {
	r.stamps[r.index(seq)].Store(complete(seq))
}

// fill writes a reserved record and returns how much of text it took.
func (r *ring) fill(seq, time uint64, level Level, cont bool, text []byte) int {
	n := min(len(text), TextSize)
	s := &r.slots[r.index(seq)]
	s.describe(time, level, cont, n)
	return copyText(s.text[:], text)
}

// describe writes a reserved record but for its text, of n bytes.
//
// The race detector cannot know that stamps guard a slot.
//
//go:norace
func (s *slot) describe(time uint64, level Level, cont bool, n int) {
	s.time, s.level, s.cont, s.length = time, level, cont, uint16(n)
}

// cut makes the text of a reserved record shorter.
//
//go:norace
func (s *slot) cut(n int) { s.length = uint16(n) }

// levelAndLength are those of a slot's record, which another context may change.
//
//go:norace
func (s *slot) levelAndLength() (Level, int) { return s.level, int(s.length) }

// about is what a slot says of its record, which another context may change.
//
//go:norace
func (s *slot) about() (time uint64, level Level, cont bool) { return s.time, s.level, s.cont }

type state uint8

const (
	absent  state = iota // not written yet
	pending              // being written
	ready
	gone // overwritten or given up
)

// state tells what became of number seq.
func (r *ring) state(seq uint64) state {
	i := r.index(seq)
	stamp := r.stamps[i].Load()
	switch {
	case stamp == complete(seq):
		return ready
	case seq >= r.head.Load(): // looked at first, or garbage could be gone without end
		return absent
	case stamp > complete(seq), r.void[i].Load() > seq:
		return gone
	}
	return pending
}

// look is the slot of record seq, nil if that is not ready. What was read there counts if the record is kept
// afterwards.
func (r *ring) look(seq uint64) *slot {
	i := r.index(seq)
	if r.stamps[i].Load() != complete(seq) {
		return nil
	}
	return &r.slots[i]
}

// keeps tells whether record seq is ready, and so was all the time since look gave its slot.
func (r *ring) keeps(seq uint64) bool { return r.stamps[r.index(seq)].Load() == complete(seq) }

// read copies record seq. It fails if the record is not ready or is overwritten
// meanwhile.
func (r *ring) read(seq uint64, to *slot) bool {
	stamp := &r.stamps[r.index(seq)]
	if stamp.Load() != complete(seq) {
		return false
	}
	r.copyOut(seq, to)
	return stamp.Load() == complete(seq)
}

//go:norace
func (r *ring) copyOut(seq uint64, to *slot) {
	s := &r.slots[r.index(seq)]
	n := min(s.length, TextSize)
	to.time, to.level, to.cont, to.length = s.time, s.level, s.cont, n
	copyText(to.text[:n], s.text[:n])
}

// oldest is the lowest number that can still be in the ring.
func (r *ring) oldest() uint64 {
	head := r.head.Load()
	if head < r.capacity() {
		return 0
	}
	return head - r.capacity()
}

// level is that of a ready record.
//
//go:norace
func (r *ring) level(seq uint64) Level { return r.slots[r.index(seq)].level }
