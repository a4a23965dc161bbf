package main

import (
	"gasp/internal/metrics"
	"gasp/internal/source"
)

// metrics is what of the receiver there is to measure.
func (r *receiver) metrics() *metrics.Receiver {
	m := &metrics.Receiver{Counts: r.counts}
	for _, q := range r.show.Queues() {
		m.Queues = append(m.Queues, q)
	}
	if r.reports != nil {
		m.Queues = append(m.Queues, r.reports.queue)
	}
	return m
}

// counts is what was counted so far; reception waits while it looks.
func (r *receiver) counts() metrics.Counts {
	c := metrics.Counts{Dropped: r.sockets.Dropped(), Errors: r.sockets.Errors()}
	r.mu.Lock()
	defer r.mu.Unlock()
	c.Source, c.Known = r.table.Stats(), r.table.Known()
	c.Rejected = make(map[string]uint64)
	for cause, n := range c.Source.Rejected {
		c.Rejected[source.Cause(cause).String()] = n
	}
	c.Complete, c.Incomplete = r.outcome.reports-r.outcome.incomplete, r.outcome.incomplete
	c.Asked = r.outcome.asked
	return c
}
