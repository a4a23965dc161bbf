package netstack

// Stats counts since the stack began.
type Stats struct {
	Overrun     uint64 // received frames that were lost because the stack was too slow
	Refused     uint64 // frames that the device did not take
	Retransmits uint64 // TCP segments that were sent again
	Timeouts    uint64 // of them, those for which the retransmission timer ran out
}

// Stats returns the counts.
func (s *Stack) Stats() Stats {
	tcp := s.stack.Stats().TCP
	return Stats{
		Overrun:     s.ring.dropped.Load(),
		Refused:     s.link.dropped.Load(),
		Retransmits: tcp.Retransmits.Value(),
		Timeouts:    tcp.Timeouts.Value(),
	}
}
