// Package metrics shows a receiver's counters to Prometheus.
package metrics

import (
	"strconv"

	"gasp/internal/listen"
	"gasp/internal/source"

	"github.com/prometheus/client_golang/prometheus"
)

// Counts is what a receiver has counted, at one moment.
type Counts struct {
	// Source is the counters of the table of senders, and Known how many senders it knows.
	Source source.Stats
	Known  int
	// Rejected counts the datagrams that were not believed or understood, by cause, a word.
	Rejected map[string]uint64
	// Dropped is what the kernel dropped at each socket, and Errors the failed receptions.
	Dropped []listen.Dropped
	Errors  uint64
	// Complete and Incomplete are the crash reports by their verdict, Asked the reports of machines that
	// went on.
	Complete, Incomplete, Asked int
}

// Queue is what stands before a sink, or another place where text waits.
type Queue interface {
	// Name is the sink's, a word: it becomes a label.
	Name() string
	// Waiting is how many bytes wait.
	Waiting() int
	// Lost counts the records, or other things to be told, that were left out because it was full.
	Lost() uint64
}

// Receiver is what the metrics are of.
type Receiver struct {
	// Counts is called for each request, from any goroutine.
	Counts func() Counts
	// Queues are asked for each request, from any goroutine.
	Queues []Queue
}

const prefix = "gasp_receiver_"

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+name, help, labels, nil)
}

var (
	datagrams  = describe("datagrams_total", "Datagrams received.")
	records    = describe("records_total", "Records received, those of crash reports too.")
	missing    = describe("missing_records", "Records that did not come; one that comes late after all is taken off.")
	late       = describe("late_records_total", "Records that came after they had been given up as missing.")
	duplicates = describe("duplicate_records_total", "Records and datagrams that came a second time.")
	repeats    = describe("repeated_headlines_total", "Headlines of crashes that came again: the machine is still there.")
	rejected   = describe("rejected_datagrams_total", "Datagrams that were not believed or understood, by cause.", "cause")
	gone       = describe("gone_records_total", "Missing records that a sealed sender said it does not have any more.")
	heldBack   = describe("held_back_records_total", "Records that sealed senders said they keep back on purpose.")
	repaired   = describe("repaired_records_total", "Sealed records that came after they had been asked for.")
	answers    = describe("answers_total", "Datagrams sent to sealed senders.")
	deferred   = describe("deferred_records_total", "Sealed records that were not taken for lack of memory, to be asked for again.")
	forgotten  = describe("forgotten_sources_total", "Senders without a key that made way for others.")
	seen       = describe("sources_total", "Senders that were new when they were heard; one that was forgotten is new again.")
	known      = describe("known_sources", "Senders that are told apart now.")
	dropped    = describe("socket_dropped_datagrams_total", "Datagrams that the kernel dropped because the socket's buffer was full.", "address", "socket")
	failed     = describe("failed_receptions_total", "Calls to the kernel for datagrams that failed.")
	crashes    = describe("crash_reports", "Crash reports that were closed, by verdict; one that becomes complete later moves.", "verdict")
	asked      = describe("demanded_reports_total", "Reports of machines that went on.")
	waiting    = describe("sink_queue_bytes", "Bytes that wait for a sink.", "sink")
	lost       = describe("sink_lost_records_total", "Records, notes and parts of reports that a sink was too slow for.", "sink")
)

// Describe implements prometheus.Collector.
func (r *Receiver) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{datagrams, records, missing, late, duplicates, repeats, rejected, gone, heldBack, repaired, answers, deferred, forgotten, seen, known,
		dropped, failed, crashes, asked, waiting, lost} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (r *Receiver) Collect(to chan<- prometheus.Metric) {
	counter := func(d *prometheus.Desc, n uint64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	gauge := func(d *prometheus.Desc, n float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n, labels...)
	}
	c := r.Counts()
	counter(datagrams, c.Source.Datagrams)
	counter(records, c.Source.Records)
	gauge(missing, float64(c.Source.Missing))
	counter(late, c.Source.Late)
	counter(duplicates, c.Source.Duplicates)
	counter(repeats, c.Source.Repeats)
	for cause, n := range c.Rejected {
		counter(rejected, n, cause)
	}
	counter(gone, c.Source.Gone)
	counter(heldBack, c.Source.HeldBack)
	counter(repaired, c.Source.Repaired)
	counter(answers, c.Source.Answers)
	counter(deferred, c.Source.Deferred)
	counter(forgotten, c.Source.Forgotten)
	counter(seen, c.Source.Sources)
	gauge(known, float64(c.Known))
	for _, d := range c.Dropped {
		counter(dropped, d.Datagrams, d.Address, strconv.Itoa(d.Via))
	}
	counter(failed, c.Errors)
	gauge(crashes, float64(c.Complete), "complete")
	gauge(crashes, float64(c.Incomplete), "incomplete")
	counter(asked, uint64(c.Asked))
	for _, q := range r.Queues {
		gauge(waiting, float64(q.Waiting()), q.Name())
		counter(lost, q.Lost(), q.Name())
	}
}
