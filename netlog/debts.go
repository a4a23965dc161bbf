package netlog

// payDebts makes the number of lost records right before the end record tells
// it: frames the device will not let go of are lost with a takeover, and records
// that may be lost are sent again, once. In basic format, where a reader could
// not tell those that come twice, they stay counted. Left open is only what
// becomes of the end record and of what was sent again.
func (l *Logger) payDebts() {
	c := &l.crash
	d := &c.device
	if c.mute {
		return
	}
	if !l.flushDevice() {
		l.retake()
	}
	l.reportTrouble()
	if l.sealing() {
		l.pump(l.lastNumber())
		return
	}
	if !d.owes || !l.network.extended {
		return
	}
	c.lost = l.sendAgain(max(d.owed, c.opening.first), d.owedTo)
	l.flushDevice()
}

// sendAgain sends the records from first to before end again as they were, and
// returns how many of them could not be. The device's first refusal ends it.
func (l *Logger) sendAgain(first, end uint64) (lost uint64) {
	s := &l.network
	limit := l.maxLevel()
	if oldest := l.ring.oldest(); first < oldest {
		lost = min(oldest, end) - first
		first = oldest
	}
	for seq := first; seq < end; seq++ {
		if !l.ring.read(seq, &s.record) {
			lost++
			continue
		}
		if s.record.level >= limit {
			continue
		}
		s.skipped = 0
		record := s.wireRecord(seq)
		if !l.sendRecord(&record) {
			return lost + end - seq
		}
	}
	return lost
}

// lastFlush waits until the report is out. If the device does not let go of it,
// or the link is down, Poll sends it again.
func (l *Logger) lastFlush() {
	c := &l.crash
	if !c.mute && (!c.closing.done || !l.flushDevice() || !l.linkUp()) {
		c.device.unlikely = true
	}
}
