package netlog

// Stats counts since boot.
type Stats struct {
	Records  uint64 // made; also the next record's number
	Sent     uint64 // records given to the device
	Dropped  uint64 // records gone before they could be sent, or for which the ring had no slot
	Waits    uint64 // how often a goroutine waited because something was full
	Errors   uint64 // frames the device refused, and its errors on receiving
	Started  bool   // there is a device and a target
	Link     bool   // the link is up, as seen last
	Resolved bool   // the stations that frames go to are known, of all targets
	Requests uint64 // for them, by ARP and NDP
	Missed   uint64 // records that a target did not get because its station was not known, of all targets together
	Sealed   bool   // what goes out is sealed
	Acked    uint64 // number below which all log hosts know of all records that answer a sender that seals
	Answers  uint64 // that were believed
	Refused  uint64 // answers that were not
	Repaired uint64 // records sent again because the log host asked for them
}

// Stats returns the counters.
func (l *Logger) Stats() Stats {
	s := &l.network
	var requests, missed, answers, bad uint64
	for i := range s.destinations() {
		d := s.to(i)
		requests += d.neighbor.requests.Load()
		missed += d.missed.Load()
		answers += d.answers.count.Load()
		bad += d.answers.bad.Load()
	}
	return Stats{
		Records:  l.ring.head.Load(),
		Sent:     s.sent.Load(),
		Dropped:  s.lost.Load() + l.dropped.Load(),
		Waits:    l.waits.Load(),
		Errors:   s.errors.Load(),
		Started:  s.state.Load() == started,
		Link:     s.up.Load() != 0,
		Resolved: l.allResolved(),
		Missed:   missed,
		Requests: requests,
		Sealed:   s.state.Load() == started && l.sealing(),
		Acked:    l.acked(),
		Answers:  answers,
		Refused:  bad,
		Repaired: s.sealed.repairs.sent.Load(),
	}
}
