package netlog

import (
	"strconv"

	"gasp/netlog/wire"
)

// sendToAll is send for several targets. A record is made a message once for each format. Where the device refused,
// it goes on next time.
func (l *Logger) sendToAll(most int, patient bool) (sent int, ok bool) {
	s := &l.network
	for sent < most {
		if s.turn == 0 && s.length == 0 {
			if !l.open() {
				return sent, true
			}
			if l.nextRoom(patient) == nil { // or a loss would be counted that is not told
				return sent, false
			}
			if !s.take(&l.ring, l.maxLevel()) {
				return sent, true
			}
		}
		for s.turn < s.destinations() {
			if !l.sendTurn(patient) {
				return sent, false
			}
			s.turn++
		}
		s.turn, s.made = 0, 0
		s.handed()
		s.sent.Add(1)
		sent++
	}
	return sent, true
}

// sendTurn sends the record taken last to the destination whose turn it is.
func (l *Logger) sendTurn(patient bool) bool {
	s := &l.network
	d := s.to(s.turn)
	if s.done >= s.length {
		if !l.goesTo(d) {
			d.missed.Add(1)
			return true
		}
		s.makeFor(d)
	}
	return l.sendPieces(d, patient)
}

// makeFor makes the message that the destination whose turn it is gets of the record taken last. In the basic format
// what it has missed is told before.
func (s *sender) makeFor(d *destination) {
	lost := s.lost.Load() + d.missed.Load()
	note := !d.extended && lost != d.noted
	if !note && s.made != 0 && s.to(s.made-1).suits(&d.format) {
		s.done = 0
		return
	}
	record := s.wireRecord(s.next.Load())
	s.made = s.turn + 1
	if !note {
		s.encode(&d.format, &record)
		return
	}
	s.made = 0
	dst := appendDropped(s.message[:headroom], lost-d.noted)
	d.noted = lost
	s.length, s.done = len(wire.AppendBasic(dst, &record))-headroom, 0
}

// suits says whether messages of one format are those of the other: the release is the same for all.
func (f *format) suits(other *format) bool {
	return f.extended == other.extended && f.releases == other.releases
}

// appendDropped appends what the basic format says of records that are gone
// (Linux kernel/printk/printk.c, console_prepend_dropped).
func appendDropped(dst []byte, count uint64) []byte {
	dst = append(dst, "** "...)
	dst = strconv.AppendUint(dst, count, 10)
	return append(dst, " printk messages dropped **\n"...)
}

// sendRecord sends a record from the crash path to all that can be reached.
func (l *Logger) sendRecord(r *wire.Record) bool { return l.sendRecordFrom(0, r) }

// sendRecordFrom is sendRecord without the first destinations.
func (l *Logger) sendRecordFrom(first int, r *wire.Record) bool {
	s := &l.network
	s.made = 0
	for i := first; i < s.destinations(); i++ {
		d := s.to(i)
		if d.mute {
			continue
		}
		if s.made == 0 || !s.to(within(s.made, MaxTargets)-1).suits(&d.format) {
			s.encode(&d.format, r)
			s.made = i + 1
		}
		s.done = 0
		if !l.sendMessage(d) {
			return false
		}
	}
	return true
}

// reach finds out which destinations the crash path can reach, at worst by broadcast, and whether there is any.
func (l *Logger) reach() (any bool) {
	s := &l.network
	for i := range s.destinations() {
		d := s.to(i)
		d.mute = d.neighbor.resolved.Load() == 0 && !d.neighbor.onLink
		any = any || !d.mute
	}
	return any
}

// latecomer is a destination that could not be reached when the report was made and can be now, or none.
func (s *sender) latecomer() *destination {
	for i := range s.destinations() {
		if d := s.to(i); d.late && !d.mute {
			return d
		}
	}
	return nil
}

// only mutes all destinations but one, until reach is called.
func (s *sender) only(d *destination) {
	for i := range s.destinations() {
		s.to(i).mute = s.to(i) != d
	}
}
