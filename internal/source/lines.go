package source

import (
	"bytes"
	"time"

	"gasp/netlog/wire"
)

// lines puts the messages of one sender in basic format together. They have no numbers: what is
// lost or doubled there, nobody can know.
type lines struct {
	budget *budget
	text   []byte // waits for its newline
	at     time.Time
	time   uint64 // the sender's, of the newest message that had one
}

// add takes a datagram. A message is one datagram that ends in a newline, or several up to the one
// that does; a time prefix begins another.
func (l *lines) add(m *machine, at time.Time, body []byte) {
	body = bytes.TrimRight(body, "\x00")
	if len(l.text) > 0 && wire.HasTime(body) {
		l.flush(m)
	}
	l.at = at
	if len(l.text) == 0 && bytes.HasSuffix(body, []byte{'\n'}) {
		l.deliver(m, body)
		return
	}
	if !l.budget.take(len(body)) {
		l.flush(m)
		l.deliver(m, body)
		return
	}
	l.text = append(l.text, body...)
	if bytes.HasSuffix(body, []byte{'\n'}) || len(l.text) > maxLine {
		l.flush(m)
	}
}

func (l *lines) expire(m *machine, now time.Time) {
	if len(l.text) > 0 && now.Sub(l.at) >= FragmentWindow {
		l.flush(m)
	}
}

func (l *lines) flush(m *machine) {
	if len(l.text) > 0 {
		text := l.text
		l.text = nil
		l.budget.giveBack(len(text))
		l.deliver(m, text)
	}
}

func (l *lines) deliver(m *machine, message []byte) {
	if cap(m.scratch) < len(message) {
		m.scratch = make([]byte, 0, len(message))
	}
	r := Record{Record: wire.ParseBasic(message, m.scratch), From: m.from, At: l.at}
	if wire.HasTime(message) {
		if older(r.Time, l.time) {
			m.reboot(l.at)
		}
		l.time = r.Time
	}
	m.deliver(&r)
}
