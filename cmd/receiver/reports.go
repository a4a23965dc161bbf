package main

import (
	"fmt"
	"time"

	"gasp/internal/queue"
	"gasp/internal/source"
	"gasp/internal/store"
)

// reportPatience is how long the folders of reports have at the program's end to be written: a crash
// that was told to be stored is worth a wait.
const reportPatience = 30 * time.Second

// reports is where crash reports are stored: what decides about them, and behind a queue what writes.
type reports struct {
	files *store.Store
	queue *queue.Queue
	say   func(string)
}

func openReports(o *options, say func(string)) (*reports, error) {
	files, err := store.New(o.dir, int64(o.reportsSize), say)
	if err != nil {
		return nil, err
	}
	return &reports{files: files, queue: queue.New(files, queue.Options{Name: "reports", Limit: int(o.queue), Reports: true}), say: say}, nil
}

// Sinks are to stand before those that say where a report is.
func (r *reports) Sinks() source.Sinks { return source.Sinks{r.files.Index(), reportsOnly{r.queue}} }

// Close waits until everything is written.
func (r *reports) Close() {
	if !r.queue.Close(reportPatience) {
		r.say(fmt.Sprintf("reports: given up with %d KiB that wait", r.queue.Waiting()>>10))
	}
	if n := r.queue.Lost(); n > 0 {
		r.say(fmt.Sprintf("reports: %s left out, the disk was too slow", source.Count(n, "record")))
	}
}

// reportsOnly is a sink that is told nothing but what reports consist of.
type reportsOnly struct{ source.Sink }

// Record does nothing.
func (reportsOnly) Record(*source.Record) {}

// Note does nothing.
func (reportsOnly) Note(*source.Note) {}
