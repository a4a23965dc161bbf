package source

import (
	"bytes"
	"time"

	"gasp/netlog/wire"
)

// lines puts the messages of one sender in basic format together. They have no numbers: what is
// lost or doubled there, nobody can know.
type lines struct {
	memory *memory
	text   []byte // waits for its newline
	at     time.Time
	time   uint64 // the sender's, of the newest message that had one
	unsent uint64 // records from before a crash that may follow its headline
	floor  uint64 // the sender's time which none of those is before
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
	if !l.memory.take(len(body)) {
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
		l.memory.giveBack(len(text))
		l.deliver(m, text)
	}
}

func (l *lines) deliver(m *machine, message []byte) {
	r := &m.table.record
	*r = Record{Record: wire.ParseBasic(message, m.table.room(len(message))), From: m.from, At: l.at}
	m.resets(r)
	if m.repeats(r) {
		l.headline(m.crash, l.floor)
		return
	}
	floor := l.time
	if wire.HasTime(message) {
		l.rebooted(m, r)
	}
	if m.copied(r) {
		return
	}
	m.deliver(r)
	if r.Headline && r.Form == wire.Crash {
		l.headline(m.crash, min(floor, r.Time))
	}
}

// headline notes that a crash's headline came: behind it come the records that had not been sent,
// which are not older than floor, and a repeated one may lead the report again.
func (l *lines) headline(c *Crash, floor uint64) {
	l.time, l.unsent, l.floor = c.time, c.Headline.Unsent, floor
}

// forget is for a sender whose time begins anew.
func (l *lines) forget() { l.time, l.unsent, l.floor = 0, 0, 0 }

// rebooted looks whether the sender's time begins anew.
func (l *lines) rebooted(m *machine, r *Record) {
	old := older(r.Time, l.time)
	switch {
	case bytes.HasPrefix(r.Text, []byte(wire.ReportPrefix)) && !old:
		l.unsent = 0
	case l.unsent > 0 && l.floor == 0:
		l.floor = r.Time
	}
	if old && l.unsent > 0 && !older(r.Time, l.floor) {
		l.unsent--
		return
	}
	if old {
		m.reboot(l.at)
	}
	l.time = r.Time
}
