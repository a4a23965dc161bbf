// Package store keeps a folder for each report: its text, what it says as data, and its datagrams as
// they came.
//
// It has two parts. The Index decides, as a report begins and ends, whether it is stored already,
// where it goes, and which of two of the same crash is the better one; it is in memory and never waits.
// The Store does to the disk what was decided, behind a queue, so that a slow disk holds nobody up.
package store

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gasp/internal/capture"
	"gasp/internal/report"
	"gasp/internal/source"
	"gasp/internal/symbols"
)

const (
	// maxHosts is how many hosts' reports are known, and so how many hosts' folders one run makes;
	// sender addresses can be forged. Those that are not settled (source.Origin) get a half of them, so
	// that a flood of invented ones leaves room for others.
	maxHosts     = 4096
	maxUnsettled = maxHosts / 2
	// maxCrashes is how many reports' folders a host's folder may hold, and maxReports how many of
	// them may be of a machine that went on, so that room for crashes is left.
	maxCrashes = 1000
	maxReports = 200
)

// Store is a source.Sink that writes the folders of reports. It is to be called by one goroutine, with
// what the Index in front of it has decided. What cannot be written is said.
type Store struct {
	dir     string
	say     func(string)
	open    func(path string) (io.WriteCloser, error)
	index   *Index
	symbols *symbols.Folder
	encoder *capture.Encoder

	folders    map[uint64]*folder // of reports that are open, and of those in closed, by their ID
	closed     []uint64           // the oldest first
	remembered int                // bytes of reports
	image      *report.Symbolizer // the one used last, nil if there is none
}

// New returns a store in dir, which it makes if need be; say shows a message to the user, and may be
// called by any goroutine. What an earlier run left open is closed. It fails when it cannot write there.
//
// The reports of all hosts without a key may take room bytes on the disk together, 0 for no bound; those of senders
// that are not settled a half of it.
func New(dir string, room int64, say func(string)) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot store in %s: %w", dir, err)
	}
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return nil, fmt.Errorf("cannot store in %s: %w", dir, err)
	}
	probe, err := os.CreateTemp(dir, ".probe-")
	if err != nil {
		return nil, fmt.Errorf("cannot store in %s: %w", dir, err)
	}
	probe.Close()
	os.Remove(probe.Name())
	encoder, err := capture.NewEncoder("gasp receiver")
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, say: say, open: openAppend, index: newIndex(dir, room), symbols: symbols.In(dir), encoder: encoder, folders: make(map[uint64]*folder)}
	s.load()
	return s, nil
}

// The modes of what is made: reports may hold secrets.
const (
	folderMode = 0o750
	fileMode   = 0o640
)

// Dir is where it stores, as an absolute path.
func (s *Store) Dir() string { return s.dir }

// Index is the sink that is to stand before the queue, and before all sinks that show where a report is.
func (s *Store) Index() *Index { return s.index }

// Record does nothing: CrashRecord hands on what is of a report.
func (s *Store) Record(*source.Record) {}

// Note does nothing.
func (s *Store) Note(*source.Note) {}

// Flush writes what is buffered.
func (s *Store) Flush() {
	for _, f := range s.folders {
		s.flush(f)
	}
}

// Reopen looks which folders were removed meanwhile, so that there is room for others.
func (s *Store) Reopen() {
	s.index.look()
	s.measure()
}

// Close writes what is buffered, and closes the reports that are still open.
func (s *Store) Close() {
	for _, f := range s.folders {
		if f.open {
			s.interrupt(f)
		}
		s.flush(f)
	}
}
