// Package store keeps a folder for each report.
package store

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gasp/internal/source"
)

const (
	// maxFiles is how many files are open at a time.
	maxFiles = 128
	// maxHosts is how many hosts' folders one run makes; sender addresses can be forged.
	maxHosts = 4096
	// maxCrashes is how many reports' folders a host's folder may hold, and maxReports how many of
	// them may be of a machine that went on, so that room for crashes is left.
	maxCrashes = 1000
	maxReports = 200
)

// Store is a source.Sink that writes files. A file that cannot be written is said once, and again
// when it can; what is missing in it is counted there.
type Store struct {
	dir   string
	say   func(string)
	open  func(path string) (io.WriteCloser, error)
	files map[string]*file
	clock uint64 // orders the files by use
	hosts map[string]bool

	folders    map[*source.Crash]*folder // of reports that are open, and of those in closed
	closed     []*source.Crash           // the oldest first
	remembered int                       // bytes of reports
}

// New returns a store in dir, which it makes if need be; say shows a message to the user. It fails
// when it cannot write there.
func New(dir string, say func(string)) (*Store, error) {
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
	return &Store{
		dir:     dir,
		say:     say,
		open:    openAppend,
		files:   make(map[string]*file),
		hosts:   make(map[string]bool),
		folders: make(map[*source.Crash]*folder),
	}, nil
}

// The modes of what is made: logs may hold secrets.
const (
	folderMode = 0o750
	fileMode   = 0o640
)

func openAppend(path string) (io.WriteCloser, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, fileMode)
}

// Dir is where it stores, as an absolute path.
func (s *Store) Dir() string { return s.dir }

// Flush writes what is buffered.
func (s *Store) Flush() {
	for _, f := range s.files {
		s.flush(f)
	}
}

// Close writes what is buffered and closes all files. They are opened again when needed, so that
// files moved away meanwhile begin anew.
func (s *Store) Close() {
	for path, f := range s.files {
		s.flush(f)
		f.close()
		if f.lost == 0 {
			delete(s.files, path)
		}
	}
}

// hostDir makes and returns a host's folder.
func (s *Store) hostDir(from source.Origin) (string, error) {
	dir := filepath.Join(s.dir, from.FileName())
	if s.hosts[dir] {
		return dir, nil
	}
	if len(s.hosts) >= maxHosts {
		return "", errHosts
	}
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return "", err
	}
	s.hosts[dir] = true
	return dir, nil
}
