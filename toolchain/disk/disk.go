// Package disk writes a disk that UEFI firmware boots from: one EFI system partition with a
// FAT32 file system on it (UEFI Specification 2.10, chapters 5 and 13.3). Equal files make
// equal disks, byte for byte.
//
// github.com/diskfs/go-diskfs would do most of it. Its 1.9.4 was tried: fsck.vfat finds a
// wrong ".." in what it writes, the files have the time of day, and it brings ten modules.
package disk

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
)

// Errors of Image.
var (
	ErrName = errors.New("want 8 characters and 3 behind a dot, of A-Z, a-z, 0-9, _ and -")
	ErrSize = errors.New("files are too large for one disk")
)

const (
	sector    = 512
	mib       = 1 << 20
	alignment = mib / sector // of the partition, in sectors

	// FAT32 is what has this many clusters (Microsoft, FAT: General Overview of On-Disk
	// Format 1.03, page 14), one sector each here; with room to edit files.
	leastPartition = 40 * mib
	room           = 4 * mib
	maxFiles       = 1 << 30 // bytes together
)

// A File is one on the disk.
type File struct {
	Path string // folders and name, with slashes: each with 8 characters and 3
	Data []byte
}

// Image is the disk.
func Image(files []File) ([]byte, error) {
	total := 0
	seen := map[string]bool{}
	for _, f := range files {
		for name := range strings.SplitSeq(f.Path, "/") {
			if _, _, ok := shortName(name); !ok {
				return nil, fmt.Errorf("%s: %w", f.Path, ErrName)
			}
		}
		if folded := strings.ToUpper(f.Path); seen[folded] {
			return nil, fmt.Errorf("%s: twice on one disk", f.Path)
		} else {
			seen[folded] = true
		}
		if total += len(f.Data); total > maxFiles {
			return nil, fmt.Errorf("%s: %w", f.Path, ErrSize)
		}
	}
	identity := identify(files)
	// The tables take 8 bytes a cluster of 512.
	size := max(leastPartition, (total+total/32+room+mib-1)/mib*mib)
	disk := make([]byte, size+2*mib)
	partition := disk[mib : mib+size]
	writePartitions(disk, alignment, uint64(alignment+size/sector-1), identity)
	v := newVolume(partition, alignment, identity)
	for _, f := range files {
		if err := v.add(f); err != nil {
			return nil, err
		}
	}
	if err := v.finish(); err != nil {
		return nil, err
	}
	return disk, nil
}

// identify makes a number of the files, of which the disk's identifiers are made.
func identify(files []File) [sha256.Size]byte {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%d %s %d ", len(f.Path), f.Path, len(f.Data))
		h.Write(f.Data)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
