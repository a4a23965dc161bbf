package hostlog

import (
	"errors"
	"os"
	"path/filepath"
)

// room bounds the older logs of many hosts together. The host that has the most makes room: so one that floods, or many
// that are invented and have little each, take no more from another one than an equal share leaves it.
type room struct {
	limit, used int64            // bytes
	folders     map[string]int64 // that have older logs, with their bytes
}

func newRoom(limit int64) room { return room{limit: limit, folders: make(map[string]int64)} }

// look finds out what a folder has, and deletes what is too much in all.
func (r *room) look(dir string) error {
	if err := r.measure(dir); err != nil {
		return err
	}
	for r.used > r.limit {
		largest, size := "", int64(0)
		for dir, n := range r.folders {
			if n > size || n == size && dir < largest {
				largest, size = dir, n
			}
		}
		names, err := older(largest)
		if err == nil && len(names) > 0 {
			err = os.Remove(filepath.Join(largest, names[0]))
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := r.measure(largest); err != nil {
			return err
		}
	}
	return nil
}

// measure finds out what a folder has now.
func (r *room) measure(dir string) error {
	names, err := older(dir)
	if err != nil {
		return err
	}
	r.used -= r.folders[dir]
	delete(r.folders, dir)
	var size int64
	for _, name := range names {
		if info, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			size += info.Size()
		}
	}
	if size > 0 {
		r.folders[dir] = size
		r.used += size
	}
	return nil
}
