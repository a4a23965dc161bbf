package source

import "gasp/netlog/wire"

// Session is how far the boot of a device was heard, for the table of a receiver that is started again.
type Session struct {
	// Device is the name of the key, ID its id, Boot the boot.
	Device string
	ID     [wire.IDSize]byte
	Boot   [wire.BootSize]byte
	// Upto says that all records below this number were shown, or named as missing.
	Upto uint64
	// Missing is the numbers below Upto that were named as missing and that the device may still have.
	Missing []Span
}

// maxMissing is how many runs of a session are kept.
const maxMissing = wire.MaxWanted

func (n *session) state() *Session {
	v := n.peer.device
	runs := n.sequence.owed.runs
	return &Session{Device: v.name, ID: v.Secret.ID(), Boot: n.peer.boot, Upto: n.sequence.next,
		Missing: append([]Span(nil), runs[max(0, len(runs)-maxMissing):]...)}
}

func (s *Session) upto() uint64 {
	if len(s.Missing) > 0 {
		return s.Missing[0].First
	}
	return s.Upto
}

// Sessions returns how far every device was heard, in no order.
func (t *Table) Sessions() (list []Session) {
	for _, v := range t.devices.known {
		switch {
		case v.session != nil:
			list = append(list, *v.session.state())
		case v.last != nil:
			list = append(list, *v.last)
		}
	}
	return list
}

// resume learns what an earlier table knew of the devices that are still in the list of keys.
func (s *devices) resume(list []Session) {
	for _, last := range list {
		if v := s.known[last.ID]; v != nil && v.name == last.Device && last.Upto <= greatestNumber {
			v.last = &last
		}
	}
}

// resume goes on where an earlier table ended.
func (q *sequence) resume(last *Session) {
	q.next, q.known = last.Upto, last.Upto
	for _, s := range last.Missing {
		if s.First <= s.Last && s.Last < last.Upto {
			q.owed.push(s)
		}
	}
}
