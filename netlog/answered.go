package netlog

// What several log hosts have answered is taken together here: acknowledged is what all of them know that have
// answered at all. What is asked for with every record has a short way for one log host.

// owes says whether a log host owes an answer: its first, or one that covers all that was said.
func (a *answers) owes(said uint64) bool { return a.proven.Load() == 0 || a.acked.Load() < said }

// fresh says whether a log host that has answered goes on to do so, and to know more.
func (a *answers) fresh(now int64) bool {
	return now-a.heard.Load() < int64(answerStale) && now-a.moved.Load() < int64(ackStale)
}

// awaits says whether a log host owes an answer.
func (l *Logger) awaits() bool {
	s := &l.network
	if said := s.sealed.said.Load(); s.more.Load() == 0 {
		return s.answers.owes(said)
	}
	return l.anyOwes()
}

func (l *Logger) anyOwes() bool {
	s := &l.network
	said := s.sealed.said.Load()
	for i := range s.destinations() {
		if s.to(i).answers.owes(said) {
			return true
		}
	}
	return false
}

// proven says how many log hosts have answered at all.
func (l *Logger) proven() (n int) {
	s := &l.network
	for i := range s.destinations() {
		n += int(s.to(i).answers.proven.Load())
	}
	return n
}

// allProven says whether all log hosts have answered.
func (l *Logger) allProven() bool {
	s := &l.network
	return s.answers.proven.Load() != 0 && (s.more.Load() == 0 || l.othersProven())
}

func (l *Logger) othersProven() bool { return l.proven() == l.network.destinations() }

// acked is the number below which all log hosts that have answered know of all records; 0 if none has.
func (l *Logger) acked() uint64 {
	s := &l.network
	acked, any := ^uint64(0), false
	for i := range s.destinations() {
		if a := &s.to(i).answers; a.proven.Load() != 0 {
			acked, any = min(acked, a.acked.Load()), true
		}
	}
	if !any {
		return 0
	}
	return acked
}

// anyFresh says whether a log host that has not acknowledged so many records answers.
func (l *Logger) anyFresh(now int64, said, most uint64) bool {
	s := &l.network
	for i := range s.destinations() {
		a := &s.to(i).answers
		if a.proven.Load() != 0 && said-min(a.acked.Load(), said) > most && a.fresh(now) {
			return true
		}
	}
	return false
}

// heardAll says whether all log hosts that have answered have heard a datagram.
func (l *Logger) heardAll(number uint64) bool {
	s := &l.network
	for i := range s.destinations() {
		if a := &s.to(i).answers; a.proven.Load() != 0 && a.newest.Heard < number {
			return false
		}
	}
	return l.proven() > 0
}
