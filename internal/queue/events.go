package queue

import (
	"time"

	"gasp/internal/source"
)

// Record implements source.Sink.
func (q *Queue) Record(r *source.Record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if c := q.accept(&r.From, r.At, recordSize, recordBytes(r), r.Report); c != nil {
		c.record(record, r)
	}
}

// recordBytes is how many bytes a record points to.
func recordBytes(r *source.Record) int { return len(r.Text) + len(r.Dict) + len(r.Release) }

// Note implements source.Sink.
func (q *Queue) Note(n *source.Note) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if c := q.accept(&n.From, n.At, noteSize, len(n.Payload)+len(n.Line), n.Kind != source.Bad); c != nil {
		c.note(n)
	}
}

// CrashBegin implements source.Sink.
func (q *Queue) CrashBegin(r *source.Crash) { q.report(crashBegin, r, r.Began) }

// CrashEnd implements source.Sink.
func (q *Queue) CrashEnd(r *source.Crash) { q.report(crashEnd, r, r.Last) }

// Repeated implements source.Sink.
func (q *Queue) Repeated(r *source.Crash, at time.Time) { q.report(repeated, r, at) }

func (q *Queue) report(e event, r *source.Crash, at time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if c := q.accept(&r.From, at, crashSize+timeSize, 0, true); c != nil {
		c.crash(e, r)
		if e == repeated {
			c.times = append(c.times, at)
		}
	}
}

// CrashRecord implements source.Sink.
func (q *Queue) CrashRecord(r *source.Crash, line *source.Record) {
	if !q.options.Reports {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if c := q.accept(&r.From, line.At, crashSize+recordSize, recordBytes(line), true); c != nil {
		c.record(crashRecord, line)
		c.crashes = append(c.crashes, r.Snapshot())
	}
}

// CrashDatagram implements source.Sink.
func (q *Queue) CrashDatagram(r *source.Crash, d *source.Datagram) {
	if !q.options.Reports {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if c := q.accept(&r.From, d.At, crashSize+datagramSize, len(d.Data), true); c != nil {
		c.datagram(d)
		c.crashes = append(c.crashes, r.Snapshot())
	}
}
