package netlog

import "gasp/netlog/wire"

// Sealed, the crash path sends what stands in the ring from the sender's position on, several records a
// datagram. Whatever goes wrong there, the position stays, and the same records are sealed again under
// another number; so there is nothing else to take up after a fault, and no record of its own to pay for.

// pumpTries is how often the datagram that begins with a certain record is tried, should that fault.
const pumpTries = 3

// A batch is the records of the report that wait for a full datagram.
type batch struct {
	size int  // of their items
	out  bool // the headline was given to the device
}

// addToBatch lets record seq of the report wait for a full datagram, which goes out without it.
func (l *Logger) addToBatch(seq uint64, text int) {
	b := &l.crash.batch
	size := wire.RecordItemSize(&wire.Record{}) + text
	if b.size+size > itemsRoom-l.network.proofs() {
		l.pump(seq)
	}
	b.size += size
}

// lastNumber is the number behind the last one that the crash path sends.
func (l *Logger) lastNumber() uint64 {
	if e := &l.crash.closing; e.chosen {
		return e.last + 1
	}
	return l.ring.head.Load()
}

// pump sends all that the ring has from the sender's position to before last. It returns false if the device
// refused. The headline, which went out before, is passed over.
func (l *Logger) pump(last uint64) bool {
	c := &l.crash
	s := &l.network
	o := &c.opening
	if c.mute {
		return true
	}
	for s.next.Load() < last {
		l.keepUp()
		next, end := s.next.Load(), last
		if next == o.first && c.batch.out {
			s.next.Store(next + 1)
			s.sealed.said.Store(max(s.sealed.said.Load(), next+1))
			continue
		}
		if next < o.first {
			end = min(o.first, last)
		}
		if !c.faulted.again(next, pumpTries) {
			l.giveUp(next)
			continue
		}
		if !l.pumpOne(next, end) {
			c.faulted.tries-- // a device that takes nothing is no fault of the record
			return false
		}
		c.faulted.done++
	}
	c.batch.size = 0
	return true
}

// giveUp passes over a record that faults whenever it is sent.
func (l *Logger) giveUp(seq uint64) {
	c := &l.crash
	if seq < c.opening.first {
		c.before.missed++
	} else {
		c.lost++
	}
	l.network.next.Store(seq + 1)
}

// pumpOne sends one datagram of the records from next to before end.
func (l *Logger) pumpOne(next, end uint64) bool {
	c := &l.crash
	z := &l.network.sealed
	g := l.gatherFrom(next, end)
	if g.seq == next { // the ring is not what it should be
		l.giveUp(next)
		return true
	}
	z.records, z.gone, z.upto, z.repaired = g.records, 0, g.seq, false
	l.seal(g.length, g.seq)
	if !l.transmitSealed() {
		return false
	}
	if next < c.opening.first {
		c.before.missed += g.gone
	} else {
		c.lost += g.gone
	}
	return true
}

// transmitSealed gives the prepared datagram to the device, as transmitNow does.
func (l *Logger) transmitSealed() bool {
	s := &l.network
	z := &s.sealed
	for d := z.forTurn(s); d != nil; d = z.forTurn(s) {
		if !d.mute && !l.transmitNow(s.sealedFrame(d)) {
			z.length, z.upto, z.only = 0, 0, 0
			return false
		}
		z.turn++
	}
	l.handedSealed()
	return true
}

// sendSealedHeadline sends the headline in a datagram of its own.
func (l *Logger) sendSealedHeadline(record wire.Record) bool {
	c := &l.crash
	o := &c.opening
	z := &l.network.sealed
	if o.length == 0 {
		l.makeHeadline(nil)
	}
	record.Text = o.text[:within(o.length, len(o.text))]
	g := gathering{length: l.beginDatagram()}
	z.record(&g, &record)
	z.records, z.gone, z.upto, z.repaired = 1, 0, 0, false
	l.seal(g.length, min(z.said.Load(), o.first))
	if !l.transmitSealed() {
		return false
	}
	c.batch.out = true
	return true
}

// rewindSealed goes back behind the frames that the device may have lost, but not behind what the log host
// is known to have.
func (l *Logger) rewindSealed(frames uint64) {
	s := &l.network
	z := &s.sealed
	if frames == 0 {
		return
	}
	next := min(s.next.Load(), z.startOf(frames))
	s.next.Store(max(next, l.acked(), l.ring.oldest()))
	l.crash.batch.out = l.crash.batch.out && s.next.Load() > l.crash.opening.first
}

// tellsEnd says whether a datagram tells of the report's end record, or comes behind it.
func (c *crash) tellsEnd(next uint64) bool { return c.closing.chosen && next > c.closing.last }
