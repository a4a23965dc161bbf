package disk

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// FAT32 (Microsoft, FAT: General Overview of On-Disk Format 1.03), clusters of a sector.
const (
	reserved   = 32 // sectors in front of the tables
	infoAt     = 1  // sector of the free cluster count
	backupAt   = 6  // sectors of a copy of the first two
	tables     = 2
	rootAt     = 2 // cluster of the root directory, the first there is
	direntSize = 32
	lastLink   = 0x0fffffff
	media      = 0xf8
	date       = 1<<5 | 1 // 1980-01-01: the first one there is

	attributeVolume    = 0x08
	attributeDirectory = 0x10
	attributeArchive   = 0x20

	label = "GASP       "
)

// A volume is a file system that is written. A directory is in memory until the end.
type volume struct {
	data   []byte
	start  uint32 // first sector of the clusters
	fat    []byte
	next   uint32 // the first cluster that is free
	end    uint32 // behind the last cluster
	root   directory
	serial uint32
}

type directory struct {
	entries []byte
	folders map[string]*directory
	order   []*directory
	at      int // of the entry in its parent
	parent  *directory
	cluster uint32
}

// newVolume formats a partition that begins at a sector of the disk.
func newVolume(data []byte, at uint32, identity [32]byte) *volume {
	sectors := uint32(len(data) / sector)
	// Each sector of a table is of 128 clusters.
	tableSectors := (sectors - reserved + 128 + 1) / (128 + tables)
	start := reserved + tables*tableSectors
	v := &volume{data: data, start: start, next: rootAt, end: sectors - start + rootAt, serial: binary.LittleEndian.Uint32(identity[:])}
	v.fat = data[reserved*sector:][:tableSectors*sector]

	le := binary.LittleEndian
	b := data[:sector]
	copy(b, "\xeb\x58\x90MSWIN4.1")
	le.PutUint16(b[11:], sector)
	b[13] = 1 // sectors of a cluster
	le.PutUint16(b[14:], reserved)
	b[16] = tables
	b[21] = media
	le.PutUint16(b[24:], 63)  // sectors of a track
	le.PutUint16(b[26:], 255) // heads
	le.PutUint32(b[28:], at)
	le.PutUint32(b[32:], sectors)
	le.PutUint32(b[36:], tableSectors)
	le.PutUint32(b[44:], rootAt)
	le.PutUint16(b[48:], infoAt)
	le.PutUint16(b[50:], backupAt)
	b[64], b[66] = 0x80, 0x29
	le.PutUint32(b[67:], v.serial)
	copy(b[71:], label+"FAT32   ")
	b[510], b[511] = 0x55, 0xaa
	le.PutUint32(v.fat[0:], 0x0fffff00|media)
	le.PutUint32(v.fat[4:], lastLink)

	v.root.cluster = 0 // as ".." has it
	v.root.add(label, 0, attributeVolume)
	return v
}

// add puts a file into its folders, which it makes.
func (v *volume) add(f File) error {
	path := strings.Split(f.Path, "/")
	d := &v.root
	for _, name := range path[:len(path)-1] {
		d = d.folder(name)
	}
	first, err := v.store(f.Data)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	short, lower, _ := shortName(path[len(path)-1])
	e := d.add(short, lower, attributeArchive)
	setCluster(e, first)
	binary.LittleEndian.PutUint32(e[28:], uint32(len(f.Data)))
	return nil
}

// folder is the folder of a name in d.
func (d *directory) folder(name string) *directory {
	short, lower, _ := shortName(name)
	if f := d.folders[short]; f != nil {
		return f
	}
	f := &directory{at: len(d.entries), parent: d}
	d.add(short, lower, attributeDirectory)
	f.add(".          ", 0, attributeDirectory)
	f.add("..         ", 0, attributeDirectory)
	if d.folders == nil {
		d.folders = map[string]*directory{}
	}
	d.folders[short] = f
	d.order = append(d.order, f)
	return f
}

// add appends an entry.
func (d *directory) add(short string, lower, attributes byte) []byte {
	e := make([]byte, direntSize)
	copy(e, short)
	e[11], e[12] = attributes, lower
	for _, at := range []int{16, 18, 24} { // created, read, written
		binary.LittleEndian.PutUint16(e[at:], date)
	}
	d.entries = append(d.entries, e...)
	return d.entries[len(d.entries)-direntSize:]
}

// store puts data into clusters one behind the other, and returns the first; 0 for none.
func (v *volume) store(data []byte) (first uint32, err error) {
	n := uint32((len(data) + sector - 1) / sector)
	if n == 0 {
		return 0, nil
	}
	if n > v.end-v.next {
		return 0, ErrSize
	}
	first = v.next
	copy(v.data[(v.start+first-rootAt)*sector:], data)
	for range n {
		v.next++
		binary.LittleEndian.PutUint32(v.fat[4*(v.next-1):], v.next)
	}
	binary.LittleEndian.PutUint32(v.fat[4*(v.next-1):], lastLink)
	return first, nil
}

// finish writes the directories, the free cluster count, and the copies. The root directory
// got no cluster yet: it is stored first of them, and that is told to the first sector.
func (v *volume) finish() error {
	root, err := v.place(&v.root)
	if err != nil {
		return err
	}
	le := binary.LittleEndian
	le.PutUint32(v.data[44:], root)
	info := v.data[infoAt*sector:][:sector]
	le.PutUint32(info[0:], 0x41615252)
	le.PutUint32(info[484:], 0x61417272)
	le.PutUint32(info[488:], v.end-v.next)
	le.PutUint32(info[492:], v.next)
	info[510], info[511] = 0x55, 0xaa
	copy(v.data[backupAt*sector:], v.data[:2*sector])
	copy(v.data[reserved*sector+len(v.fat):], v.fat)
	return nil
}

// place stores a directory: its folders first, as their clusters are in its entries. A
// folder's ".." is patched when its parent's cluster is known.
func (v *volume) place(d *directory) (cluster uint32, err error) {
	for _, f := range d.order {
		c, err := v.place(f)
		if err != nil {
			return 0, err
		}
		setCluster(d.entries[f.at:], c)
	}
	if d.parent == nil {
		return v.store(d.entries)
	}
	d.cluster = v.next
	setCluster(d.entries, d.cluster)
	if cluster, err = v.store(d.entries); err != nil {
		return 0, err
	}
	for _, f := range d.order {
		setCluster(v.data[(v.start+f.cluster-rootAt)*sector+direntSize:], cluster)
	}
	return cluster, nil
}

func setCluster(entry []byte, c uint32) {
	binary.LittleEndian.PutUint16(entry[20:], uint16(c>>16))
	binary.LittleEndian.PutUint16(entry[26:], uint16(c))
}

// Bits of a name whose letters are small: as Windows NT and Linux keep them (Linux
// fs/fat/fat.h, CASE_LOWER_BASE and CASE_LOWER_EXT).
const (
	lowerBase      = 0x08
	lowerExtension = 0x10
)

// shortName is a name of 8 and 3 characters, filled up with spaces; ok is false for others.
func shortName(name string) (short string, lower byte, ok bool) {
	base, extension, _ := strings.Cut(name, ".")
	for i, part := range []string{base, extension} {
		for _, c := range []byte(part) {
			if !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", rune(c)) {
				return "", 0, false
			}
		}
		if part != strings.ToUpper(part) {
			if part != strings.ToLower(part) {
				return "", 0, false // a long name would have to keep that
			}
			lower |= []byte{lowerBase, lowerExtension}[i]
		}
	}
	if base == "" || len(base) > 8 || len(extension) > 3 {
		return "", 0, false
	}
	return fmt.Sprintf("%-8s%-3s", strings.ToUpper(base), strings.ToUpper(extension)), lower, true
}
