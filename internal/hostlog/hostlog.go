// Package hostlog keeps what the senders said in a plain file for each host, one line a record.
package hostlog

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"gasp/internal/linefile"
	"gasp/internal/printable"
	"gasp/internal/source"
)

const (
	// maxHosts is how many hosts' folders one run makes; sender addresses can be forged. Those that are not
	// settled (source.Origin) get a half of them, so that a flood of invented ones leaves room for others.
	maxHosts     = 4096
	maxUnsettled = maxHosts / 2
	// bufferSize is how many bytes of a host wait before they are written unasked, and maxBuffered
	// those of all.
	bufferSize  = 64 << 10
	maxBuffered = 4 << 20
	// cutMark ends a line that was not written whole.
	cutMark = "\t#! cut off here: the receiver ended while it wrote this\n"
)

var errHosts = errors.New("too many hosts, more are not stored")

// Options say where and how the logs are kept.
type Options struct {
	// Dir is the folder that has a folder for each host.
	Dir string
	// RotateSize is how many bytes a log has before the next one is begun, 0 for no bound.
	RotateSize int64
	// RotateAge is how old a log gets from its first record on before the next one is begun, 0 for
	// no bound.
	RotateAge time.Duration
	// Keep is how many older logs of a host are kept, and KeepSize how many bytes they have in all;
	// 0 for no bound.
	Keep     int
	KeepSize int64
	// SharedSize is how many bytes the logs of all hosts without a key may have together, 0 for no bound:
	// a half for the current ones, which are rotated earlier when there are many, and a half for the
	// older ones, of which the host with the most loses its oldest first.
	SharedSize int64
	// Say shows a message to the user. It may be called by another goroutine.
	Say func(string)
}

// Logs is a source.Sink that appends to <dir>/<host>/log. It is for one goroutine, and may wait for
// the disk.
type Logs struct {
	options Options
	format  *Format
	hosts   map[host]*log
	paths   map[string]*log // the same ones: two hosts can have one file name
	dirty   []*log          // with something in their buffer
	open    []*log
	free    [][]byte // buffers
	size    int      // of what is buffered
	sharing int64    // logs of hosts without a key
	clock   uint64   // orders the logs by use
	refused uint64   // records of hosts that are too many
	keeper  *keeper
	now     func() time.Time
	rename  func(from, to string) error
	maxOpen int // files at a time
}

// host tells hosts apart.
type host struct {
	address netip.Addr
	device  string
}

// log is the log of one host.
type log struct {
	file      *linefile.File
	begun     time.Time // when its first record was received
	notBefore time.Time // it is not rotated
	shared    bool      // its host has no key
	used      uint64
	buf       []byte
}

// New returns the logs below a folder, and starts a goroutine that compresses old ones, those of
// earlier runs too, until Close.
func New(o Options) *Logs {
	return &Logs{options: o, format: NewFormat(), hosts: make(map[host]*log), paths: make(map[string]*log),
		keeper: newKeeper(o), now: time.Now, rename: os.Rename, maxOpen: openFiles()}
}

// openFiles is how many logs may be open at a time: all of them, if half of the descriptors that this
// process may have (getrlimit(2)) is enough. To open and close them in turn costs ten times as much.
func openFiles() int {
	const least = 64
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return least
	}
	return int(min(max(limit.Cur/2, least), maxHosts))
}

// Record implements source.Sink.
func (s *Logs) Record(r *source.Record) {
	if l := s.log(&r.From); l != nil {
		size := len(l.buf)
		l.buf = s.format.Record(l.buf, r)
		s.grown(l, size)
	}
}

// Note implements source.Sink.
func (s *Logs) Note(n *source.Note) {
	if n.From == (source.Origin{}) {
		s.options.Say(fmt.Sprintf("logs in %s: %s", s.options.Dir, n.Text()))
		return
	}
	s.note(&n.From, n.At, n.Text())
}

func (s *Logs) note(from *source.Origin, at time.Time, text string) {
	if l := s.log(from); l != nil {
		size := len(l.buf)
		l.buf = s.format.Note(l.buf, at, text)
		s.grown(l, size)
	}
}

// Repeated notes that a crash's headline came again, ever more rarely.
func (s *Logs) Repeated(c *source.Crash, at time.Time) {
	if c.Repeats&(c.Repeats-1) == 0 {
		s.note(&c.From, at, source.RepeatedText(c.Repeats))
	}
}

// CrashEnd notes how a report ended, and where it is.
func (s *Logs) CrashEnd(c *source.Crash) {
	text := source.KnownText(c)
	if !c.Known {
		text = source.ClosedText(c)
		switch {
		case c.FolderErr != nil:
			text += ", not stored: " + c.FolderErr.Error()
		case c.Folder != "":
			text += ", " + c.Folder
		}
	}
	s.note(&c.From, c.Last, "-- "+string(printable.Append(nil, []byte(text))))
}

// CrashBegin does nothing: the records of a report come as all others do.
func (s *Logs) CrashBegin(*source.Crash) {}

// CrashRecord does nothing.
func (s *Logs) CrashRecord(*source.Crash, *source.Record) {}

// CrashDatagram does nothing.
func (s *Logs) CrashDatagram(*source.Crash, *source.Datagram) {}

// log returns the log of a host, with a buffer; nil if there is none for it.
func (s *Logs) log(from *source.Origin) *log {
	key := host{device: from.Device}
	if from.Device == "" {
		key.address = from.Addr.Addr()
	}
	l := s.hosts[key]
	if l == nil {
		if l = s.meet(key, from); l == nil {
			return nil
		}
	}
	if l.buf == nil {
		s.dirty = append(s.dirty, l)
		if n := len(s.free); n > 0 {
			l.buf, s.free = s.free[n-1], s.free[:n-1]
		} else {
			l.buf = make([]byte, 0, 1<<10)
		}
	}
	return l
}

// meet takes a host in, unless there are too many.
func (s *Logs) meet(key host, from *source.Origin) *log {
	path := filepath.Join(s.options.Dir, from.FileName(), current)
	l := s.paths[path]
	if l == nil {
		if len(s.hosts) >= maxHosts || !from.Settled && len(s.hosts) >= maxUnsettled {
			if s.refused++; s.refused == 1 {
				s.options.Say(fmt.Sprintf("%s: no folder for %s: %v", s.options.Dir, from.Host(), errHosts))
			}
			return nil
		}
		l = &log{file: linefile.New(path, linefile.Options{Cut: cutMark, Lost: s.lost, Say: s.options.Say}), shared: from.Device == ""}
		s.paths[path] = l
		if l.shared {
			s.sharing++
		}
	}
	s.hosts[key] = l
	return l
}

// lost is the line about records that could not be written.
func (s *Logs) lost(dst []byte, records uint64) []byte {
	return s.format.Note(dst, s.now(), "-- "+source.Count(records, "record")+" could not be written here")
}

// grown writes a log's buffer, or all of them, when there is much in it.
func (s *Logs) grown(l *log, before int) {
	s.size += len(l.buf) - before
	switch {
	case len(l.buf) >= bufferSize:
		s.write(l)
	case s.size >= maxBuffered:
		s.Flush()
	}
}
