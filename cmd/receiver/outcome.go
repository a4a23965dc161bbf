package main

import (
	"net/netip"
	"time"

	"gasp/internal/source"
)

// outcome is a source.Sink that remembers how the crash reports ended.
type outcome struct {
	reports, incomplete int
	complete            bool // the first one was
}

// CrashEnd counts a closed report.
func (o *outcome) CrashEnd(c *source.Crash) {
	if o.reports == 0 {
		o.complete = c.Complete
	}
	o.reports++
	if !c.Complete {
		o.incomplete++
	}
}

func (*outcome) Record(*source.Record)                             {}
func (*outcome) Missing(netip.AddrPort, time.Time, uint64, uint64) {}
func (*outcome) Reboot(netip.AddrPort, time.Time)                  {}
func (*outcome) Bad(netip.AddrPort, time.Time, []byte, int, error) {}
func (*outcome) CrashBegin(*source.Crash)                          {}
func (*outcome) CrashRecord(*source.Crash, *source.Record)         {}
