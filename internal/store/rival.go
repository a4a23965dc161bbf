package store

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// A crash can come more than once: to a receiver that was started anew while the machine repeats
// its headline, and from memory that outlived a reset. What is stored of a host and a boot tells.

const (
	// maxRivals is how many folders with the same short boot are looked at, the newest ones.
	maxRivals = 16
	// maxMeta is how large a meta.json may be, in bytes.
	maxMeta = 1 << 20
)

// rival returns the stored crash of the same host and boot that is worth most, an empty path if
// there is none. One that is being written does not count.
func (s *Store) rival(c *source.Crash) (path string, best *meta) {
	if c.Form == wire.Report || !c.HasBoot() {
		return "", nil
	}
	host := filepath.Join(s.dir, c.From.FileName())
	entries, err := os.ReadDir(host)
	if err != nil {
		return "", nil
	}
	busy := make(map[string]bool)
	for other, f := range s.folders {
		if f.open || other == c {
			busy[f.path] = true
		}
	}
	looked := 0
	for i := len(entries) - 1; i >= 0 && looked < maxRivals; i-- {
		name := entries[i].Name()
		if !strings.HasPrefix(name, crashPrefix) || !strings.Contains(name, "-"+shortBoot(c)) && !strings.Contains(name, "-unknown") {
			continue
		}
		looked++
		folder := filepath.Join(host, name)
		if m := readMeta(folder); m != nil && !busy[folder] && m.Boot == c.Boot() && (best == nil || m.worth().compare(best.worth()) > 0) {
			path, best = folder, m
		}
	}
	return path, best
}

func readMeta(folder string) *meta {
	path := filepath.Join(folder, "meta.json")
	if info, err := os.Stat(path); err != nil || info.Size() > maxMeta {
		return nil
	}
	text, err := os.ReadFile(path)
	m := new(meta)
	if err != nil || json.Unmarshal(text, m) != nil {
		return nil
	}
	return m
}

// worth is how much a report tells.
type worth struct {
	class    class
	received uint64
}

type class int

const (
	unreported class = iota // that the machine was reset, and nothing else
	headless                // without a whole headline
	partly
	whole
)

func (a worth) compare(b worth) int {
	return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.received, b.received))
}

func (m *meta) worth() worth {
	w := worth{partly, m.Records.Received}
	switch {
	case m.Cause == wire.ResetCause:
		w.class = unreported
	case m.Uptime == 0 && m.PC == "" && m.Build == "" && len(m.Registers) == 0:
		w.class = headless
	case m.Complete:
		w.class = whole
	}
	return w
}

// known says whether nothing that comes of a report can be worth more than what is stored.
func (s *Store) known(c *source.Crash) (path string, known bool) {
	path, m := s.rival(c)
	if m == nil {
		return "", false
	}
	w := m.worth()
	return path, w.class == whole || describe(c).worth().class == unreported && c.HasHeadline
}

// compare keeps the better one of a closed report and of what was stored of the same crash. A worse
// one that is stored stays beside the new one as earlier.txt.
func (s *Store) compare(c *source.Crash, f *folder) {
	path, m := s.rival(c)
	if m == nil {
		return
	}
	better := s.described(c, f).worth().compare(m.worth()) > 0
	if m.State == "receiving" && !c.Complete {
		return // nobody counted what it has
	}
	if better {
		if os.Rename(filepath.Join(path, "report.txt"), filepath.Join(f.path, "earlier.txt")) == nil {
			remove(path)
			c.Replaced = path
		}
		return
	}
	remove(f.path)
	c.Folder, c.Worse = path, true
}

// remove removes a report's folder, unless somebody put more into it.
func remove(folder string) {
	for _, name := range []string{"report.txt", "earlier.txt", "meta.json"} {
		os.Remove(filepath.Join(folder, name))
	}
	os.Remove(folder)
}
