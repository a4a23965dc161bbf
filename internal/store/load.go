package store

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// load reads what is stored into the index, and closes what an earlier run left open.
func (s *Store) load() {
	interrupted := uint64(0)
	for _, host := range hostFolders(s.dir) {
		if len(s.index.hosts) >= maxHosts {
			s.say(fmt.Sprintf("%s: more than %d hosts have reports, of the others a crash that comes again is not known", s.dir, maxHosts))
			break
		}
		unfinished, _ := filepath.Glob(filepath.Join(s.dir, host, newPrefix+"*"))
		for _, folder := range unfinished {
			remove(folder) // an earlier run was killed as it made it
		}
		h, known := s.index.names(filepath.Join(s.dir, host))
		if h == nil {
			continue
		}
		s.index.hosts[host] = h
		for _, name := range known {
			folder := filepath.Join(s.dir, host, name)
			m, err := ReadSummary(folder)
			if err != nil {
				continue // somebody else's
			}
			if m.State == Receiving {
				s.close(folder, m)
				interrupted++
			}
			s.index.know(h, &entry{name: name, form: formOf(name), boot: m.Boot, worth: m.worth(), made: true, broken: m.State == Interrupted})
		}
	}
	s.measure()
	if interrupted > 0 {
		s.say(fmt.Sprintf("%s %s not whole, the receiver was ended while %s came in", source.Count(interrupted, "report"), are(interrupted), they(interrupted)))
	}
}

func are(n uint64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func they(n uint64) string {
	if n == 1 {
		return "it"
	}
	return "they"
}

// hostFolders are the names of the folders that may be those of hosts.
func hostFolders(dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && e.Name() != source.SymbolsName {
			names = append(names, e.Name())
		}
	}
	return names
}

// names counts the reports of a host's folder, and returns the newest ones, the oldest first; nil if
// there is none.
func (x *Index) names(dir string) (h *hostReports, newest []string) {
	names := reportFolders(dir)
	if len(names) == 0 {
		return nil, nil
	}
	h = new(hostReports)
	for _, name := range names {
		if x.add(h, name) {
			x.count(h, formOf(name), 1)
		}
	}
	return h, names[max(0, len(names)-maxKnown):]
}

// reportFolders are the names of the folders of a host's reports, the oldest first.
func reportFolders(dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if name := e.Name(); e.IsDir() && (strings.HasPrefix(name, crashPrefix) || strings.HasPrefix(name, reportPrefix)) {
			names = append(names, name)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return strings.Compare(began(a), began(b)) })
	return names
}

// began is the time in the name of a folder, which sorts.
func began(name string) string {
	_, rest, _ := strings.Cut(name, "-")
	return rest
}

func formOf(name string) wire.Form {
	switch {
	case strings.HasPrefix(name, reportPrefix):
		return wire.Report
	case strings.Contains(name, "-kept"):
		return wire.Kept
	}
	return wire.Crash
}

// look finds out which folders are there no more.
func (x *Index) look() {
	for _, host := range x.hostNames() {
		h, _ := x.names(filepath.Join(x.dir, host))
		x.mu.Lock()
		old := x.hosts[host]
		for _, e := range old.known {
			if h == nil {
				h = new(hostReports)
			}
			if _, there := slices.BinarySearch(h.names, x.hash(e.name)); !there && (e.open || !e.made) {
				x.add(h, e.name)
				x.count(h, e.form, 1)
			} else if !there {
				continue
			}
			h.known = append(h.known, e)
		}
		if h == nil {
			delete(x.hosts, host)
		} else {
			x.hosts[host] = h
		}
		x.mu.Unlock()
	}
}

func (x *Index) hostNames() (names []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for host := range x.hosts {
		names = append(names, host)
	}
	return names
}
