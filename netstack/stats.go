package netstack

// Stats counts what the stack lost, and on what way.
type Stats struct {
	NotSent    uint64 // frames that the device did not take
	NoRoom     uint64 // received frames that the ring had no room for
	Received   uint64 // frames taken from the ring
	Retransmit uint64 // TCP segments that were sent again
	Timeouts   uint64 // TCP's retransmission timer
	BadSums    uint64 // TCP segments with a wrong checksum
}

// Stats returns the counts so far.
func (s *Stack) Stats() Stats {
	t := s.stack.Stats().TCP
	return Stats{
		NotSent:    s.link.dropped.Load(),
		NoRoom:     s.ring.dropped.Load(),
		Received:   s.ring.taken.Load(),
		Retransmit: t.Retransmits.Value(),
		Timeouts:   t.Timeouts.Value(),
		BadSums:    t.ChecksumErrors.Value(),
	}
}
