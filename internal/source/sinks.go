package source

import (
	"net/netip"
	"time"
)

// Sinks hands everything on to each of several sinks, in their order.
type Sinks []Sink

// Record implements Sink.
func (s Sinks) Record(r *Record) {
	for _, sink := range s {
		sink.Record(r)
	}
}

// Missing implements Sink.
func (s Sinks) Missing(from netip.AddrPort, at time.Time, first, last uint64) {
	for _, sink := range s {
		sink.Missing(from, at, first, last)
	}
}

// Reboot implements Sink.
func (s Sinks) Reboot(from netip.AddrPort, at time.Time) {
	for _, sink := range s {
		sink.Reboot(from, at)
	}
}

// Bad implements Sink.
func (s Sinks) Bad(from netip.AddrPort, at time.Time, payload []byte, size int, err error) {
	for _, sink := range s {
		sink.Bad(from, at, payload, size, err)
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
