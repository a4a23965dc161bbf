package source

import "time"

// Sinks hands everything on to each of several sinks, in their order.
type Sinks []Sink

// Record implements Sink.
func (s Sinks) Record(r *Record) {
	for _, sink := range s {
		sink.Record(r)
	}
}

// Note implements Sink.
func (s Sinks) Note(n *Note) {
	for _, sink := range s {
		sink.Note(n)
	}
}

// CrashBegin implements Sink.
func (s Sinks) CrashBegin(c *Crash) {
	for _, sink := range s {
		sink.CrashBegin(c)
	}
}

// CrashRecord implements Sink.
func (s Sinks) CrashRecord(c *Crash, r *Record) {
	for _, sink := range s {
		sink.CrashRecord(c, r)
	}
}

// CrashDatagram implements Sink.
func (s Sinks) CrashDatagram(c *Crash, d *Datagram) {
	for _, sink := range s {
		sink.CrashDatagram(c, d)
	}
}

// Repeated implements Sink.
func (s Sinks) Repeated(c *Crash, at time.Time) {
	for _, sink := range s {
		sink.Repeated(c, at)
	}
}

// CrashEnd implements Sink.
func (s Sinks) CrashEnd(c *Crash) {
	for _, sink := range s {
		sink.CrashEnd(c)
	}
}
