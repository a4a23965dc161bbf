package store

import (
	"hash/maphash"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// Index is a source.Sink that knows what is stored, and decides what becomes of a report: it sets
// Known, Folder, FolderErr, Worse and Replaced. It touches no disk. The Store does what it decided, or
// tells it that this failed.
type Index struct {
	dir   string
	mu    sync.Mutex
	hosts map[string]*hostReports // by the name of their folder
	seed  maphash.Seed
	room  room
}

// hostReports is what is known of a host's reports.
type hostReports struct {
	crashes, reports int
	// names is a hash of each folder's name, in order; two that are equal by chance cost nothing but a
	// number in a name.
	names []uint32
	known []*entry // the oldest first
}

// entry is a report that is stored, or is to be.
type entry struct {
	name   string
	form   wire.Form
	boot   string
	worth  worth
	open   bool // it comes in
	made   bool // the folder is there
	broken bool // the receiver ended while it came in: nobody counted what it has
}

func newIndex(dir string, limit int64) *Index {
	return &Index{dir: dir, hosts: make(map[string]*hostReports), seed: maphash.MakeSeed(), room: room{limit: limit}}
}

// CrashBegin finds out whether a report is stored that tells all this one can, and else gives it a
// folder.
func (x *Index) CrashBegin(c *source.Crash) {
	x.mu.Lock()
	defer x.mu.Unlock()
	host := c.From.FileName()
	if e := x.rival(c, nil); e != nil && (e.worth.class == whole || c.HasHeadline && worthOf(c).class == unreported) {
		c.Known, c.Folder = true, filepath.Join(x.dir, host, e.name)
		return
	}
	x.plan(c)
}

// rival returns the stored crash of the same host and boot that is worth most, nil if there is none. But
// does not count, and neither does one that comes in.
func (x *Index) rival(c *source.Crash, but *entry) (best *entry) {
	h := x.hosts[c.From.FileName()]
	if h == nil || c.Form == wire.Report || !c.HasBoot() {
		return nil
	}
	for i := len(h.known) - 1; i >= 0; i-- {
		e := h.known[i]
		if e != but && !e.open && e.form != wire.Report && e.boot == c.Boot() && (best == nil || e.worth.compare(best.worth) > 0) {
			best = e
		}
	}
	return best
}

// entry returns what is known of a folder, nil if that was forgotten.
func (x *Index) entry(folder string) (h *hostReports, e *entry) {
	h = x.hosts[filepath.Base(filepath.Dir(folder))]
	if h == nil {
		return nil, nil
	}
	name := filepath.Base(folder)
	if i := slices.IndexFunc(h.known, func(e *entry) bool { return e.name == name }); i >= 0 {
		return h, h.known[i]
	}
	return h, nil
}

// CrashRecord opens a report again of which more comes.
func (x *Index) CrashRecord(c *source.Crash, _ *source.Record) {
	if !c.Reopened || c.Known {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if c.Worse {
		c.Worse = false
		x.plan(c)
		return
	}
	if _, e := x.entry(c.Folder); e != nil {
		e.open = true
	}
}

// CrashEnd keeps the better one of a closed report and of what was stored of the same crash.
func (x *Index) CrashEnd(c *source.Crash) {
	if c.Known || c.Folder == "" {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	h, e := x.entry(c.Folder)
	if e == nil {
		return
	}
	e.open, e.boot, e.worth = false, c.Boot(), worthOf(c)
	rival := x.rival(c, e)
	switch {
	case rival == nil, rival.broken && !c.Complete:
	case e.worth.compare(rival.worth) > 0:
		c.Replaced = filepath.Join(filepath.Dir(c.Folder), rival.name)
		x.forget(h, rival)
	default:
		c.Folder, c.Worse = filepath.Join(filepath.Dir(c.Folder), rival.name), true
		x.forget(h, e)
	}
}

func (x *Index) forget(h *hostReports, e *entry) {
	h.known = slices.DeleteFunc(h.known, func(other *entry) bool { return other == e })
	if i, found := slices.BinarySearch(h.names, x.hash(e.name)); found {
		h.names = slices.Delete(h.names, i, i+1)
		x.count(h, e.form, -1)
	}
}

// gone tells that a folder is not there.
func (x *Index) gone(folder string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if h, e := x.entry(folder); e != nil && !e.open {
		x.forget(h, e)
	}
}

// made tells that a folder is there.
func (x *Index) made(folder string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, e := x.entry(folder); e != nil {
		e.made = true
	}
}

// lacks tells that only some records of a report are there.
func (x *Index) lacks(folder string, records uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, e := x.entry(folder); e != nil {
		e.worth = worth{min(e.worth.class, partly), records}
	}
}

// Record does nothing.
func (*Index) Record(*source.Record) {}

// Note does nothing.
func (*Index) Note(*source.Note) {}

// CrashDatagram does nothing.
func (*Index) CrashDatagram(*source.Crash, *source.Datagram) {}

// Repeated does nothing.
func (*Index) Repeated(*source.Crash, time.Time) {}
