package source

import (
	"net/netip"
	"time"

	"gasp/netlog/wire"
)

// reply is when a device is to be answered.
type reply struct {
	news   int       // datagrams since the last answer
	since  time.Time // when the first of them came
	hasty  bool      // it asked, or something new is missing
	pause  time.Duration
	missed uint64 // what was awaited at the last answer
}

const (
	// leastPause is the least time between two answers to a boot.
	leastPause = 5 * time.Millisecond
	// newsCount datagrams are answered at once, fewer after newsPause.
	newsCount = 32
	newsPause = 50 * time.Millisecond
	// firstRepeat is after what time an answer is repeated while something is missing, lastRepeat what
	// that grows to.
	firstRepeat = 100 * time.Millisecond
	lastRepeat  = time.Second
)

// consider looks whether a datagram that was taken is to be answered now.
func (n *session) consider(want bool, now time.Time) {
	r := &n.reply
	if r.news == 0 {
		r.since = now
	}
	r.news++
	if want || n.sequence.gap() > n.sequence.asked {
		r.hasty = true
	}
	if (r.hasty || r.news >= newsCount) && now.Sub(n.peer.answered) >= leastPause {
		n.answer(now)
	}
}

// remind answers when it is time.
func (n *session) remind(now time.Time) {
	r := &n.reply
	waited := now.Sub(n.peer.answered)
	switch {
	case r.hasty && waited >= leastPause, r.news > 0 && now.Sub(r.since) >= newsPause:
		n.answer(now)
	case n.repairing() && waited >= max(r.pause, firstRepeat):
		r.pause = min(2*max(r.pause, firstRepeat), lastRepeat)
		n.answer(now)
	}
}

// answer says what has come and what is missing.
func (n *session) answer(now time.Time) {
	r, q := &n.reply, &n.sequence
	if r.missed != q.next {
		r.pause = firstRepeat
	}
	*r = reply{pause: r.pause, missed: q.next}
	var a wire.Answer
	q.asked = max(q.asked, q.wanted(&a))
	a.Upto = q.upto()
	n.table.answer(n.peer, &a, n.via, n.machine.from.Addr, now)
}

// greet answers a boot that has not proved itself, so that it can. The answer is never larger than what
// it answers, and says nothing but how far the boot was heard.
func (t *Table) greet(p *peer, d *Datagram) {
	if d.At.Sub(p.answered) < leastPause {
		return
	}
	var a wire.Answer
	switch v := p.device; {
	case v.session != nil && v.session.peer == p:
		a.Upto = v.session.sequence.upto()
	case v.last != nil && v.last.Boot == p.boot:
		a.Upto = v.last.upto()
	}
	t.answer(p, &a, d.Via, d.From, d.At)
}

func (t *Table) answer(p *peer, a *wire.Answer, via int, to netip.AddrPort, now time.Time) {
	p.answered = now
	if t.options.Answer == nil || t.options.OneWay {
		return
	}
	s := &t.devices
	s.answers++
	a.Session, a.Number, a.Heard = p.session, s.answers, p.window.Top()
	t.stats.Answers++
	s.sealed = p.opener.AppendAnswer(s.sealed[:0], a)
	t.options.Answer(via, to, s.sealed)
}
