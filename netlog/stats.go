package netlog

// Stats counts since boot.
type Stats struct {
	Records  uint64 // made; also the next record's number
	Sent     uint64 // records given to the device
	Dropped  uint64 // records gone before they could be sent, or for which the ring had no slot
	Errors   uint64 // frames the device refused, and its errors on receiving
	Started  bool   // there is a device and a target
	Link     bool   // the link is up, as seen last
	Resolved bool   // the station that frames go to is known
	Requests uint64 // ARP requests for it
	Sealed   bool   // what goes out is sealed
	Acked    uint64 // number below which the log host knows of all records, if it answers a sender that seals
	Answers  uint64 // that were believed
	Refused  uint64 // answers that were not
	Repaired uint64 // records sent again because the log host asked for them
}

// Stats returns the counters.
func (l *Logger) Stats() Stats {
	s := &l.network
	return Stats{
		Records:  l.ring.head.Load(),
		Sent:     s.sent.Load(),
		Dropped:  s.lost.Load() + l.dropped.Load(),
		Errors:   s.errors.Load(),
		Started:  s.state.Load() == started,
		Link:     s.up.Load() != 0,
		Resolved: s.neighbor.resolved.Load() != 0,
		Requests: s.neighbor.requests.Load(),
		Sealed:   s.state.Load() == started && l.sealing(),
		Acked:    s.sealed.answers.acked.Load(),
		Answers:  s.sealed.answers.count.Load(),
		Refused:  s.sealed.answers.bad.Load(),
		Repaired: s.sealed.repairs.sent.Load(),
	}
}
