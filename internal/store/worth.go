package store

import (
	"cmp"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// A crash can come more than once: to a receiver that was started anew while the machine repeats
// its headline, and from memory that outlived a reset. What is stored of a host and a boot tells.

// worth is how much a report tells.
type worth struct {
	class    class
	received uint64
}

type class int

const (
	unreported class = iota // that the machine was reset, and nothing else
	headless                // without a whole headline
	partly
	whole
)

func (a worth) compare(b worth) int {
	return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.received, b.received))
}

func (m *Summary) worth() worth {
	w := worth{partly, m.Records.Received}
	switch {
	case m.Cause == wire.ResetCause:
		w.class = unreported
	case m.Uptime == 0 && m.PC == "" && m.Build == "" && len(m.Registers) == 0:
		w.class = headless
	case m.Complete:
		w.class = whole
	}
	return w
}

// worthOf is Summary.worth of a closed report.
func worthOf(c *source.Crash) worth {
	w := worth{partly, c.Received}
	h := &c.Headline
	switch {
	case c.HasHeadline && string(h.Cause) == wire.ResetCause:
		w.class = unreported
	case !c.HasHeadline || h.Uptime == 0 && !h.HasPC && h.Build == "" && len(h.Registers) == 0:
		w.class = headless
	case c.Complete:
		w.class = whole
	}
	return w
}
