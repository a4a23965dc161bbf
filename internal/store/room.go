package store

import (
	"os"
	"path/filepath"
	"sync/atomic"

	"gasp/internal/keys"
)

// room bounds what the reports of all hosts without a key take on the disk: anybody can send in the name of any of
// them. The Store counts, and the Index gives no folder when it is used up.
type room struct {
	limit int64 // bytes, 0 for none
	used  atomic.Int64
}

// full says whether there is no room for one more report. Senders that are not settled have half of it.
func (r *room) full(settled bool) bool {
	limit := r.limit
	if !settled {
		limit /= 2
	}
	return r.limit > 0 && r.used.Load() >= limit
}

// diskBlock is what files and folders take a multiple of, on most file systems.
const diskBlock = 4096

// sizeOf is about what a report's folder takes on the disk, in bytes; 0 if it is not there.
func sizeOf(folder string) (size int64) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return 0
	}
	size = diskBlock
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			size += (info.Size() + diskBlock - 1) / diskBlock * diskBlock
		}
	}
	return size
}

// shared says whether a report's folder is that of a host without a key. The names of devices are no addresses.
func shared(folder string) bool { return keys.CheckName(filepath.Base(filepath.Dir(folder))) != nil }

// measure counts what is stored.
func (s *Store) measure() {
	if s.index.room.limit == 0 {
		return
	}
	var used int64
	for _, folder := range allFolders(s.dir) {
		if shared(folder) {
			used += sizeOf(folder)
		}
	}
	s.index.room.used.Store(used)
	for _, f := range s.folders {
		f.charged, f.text.charged, f.packets.charged = 0, 0, 0
		if f.made && shared(f.path) {
			f.charged = sizeOf(f.path)
		}
	}
}

// charge counts what a report takes now.
func (s *Store) charge(f *folder) {
	if s.index.room.limit == 0 || !shared(f.path) {
		return
	}
	size := sizeOf(f.path)
	s.index.room.used.Add(size - f.charged - f.text.charged - f.packets.charged)
	f.charged, f.text.charged, f.packets.charged = size, 0, 0
}

// uncharge counts that a report is about to be removed that is closed.
func (s *Store) uncharge(folder string) {
	if s.index.room.limit > 0 && shared(folder) {
		s.index.room.used.Add(-sizeOf(folder))
	}
}
