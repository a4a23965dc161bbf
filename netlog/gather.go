package netlog

import (
	"encoding/binary"

	"gasp/netlog/wire"
)

// A gathering is the items of a datagram while they are put together: all that is to be told of a run of
// numbers.
type gathering struct {
	length   int    // of the datagram so far, which is in the sender's frame
	seq, end uint64 // the numbers left
	records  int
	gone     uint64 // numbers
	run      wire.ItemKind
	last     uint64 // of run, if that is the last item
}

// itemsRoom is the size of the items that fit into a datagram.
const itemsRoom = wire.MaxSealed - wire.SealedOverhead

// beginDatagram begins a datagram in the sender's frame, and returns its length. The clock is read once for each.
func (l *Logger) beginDatagram() int {
	z := &l.network.sealed
	z.now = l.now()
	b := z.sealer.Begin(z.frame[headroom:headroom])
	if l.network.more.Load() > 0 {
		b = l.network.prove(b)
	}
	return len(b)
}

// prove appends what proves a datagram to the log hosts behind the first.
func (s *sender) prove(b []byte) []byte {
	for i := 1; i < s.destinations(); i++ {
		if a := &s.to(i).answers; a.proven.Load() != 0 {
			b = wire.AppendProofItem(b, &a.proof)
		}
	}
	return b
}

// proofs is how many bytes that is at the most.
func (s *sender) proofs() int { return (s.destinations() - 1) * wire.ProofItemSize }

// datagram is what is in the sender's frame, with room behind it.
func (z *sealed) datagram(length int) []byte { return z.frame[headroom : headroom+length] }

// fits says whether there is room for an item of so many bytes.
func (z *sealed) fits(g *gathering, size int) bool {
	return z.sealer.Items(z.datagram(g.length))+size <= itemsRoom
}

func (z *sealed) record(g *gathering, r *wire.Record) {
	g.length = len(wire.AppendRecordItem(z.datagram(g.length), r))
	g.records++
	g.run = 0
}

// gatherFrom begins a datagram that tells of the numbers from the sender's position on, and of those before
// that were passed over.
func (l *Logger) gatherFrom(next, end uint64) gathering {
	z := &l.network.sealed
	g := gathering{length: l.beginDatagram(), seq: next, end: end}
	if said := z.said.Load(); said < next {
		z.span(&g, wire.ItemHeldBack, said, next-1)
	}
	l.gather(&g, false)
	return g
}

// gather tells of numbers as long as there is room: records, and runs of those that the level keeps back
// or that the ring does not have any more. It ends at a record that is still being written. Again leaves
// out what was told a moment ago.
func (l *Logger) gather(g *gathering, again bool) {
	z := &l.network.sealed
	stamp := stampOf(z.now)
	for g.seq < g.end {
		kind, to := l.fate(g.seq, g.end)
		switch {
		case kind == 0:
			return
		case kind == wire.ItemRecord:
			at := &z.repairs.stamps[l.ring.index(g.seq)]
			if again && recent(*at, stamp) {
				break
			}
			record := l.network.wireRecord(g.seq)
			if !z.fits(g, wire.RecordItemSize(&record)) {
				return
			}
			z.record(g, &record)
			*at = stamp
		case again && kind == wire.ItemGone && to <= z.repairs.goneTo && recent(z.repairs.goneAt, stamp):
		default:
			if !g.follows(kind, g.seq) && !z.fits(g, wire.SpanItemSize) {
				return
			}
			z.span(g, kind, g.seq, to-1)
			if kind == wire.ItemGone {
				g.gone += to - g.seq
				z.repairs.goneTo, z.repairs.goneAt = to, stamp
			}
		}
		g.seq = to
	}
}

// follows says whether a run that begins with number first goes on with the last item.
func (g *gathering) follows(kind wire.ItemKind, first uint64) bool {
	return g.run == kind && g.last+1 == first
}

// span appends the numbers from first to last.
func (z *sealed) span(g *gathering, kind wire.ItemKind, first, last uint64) {
	if g.follows(kind, first) {
		binary.BigEndian.PutUint64(z.datagram(g.length)[g.length-8:], last)
	} else {
		g.length = len(wire.AppendSpanItem(z.datagram(g.length), kind, first, last))
	}
	g.run, g.last = kind, last
}

// fateLooks bounds the looks at a record that others change meanwhile.
const fateLooks = 4

// fate says what is to be told of number seq, and of all behind it to before to: 0 if that is not known
// yet. A record is copied to the sender's.
func (l *Logger) fate(seq, end uint64) (kind wire.ItemKind, to uint64) {
	s := &l.network
	for range fateLooks {
		if oldest := min(l.ring.oldest(), end); seq < oldest {
			return wire.ItemGone, oldest
		}
		if l.ring.read(seq, &s.record) {
			if s.record.level < l.maxLevel() {
				return wire.ItemRecord, seq + 1
			}
			return wire.ItemHeldBack, seq + 1
		}
		switch l.ring.state(seq) {
		case gone:
			return wire.ItemGone, seq + 1
		case pending, absent:
			if l.crash.dying() { // its writer never runs again
				return wire.ItemGone, seq + 1
			}
			return 0, seq
		}
	}
	return 0, seq
}
