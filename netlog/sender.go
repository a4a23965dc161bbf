package netlog

import (
	"sync/atomic"
	"time"

	"gasp/netlog/wire"
)

// A sender is the sink that puts records on the wire. Its busy flag guards the
// device too.
type sender struct {
	sink
	destination
	others   [MaxTargets - 1]destination
	more     atomic.Uint32 // of others
	turn     int           // the destination that the record taken last goes to next, of several
	made     int           // the one whose format the message has, plus one; 0: it suits none
	state    atomic.Uint32 // one of the sender states
	up       atomic.Uint32 // the link, as seen last
	sent     atomic.Uint64 // records
	errors   atomic.Uint64 // of Transmit and Receive
	received atomic.Uint64 // frames
	due      atomic.Int64  // when Poll is to be called next, 0: no matter
	full     atomic.Int64  // since when it has no room, if it has none
	refused  int64         // when the device began to refuse frames; 0: it takes them
	dead     bool          // and it could not be mended, which was said
	note     bool          // the message is the note of what is missing, not a record
	plan     plan
	planned  atomic.Uint32         // the plan is complete, and is being put in force
	given    atomic.Pointer[given] // what Start or Reconfigure was given last
	express  atomic.Uint32         // started, not sealing, one target: a record may go out by the shortest way
	heads    wire.Heads
	sealed   sealed
	link     link
	sharing  sharing
	frame    [headroom + wire.MaxDatagram]byte // for pieces of a message
}

// The states of a sender.
const (
	unstarted uint32 = iota
	starting         // Start is writing the configuration
	started
)

// drainNetwork sends what can be sent, unless another context is at it. That
// one looks again after it let go, so that no record waits for the next. Patient
// waits for a device whose ring is full.
func (l *Logger) drainNetwork(most share, patient bool) {
	if l.sealing() {
		l.drainSealed(most, patient)
		return
	}
	s := &l.network
	for most.network > 0 && l.open() && s.waiting(&l.ring) && s.busy.CompareAndSwap(0, most.holder) {
		sent, ok := l.send(s.turnOf(most.network), patient)
		most.network -= sent
		s.busy.Store(0)
		if !ok {
			return
		}
		s.letOthers()
	}
}

// send sends so many records, or until there are no more or the device takes
// none, which is then tried again next time. The caller holds the sender.
func (l *Logger) send(most int, patient bool) (sent int, ok bool) {
	s := &l.network
	if s.more.Load() > 0 {
		return l.sendToAll(most, patient)
	}
	for sent < most {
		if s.length == 0 {
			if s.neighbor.resolved.Load() == 0 {
				if !l.overflowing() {
					return sent, true
				}
				l.sayBroadcast(&s.neighbor)
			}
			n, ok := l.sendPlain(l.inOneGo(most-sent), patient)
			if sent += n; !ok {
				return sent, false
			}
			if n > 0 && !s.waiting(&l.ring) {
				return sent, true
			}
			if sent >= most {
				return sent, true
			}
			if l.nextRoom(patient) == nil { // or a loss would be counted that is not told
				return sent, false
			}
			if !s.take(&l.ring, l.maxLevel()) {
				return sent, true
			}
			if !s.encodeNote() {
				record := s.wireRecord(s.next.Load())
				s.encode(&s.format, &record)
			}
		}
		if !l.sendPieces(&s.destination, patient) {
			return sent, false
		}
		if s.note {
			s.note, s.length = false, 0
			continue
		}
		s.handed()
		s.sent.Add(1)
		sent++
	}
	return sent, true
}

// forget drops the message that was begun, which is then begun anew for all destinations.
func (s *sender) forget() {
	if s.note {
		s.told = s.noted
	}
	s.turn, s.made, s.length, s.done, s.note = 0, 0, 0, 0, false
	s.sealed.forget()
}

// inOneGo is how many records of so many are sent before it is asked again whether they may be.
func (l *Logger) inOneGo(most int) int {
	if l.network.neighbor.resolved.Load() == 0 {
		return 1
	}
	return most
}

// sendPieces sends what is left of the message to a destination.
func (l *Logger) sendPieces(d *destination, patient bool) bool {
	s := &l.network
	for s.done < s.length {
		room := l.nextRoom(patient)
		if room == nil {
			return false
		}
		done := s.done
		if !l.commit(&d.template, s.nextPiece(&d.format, room[:headroom]), true) {
			s.done = done
			return false
		}
	}
	return true
}

// nextRoom is the memory of the next frame, nil if the device has none.
func (l *Logger) nextRoom(patient bool) []byte {
	room, err := l.device.Room(false)
	if room == nil && err == nil && patient && l.hasty.Load() == 0 {
		l.waits.Add(1)
		room, err = l.device.Room(true)
	}
	if len(room) >= RoomSize {
		return room
	}
	l.noRoom(err)
	return nil
}

// noRoom notes that the device gave none.
func (l *Logger) noRoom(err error) {
	if err != nil {
		l.network.errors.Add(1)
	}
	now := l.now()
	l.network.refuse(now)
	l.network.due.Store(now + int64(roomPause))
}

// roomPause is how long after a device had no room Poll looks again.
const roomPause = time.Millisecond

// commit completes what was written to the device's room, behind its headroom; tell tells the device of it, and of
// what was committed before.
func (l *Logger) commit(t *template, room []byte, tell bool) bool {
	s := &l.network
	at := t.finish(room, len(room))
	if l.device.Commit(at, len(room)-at, tell) != nil {
		s.errors.Add(1)
		s.refuse(l.now())
		return false
	}
	if s.refused != 0 {
		s.took()
	}
	return true
}

// encodeNote makes a message of how many records are missing, if that was not
// told yet. The numbers of the extended format tell it themselves.
func (s *sender) encodeNote() bool {
	if s.extended {
		return false
	}
	s.noted = s.told
	dst := s.appendDropped(s.message[:headroom])
	s.length, s.done = len(dst)-headroom, 0
	s.note = s.length > 0
	return s.note
}

// start is the message buffer up to where a record begins.
func (s *sender) start(f *format) []byte { return append(s.message[:headroom], f.prefix()...) }

// encode makes the message of a record, behind the headroom.
func (s *sender) encode(f *format, r *wire.Record) {
	dst := s.start(f)
	if f.extended {
		dst = wire.AppendExtended(dst, r)
	} else {
		dst = wire.AppendBasic(dst, r)
	}
	s.length, s.done = len(dst)-headroom, 0
}

// piece is the frame of the next datagram of the message to a destination. A message that fits
// one goes out from where it stands.
func (s *sender) piece(d *destination) []byte {
	room := s.message[:headroom+s.length]
	if s.length <= wire.MaxDatagram {
		s.done = s.length
	} else {
		room = s.nextPiece(&d.format, s.frame[:headroom])
	}
	return d.template.complete(room)
}

// nextPiece appends the next datagram of the message to room.
func (s *sender) nextPiece(f *format, room []byte) []byte {
	message := s.message[headroom : headroom+s.length]
	if f.extended {
		room, _ = wire.NextExtended(room, message, &s.done)
	} else {
		room, _ = wire.NextBasic(room, message, &s.done)
	}
	return room
}
