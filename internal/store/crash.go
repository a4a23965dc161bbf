package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gasp/internal/source"
)

var (
	errCrashes = fmt.Errorf("the host's folder holds %d crash reports already", maxCrashes)
	errNames   = errors.New("no free name for the folder")
)

// folder is where a crash report is written as it comes in.
type folder struct {
	path    string
	section section
	next    uint64 // the number that follows the last one written
	ended   bool   // the last line has its newline
}

// section is the part of report.txt that was written last.
type section int

const (
	inHeadline section = iota
	inBefore
	inReport
)

// CrashBegin makes the folder of a report.
func (s *Store) CrashBegin(c *source.Crash) {
	path, err := s.makeFolder(c)
	if err != nil {
		c.FolderErr = reason(err)
		return
	}
	f := &folder{path: path, ended: true}
	s.crashes[c] = f
	c.Folder = path
	s.write(f, fmt.Sprintf("crash report of %s, received %s\n\n", c.From.Addr(), stamp(c.Began)))
	s.writeMeta(c, f)
}

// CrashRecord appends a record to the report.
func (s *Store) CrashRecord(c *source.Crash, r *source.Record) {
	f := s.crashes[c]
	if f == nil {
		return
	}
	if !r.Report {
		s.enter(f, inBefore, c)
		s.write(f, string(appendRecord(nil, r)))
		return
	}
	isHeadline := c.HasHeadline && c.Received == 1
	if !isHeadline {
		s.enter(f, inReport, c)
	}
	var text []byte
	switch {
	case !r.Extended:
	case r.Seq > f.next && f.next != 0:
		s.finishLine(f)
		text = append(text, source.MissingText(f.next, r.Seq-1)+"\n"...)
	case r.Seq < f.next:
		s.finishLine(f)
		text = fmt.Appendf(text, "-- late (seq %d): ", r.Seq)
	}
	f.next = max(f.next, r.Seq+1)
	if !r.Cont {
		s.finishLine(f)
	}
	text = appendText(text, r.Text, "")
	if r.Damaged {
		text = append(text, " (damaged)"...)
	}
	// The newline waits, for a continuation may follow.
	f.ended = false
	s.append(filepath.Join(f.path, "report.txt"), text, 1)
}

// CrashEnd closes the report with its verdict.
func (s *Store) CrashEnd(c *source.Crash) {
	f := s.crashes[c]
	if f == nil {
		return
	}
	delete(s.crashes, c)
	s.finishLine(f)
	s.write(f, "\n-- "+c.Verdict()+"\n")
	report := s.file(filepath.Join(f.path, "report.txt"))
	s.flush(report)
	if report.lost > 0 {
		c.FolderErr = errors.New("report.txt could not be written whole")
	}
	report.close()
	delete(s.files, report.path)
	s.writeMeta(c, f)
	s.note(c.From, c.Last, "-- crash report "+c.Verdict()+", "+f.path)
}

// makeFolder makes "crash-<time of receipt>-<boot>", with a number behind it if that exists.
func (s *Store) makeFolder(c *source.Crash) (string, error) {
	host, err := s.hostDir(c.From)
	if err != nil {
		return "", err
	}
	if err := s.roomFor(host); err != nil {
		return "", err
	}
	const shownBoot = 8
	boot := "unknown"
	if b := c.Boot(); len(b) >= shownBoot {
		boot = b[:shownBoot]
	}
	path := filepath.Join(host, "crash-"+c.Began.UTC().Format("20060102T150405Z")+"-"+boot)
	const tries = 100
	for i := 1; i <= tries; i++ {
		name := path
		if i > 1 {
			name = fmt.Sprintf("%s-%d", path, i)
		}
		if err := os.Mkdir(name, folderMode); !errors.Is(err, os.ErrExist) {
			return name, err
		}
	}
	return "", errNames
}

func (s *Store) roomFor(host string) error {
	entries, err := os.ReadDir(host)
	if err != nil {
		return err
	}
	n := 0
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "crash-") {
			n++
		}
	}
	if n >= maxCrashes {
		return errCrashes
	}
	return nil
}

// enter begins a section of report.txt.
func (s *Store) enter(f *folder, to section, c *source.Crash) {
	if f.section >= to {
		return
	}
	s.finishLine(f)
	if f.section < inBefore {
		s.write(f, "\n-- before the crash\n")
		for _, r := range c.Before {
			s.write(f, string(appendRecord(nil, r)))
		}
	}
	if to == inReport {
		s.write(f, "\n-- the report\n")
	}
	f.section = to
}

func (s *Store) finishLine(f *folder) {
	if !f.ended {
		s.write(f, "\n")
		f.ended = true
	}
}

func (s *Store) write(f *folder, text string) {
	s.append(filepath.Join(f.path, "report.txt"), []byte(text), 1)
}
