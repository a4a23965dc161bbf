package store

import (
	"errors"
	"fmt"
	"hash/maphash"
	"path/filepath"
	"slices"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

var (
	errCrashes = fmt.Errorf("the host's folder holds %d reports already", maxCrashes)
	errReports = fmt.Errorf("the host's folder holds %d reports on demand already", maxReports)
	errRoom    = errors.New("the reports of senders without a key have taken their room (-reports-size)")
	errHosts   = errors.New("too many hosts, more are not stored")
)

// maxKnown is how many reports of a host are known with what they tell, the newest ones: a crash comes
// again soon after the first time.
const maxKnown = 32

// plan gives a report a folder of its own: "crash-<time of receipt>-<boot>", or "report-" for a
// machine that goes on, with "-kept" behind it for a crash that outlived a reset, and a number if that
// exists.
func (x *Index) plan(c *source.Crash) {
	c.Folder, c.FolderErr = "", nil
	host := c.From.FileName()
	h := x.hosts[host]
	switch {
	case h == nil && (len(x.hosts) >= maxHosts || !c.From.Settled && len(x.hosts) >= maxUnsettled):
		c.FolderErr = errHosts
		return
	case c.From.Device == "" && x.room.full(c.From.Settled):
		c.FolderErr = errRoom
		return
	case h == nil:
		h = new(hostReports)
		x.hosts[host] = h
	case h.crashes+h.reports >= maxCrashes:
		c.FolderErr = errCrashes
		return
	case c.Form == wire.Report && h.reports >= maxReports:
		c.FolderErr = errReports
		return
	}
	prefix, suffix := crashPrefix, ""
	switch c.Form {
	case wire.Kept:
		suffix = "-kept"
	case wire.Report:
		prefix = reportPrefix
	}
	base := prefix + c.Began.UTC().Format(nameTime) + "-" + shortBoot(c) + suffix
	name := base
	for i := 2; !x.add(h, name); i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	x.count(h, c.Form, 1)
	x.know(h, &entry{name: name, form: c.Form, boot: c.Boot(), open: true})
	c.Folder = filepath.Join(x.dir, host, name)
}

// What the names of folders are made of.
const (
	crashPrefix  = "crash-"
	reportPrefix = "report-"
	nameTime     = "20060102T150405Z"
)

// shortBoot is the boot as it is in the name of a folder.
func shortBoot(c *source.Crash) string {
	const shown = 8
	if b := c.Boot(); len(b) >= shown {
		return b[:shown]
	}
	return "unknown"
}

func (x *Index) hash(name string) uint32 { return uint32(maphash.String(x.seed, name)) }

// add takes a name; false says that it is there already.
func (x *Index) add(h *hostReports, name string) bool {
	sum := x.hash(name)
	i, found := slices.BinarySearch(h.names, sum)
	if !found {
		h.names = slices.Insert(h.names, i, sum)
	}
	return !found
}

func (x *Index) count(h *hostReports, f wire.Form, n int) {
	if f == wire.Report {
		h.reports += n
	} else {
		h.crashes += n
	}
}

// know remembers a report, and forgets the oldest one if there are too many.
func (x *Index) know(h *hostReports, e *entry) {
	if len(h.known) >= maxKnown {
		oldest := max(0, slices.IndexFunc(h.known, func(e *entry) bool { return !e.open }))
		h.known = slices.Delete(h.known, oldest, oldest+1)
	}
	h.known = append(h.known, e)
}
