package main

import (
	"time"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// outcome is a source.Sink that remembers how the crash reports ended.
type outcome struct {
	reports, incomplete int
	complete            bool            // the first one was
	asked               int             // of machines that went on
	open                map[string]bool // the incomplete ones, by name
}

// maxOpen is how many incomplete reports are remembered, in case they become complete.
const maxOpen = 4096

// CrashEnd counts a closed report. One that was closed before, or that tells more than one of the
// same crash, takes that one's place; one that is stored already is none.
func (o *outcome) CrashEnd(c *source.Crash) {
	switch {
	case c.Known || c.Worse:
		return
	case c.Form == wire.Report:
		if !c.Reopened {
			o.asked++
		}
		return
	}
	switch name := name(c); {
	case o.open[name]:
		delete(o.open, name)
		o.incomplete--
	case o.open[c.Replaced]:
		delete(o.open, c.Replaced)
		o.incomplete--
	default:
		if o.reports == 0 {
			o.complete = c.Complete
		}
		o.reports++
	}
	if !c.Complete {
		o.incomplete++
		if o.open == nil {
			o.open = make(map[string]bool)
		}
		if len(o.open) < maxOpen {
			o.open[name(c)] = true
		}
	}
}

// name tells reports apart.
func name(c *source.Crash) string {
	if c.Folder != "" {
		return c.Folder
	}
	return c.From.Host() + " " + c.From.Addr.String() + " " + c.Boot()
}

func (*outcome) Record(*source.Record)                         {}
func (*outcome) CrashDatagram(*source.Crash, *source.Datagram) {}
func (*outcome) Note(*source.Note)                             {}
func (*outcome) Repeated(*source.Crash, time.Time)             {}
func (*outcome) CrashBegin(*source.Crash)                      {}
func (*outcome) CrashRecord(*source.Crash, *source.Record)     {}
