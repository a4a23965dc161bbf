package source

import (
	"slices"
	"time"

	"gasp/netlog/wire"
)

// sequence brings the records of a boot into their order. What is missing is waited for until it comes,
// or the device says what became of it, or is not heard any more.
type sequence struct {
	machine *machine
	oneWay  bool
	next    uint64  // awaited: what became of all numbers below is known
	known   uint64  // the numbers below were given to something
	ahead   []place // what is known from next on, by number, apart from each other, none at next
	asked   uint64  // the numbers below that are missing were asked for
	stuck   time.Time
	// owed are numbers below next that were given up while the device may still have them, gone those
	// that it does not have; one that comes nevertheless is late.
	owed, gone spans
}

// place is what is known of some numbers.
type place struct {
	Span
	fate   fate
	record *Record
}

// fate is what became of a number.
type fate uint8

const (
	here     fate = iota // the record is
	shown                // it was shown already
	heldBack             // the sender kept it back on purpose
	gone                 // the sender does not have it any more
)

const (
	// maxAhead is how many places are kept of numbers that are ahead.
	maxAhead = 1024
	// maxOwed is how many runs of numbers that were given up are remembered.
	maxOwed   = 64
	placeSize = 48
)

// missing says whether something is: in front of what is ahead there is always a hole.
func (q *sequence) missing() bool { return q.next < q.known }

// exists learns that the numbers below next were given to something.
func (q *sequence) exists(next uint64, at time.Time) {
	if !q.missing() {
		q.stuck = at
	}
	q.known = max(q.known, next)
}

// record takes a record. The headline of a crash does not wait for its turn.
func (q *sequence) record(r *Record) {
	m := q.machine
	stats := &m.table.stats
	if q.has(r.Seq) {
		stats.Duplicates++
		return
	}
	if r.Seq < q.asked {
		stats.Repaired++
	}
	if r.Seq < q.next {
		this := Span{r.Seq, r.Seq}
		q.owed.remove(this)
		stats.Gone -= min(stats.Gone, q.gone.remove(this))
		r.Late = true
		m.deliver(r)
		return
	}
	q.exists(r.Seq+1, r.At)
	if r.Seq == q.next {
		q.step(r)
		return
	}
	if h, ok := headline(r); ok && h.Form == wire.Crash && len(q.ahead) < 2*maxAhead {
		q.insert(place{Span: Span{r.Seq, r.Seq}, fate: shown})
		m.deliver(r)
		return
	}
	for q.oneWay && q.next < r.Seq && (len(q.ahead) >= maxAhead || m.over()) {
		q.giveUp(q.edge(r.Seq), r.At)
	}
	switch {
	case q.next == r.Seq:
		q.step(r)
	case len(q.ahead) >= maxAhead || !m.take(r.size()):
		stats.Deferred++
	default:
		q.insert(place{Span: Span{r.Seq, r.Seq}, record: r.clone()})
	}
}

// step delivers the record that is awaited, and those behind it.
func (q *sequence) step(r *Record) {
	q.next++
	q.stuck = r.At
	q.machine.deliver(r)
	q.drain(r.At)
}

// edge is where the first hole ends, or limit if that comes first.
func (q *sequence) edge(limit uint64) uint64 {
	if len(q.ahead) > 0 {
		return min(q.ahead[0].First, limit)
	}
	return limit
}

// has says whether a record is here already, or was.
func (q *sequence) has(seq uint64) bool {
	if seq < q.next {
		return !q.owed.has(seq) && !q.gone.has(seq)
	}
	i := q.find(seq)
	return i < len(q.ahead) && q.ahead[i].First <= seq && q.ahead[i].fate <= shown
}

// find is the first place that ends at a number or behind it.
func (q *sequence) find(seq uint64) int {
	i, _ := slices.BinarySearchFunc(q.ahead, seq, func(p place, seq uint64) int {
		if p.Last < seq {
			return -1
		}
		return 1
	})
	return i
}

// insert puts a place where it belongs. If the sender had said of its number that it is not to come, the
// record tells better.
func (q *sequence) insert(p place) {
	q.machine.force(placeSize)
	i := q.find(p.First)
	if i == len(q.ahead) || q.ahead[i].First > p.Last {
		q.ahead = slices.Insert(q.ahead, i, p)
		return
	}
	old := q.ahead[i]
	parts := make([]place, 0, 3)
	if old.First < p.First {
		parts = append(parts, place{Span: Span{old.First, p.First - 1}, fate: old.fate})
	}
	parts = append(parts, p)
	if old.Last > p.Last {
		parts = append(parts, place{Span: Span{p.Last + 1, old.Last}, fate: old.fate})
	}
	q.machine.force((len(parts) - 2) * placeSize)
	q.ahead = slices.Replace(q.ahead, i, i+1, parts...)
}

// fill learns the fate of the numbers from first to last, of which no records come.
func (q *sequence) fill(first, last uint64, f fate, at time.Time) {
	q.exists(last+1, at)
	if first < q.next {
		q.settle(Span{first, min(last, q.next-1)}, f)
		first = q.next
	}
	for i := q.find(first); first <= last; i++ {
		end := last
		if i < len(q.ahead) {
			end = min(end, q.ahead[i].First-1)
		}
		if first <= end {
			if first != q.next && (len(q.ahead) >= maxAhead || !q.machine.take(placeSize)) {
				break // it is asked for again, and told again
			}
			if first == q.next {
				q.machine.force(placeSize)
			}
			q.ahead = slices.Insert(q.ahead, i, place{Span: Span{first, end}, fate: f})
			i++
		}
		if i == len(q.ahead) {
			break
		}
		first = max(first, q.ahead[i].Last+1)
	}
	q.drain(at)
}

// settle learns the fate of numbers that were given up.
func (q *sequence) settle(s Span, f fate) {
	if len(q.owed.runs) == 0 {
		return
	}
	stats := &q.machine.table.stats
	runs := q.owed.within(s)
	n := q.owed.remove(s)
	if f == heldBack {
		stats.Missing -= min(stats.Missing, n)
		stats.HeldBack += n
		return
	}
	stats.Gone += n
	for _, r := range runs {
		q.gone.push(r)
	}
}

// drain goes on as long as it is known what became of the next number.
func (q *sequence) drain(at time.Time) {
	m, n := q.machine, 0
	for n < len(q.ahead) && q.ahead[n].First <= q.next {
		p := q.ahead[n]
		n++
		from := q.next
		q.next = p.Last + 1
		m.giveBack(placeSize)
		switch p.fate {
		case here:
			m.giveBack(p.record.size())
			m.deliver(p.record)
		case heldBack:
			m.table.stats.HeldBack += p.Last - from + 1
		case gone:
			for n < len(q.ahead) && q.ahead[n].fate == gone && q.ahead[n].First == q.next {
				q.next = q.ahead[n].Last + 1
				m.giveBack(placeSize)
				n++
			}
			q.lose(Span{from, q.next - 1}, true, at)
		}
	}
	if n > 0 {
		q.ahead = slices.Delete(q.ahead, 0, n)
		q.stuck = at
	}
}

// lose says that records are missing.
func (q *sequence) lose(s Span, isGone bool, at time.Time) {
	m := q.machine
	count := s.Last - s.First + 1
	m.table.stats.Missing += count
	if isGone {
		m.table.stats.Gone += count
		q.gone.push(s)
	} else {
		q.owed.push(s)
	}
	m.table.sink.Note(&Note{From: m.from, At: at, Kind: Missing, First: s.First, Last: s.Last, Count: count, Gone: isGone})
}

// giveUp does not wait for what is missing below a number any more, and shows what is ahead.
func (q *sequence) giveUp(to uint64, at time.Time) {
	for q.next < to {
		end := q.edge(to)
		s := Span{q.next, end - 1}
		q.next = end
		q.lose(s, false, at)
		q.drain(at)
	}
}

// expire gives up what nobody is asked for.
func (q *sequence) expire(now time.Time) {
	if q.oneWay && q.missing() && now.Sub(q.stuck) >= ReorderWindow {
		q.giveUp(q.edge(q.known), now)
	}
}

// wanted puts down what is missing, as many runs of it as fit, and returns the number behind the last.
func (q *sequence) wanted(a *wire.Answer) (end uint64) {
	add := func(s Span) {
		if a.Runs < wire.MaxWanted {
			a.Wanted[a.Runs] = wire.Run(s)
			a.Runs++
			end = s.Last + 1
		}
	}
	for _, s := range q.owed.runs {
		add(s)
	}
	next := q.next
	for i := 0; i < len(q.ahead) && a.Runs < wire.MaxWanted; i++ {
		if p := &q.ahead[i]; next < p.First {
			add(Span{next, p.First - 1})
		}
		next = q.ahead[i].Last + 1
	}
	if next < q.known {
		add(Span{next, q.known - 1})
	}
	return end
}

// upto is the number below which nothing is wanted any more.
func (q *sequence) upto() uint64 {
	if len(q.owed.runs) > 0 {
		return q.owed.runs[0].First
	}
	return q.next
}

// gap is the number behind the greatest one that is missing, 0 if none is.
func (q *sequence) gap() uint64 {
	if !q.missing() {
		return 0
	}
	end := q.known
	for i := len(q.ahead) - 1; i >= 0 && q.ahead[i].Last+1 == end; i-- {
		end = q.ahead[i].First
	}
	return end
}
