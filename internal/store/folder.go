package store

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"gasp/internal/source"
)

// folder is where a report is written as it comes in.
type folder struct {
	path    string
	open    bool
	made    bool // it is there
	section section
	next    uint64 // the number that follows the last one written
	ended   bool   // the last line has its newline
	summary *Summary
	memory  memory // to bring the report into its order
	text    output
	packets output
	charged int64  // what is counted of it in the room
	heard   uint64 // datagrams
	records uint64 // of the report
}

// section is the part of report.txt that was written last.
type section int

const (
	inHeadline section = iota
	inBefore
	inReport
)

// The bounds of a report's files, in bytes.
const (
	maxText    = 64 << 20
	maxPackets = 16 << 20
)

var errNames = errors.New("no free name for the folder")

// makeFolder makes the folder, with report.json in it: whatever happens, there is none without. If that
// fails it is tried again at the end.
func (s *Store) makeFolder(f *folder) {
	base := f.path
	err := s.tryFolder(f)
	const tries = 100
	for i := 2; exists(err) && i < tries; i++ {
		// Somebody else stores here too, or this host was not known.
		f.path = fmt.Sprintf("%s-%d", base, i)
		if err = s.tryFolder(f); err == nil {
			s.say(fmt.Sprintf("%s is there already, the report is in %s", base, f.path))
		}
	}
	f.text = output{path: filepath.Join(f.path, textName), limit: maxText, lost: f.text.lost}
	f.packets = output{path: filepath.Join(f.path, datagramName), limit: maxPackets, lost: f.packets.lost}
	if exists(err) {
		err = errNames
	}
	if err != nil {
		s.say(fmt.Sprintf("%s is not stored: %v", f.path, reason(err)))
		return
	}
	f.made = true
	if shared(f.path) {
		f.text.room, f.packets.room = &s.index.room, &s.index.room
	}
	s.charge(f)
	s.index.made(f.path)
}

// newPrefix begins the name of a folder that is not whole yet.
const newPrefix = ".new-"

func (s *Store) tryFolder(f *folder) error {
	made := filepath.Join(filepath.Dir(f.path), newPrefix+filepath.Base(f.path))
	remove(made)
	err := os.MkdirAll(made, folderMode)
	if err == nil {
		f.summary.ID = id(f.path)
		err = s.putJSON(filepath.Join(made, summaryName), f.summary)
	}
	if err == nil {
		err = os.Rename(made, f.path)
	}
	if err != nil {
		remove(made)
	}
	return err
}

// exists says whether a folder could not be made because its name is taken.
func exists(err error) bool {
	return errors.Is(err, os.ErrExist) || errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.ENOTDIR)
}

// maxFolders is how many reports are known at a time. The table has fewer open ones, but the end of one may
// have been left out by the queue.
const maxFolders = 4 * source.MaxSources

// evict gives up the report that began first.
func (s *Store) evict() {
	oldest := slices.Min(slices.Collect(maps.Keys(s.folders)))
	f := s.folders[oldest]
	if f.open {
		s.interrupt(f)
	}
	s.flush(f)
	s.release(f)
	delete(s.folders, oldest)
	s.closed = slices.DeleteFunc(s.closed, func(other uint64) bool { return other == oldest })
}

// folder returns where a report is written, nil if it is not to be.
func (s *Store) folder(c *source.Crash) *folder {
	f := s.folders[c.ID]
	switch {
	case c.Known || c.Folder == "" || c.Worse:
		return nil
	case f != nil && f.open:
		return f
	case f == nil && !c.Reopened:
		f = &folder{ended: true} // its beginning was left out by the queue
		s.begin(c, f)
		return f
	}
	s.reopen(c, f)
	return s.folders[c.ID]
}

// remove removes a report's folder, unless somebody put more into it.
func remove(folder string) {
	for _, name := range []string{textName, earlierName, summaryName, oldSummary, datagramName, summaryName + ".new", textName + ".new"} {
		os.Remove(filepath.Join(folder, name))
	}
	os.Remove(folder)
}

// save writes report.json.
func (s *Store) save(f *folder) {
	if !f.made {
		return
	}
	if err := s.writeSummary(f.path, f.summary); err != nil {
		s.say(fmt.Sprintf("%s is not written: %v", filepath.Join(f.path, summaryName), reason(err)))
	}
}

// flush writes what is buffered of a report.
func (s *Store) flush(f *folder) {
	if !f.made {
		f.text.lost += f.text.pieces
		f.text.buf, f.text.pieces = f.text.buf[:0], 0
		return
	}
	for _, o := range []*output{&f.text, &f.packets} {
		before := o.lost
		if s.write(o); o.lost > before && before == 0 {
			s.say(fmt.Sprintf("%s is not being written: %v", o.path, reason(o.problem)))
		}
	}
}
