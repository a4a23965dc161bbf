package wire

import "encoding/binary"

// Status is what every sealed datagram of a device says of its sender.
type Status struct {
	// Time is microseconds since boot, when the datagram was sealed.
	Time uint64
	// Next is the number behind the last record that was handed on: each below it was sent, held back,
	// or is gone.
	Next uint64
	// Oldest is the lowest number that the sender can still send.
	Oldest uint64
	// Heartbeat is the longest silence of a sender that is well, in tenths of a second; 0 if it
	// promises none.
	Heartbeat uint16
	// Want asks for an answer at once.
	Want bool
	// Dying says that the sender is in its crash path: it logs nothing more but its report.
	Dying bool
	// Over says that no more records come: the report's end was handed on, or the machine ends as
	// ordered (without Dying).
	Over bool
	// Proof is the session of the newest answer that the sender believed, zeros if there was none.
	Proof [BootSize]byte
}

const (
	statusSize = 44

	flagWant  = 1
	flagDying = 2
	flagOver  = 4
)

func (s *Status) put(b []byte) {
	_ = b[statusSize-1]
	binary.BigEndian.PutUint64(b, s.Time)
	binary.BigEndian.PutUint64(b[8:], s.Next)
	binary.BigEndian.PutUint64(b[16:], s.Oldest)
	binary.BigEndian.PutUint16(b[24:], s.Heartbeat)
	b[26], b[27] = 0, 0
	if s.Want {
		b[26] |= flagWant
	}
	if s.Dying {
		b[26] |= flagDying
	}
	if s.Over {
		b[26] |= flagOver
	}
	copy(b[28:], s.Proof[:])
}

// Proves says whether a datagram with these items proves its sender to the log host of a session: that is the status's
// proof or, of a sender with several log hosts, one among the items.
func (s *Status) Proves(items []byte, session *[BootSize]byte) bool {
	if s.Proof == *session {
		return true
	}
	for len(items) > 0 {
		item, rest, err := NextItem(items)
		if err != nil {
			return false
		}
		if item.Kind == ItemProof && item.Proof == *session {
			return true
		}
		items = rest
	}
	return false
}

func parseStatus(b []byte) (s Status) {
	_ = b[statusSize-1]
	s.Time = binary.BigEndian.Uint64(b)
	s.Next = binary.BigEndian.Uint64(b[8:])
	s.Oldest = binary.BigEndian.Uint64(b[16:])
	s.Heartbeat = binary.BigEndian.Uint16(b[24:])
	s.Want = b[26]&flagWant != 0
	s.Dying = b[26]&flagDying != 0
	s.Over = b[26]&flagOver != 0
	s.Proof = [BootSize]byte(b[28:])
	return s
}
