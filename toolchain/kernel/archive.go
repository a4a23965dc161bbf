package kernel

// Archives are cpio archives in the "newc" format and its variant with checksums
// (Linux Documentation/driver-api/early-userspace/buffer-format.rst). Nothing in
// them is believed.

const (
	headerSize = 110 // magic, and 13 fields of 8 hexadecimal digits
	magicSize  = 6
	fieldSize  = 8
	trailer    = "TRAILER!!!"

	// What a path, its components and a link's target may be long, in bytes
	// (include/uapi/linux/limits.h: PATH_MAX counts the NUL).
	maxPath = 4095
	maxName = 255
)

// Fields of a header, by their place.
const (
	fieldIno = iota
	fieldMode
	fieldUID
	fieldGID
	fieldNlink
	fieldMtime
	fieldSizeOfFile
	fieldDevMajor
	fieldDevMinor
	fieldRdevMajor
	fieldRdevMinor
	fieldNameSize
	fieldCheck
	fields
)

// Damage is what is wrong with an archive; 0 is nothing.
type Damage uint8

const (
	NotAnArchive Damage = iota + 1 // no cpio archive of this kind begins here
	Compressed                     // gzip, xz, zstd, bzip2, lzma or lz4
	BadHeader                      // a header holds what is no number, or no name
	CutShort                       // an entry, or the trailer, is not there
	BadEntry                       // entries with an impossible name, kind or checksum were left out
	TooLarge                       // more entries than there is memory for
)

// String says it in words.
func (d Damage) String() string {
	switch d {
	case NotAnArchive:
		return "not a cpio archive in newc format"
	case Compressed:
		return "compressed: give the cpio archive as it is"
	case BadHeader:
		return "broken header: the rest is left out"
	case CutShort:
		return "cut short: the rest is missing"
	case BadEntry:
		return "entries that cannot be (name, kind, checksum) are left out"
	case TooLarge:
		return "more files than there is memory for"
	}
	return "whole"
}

// archiveReader walks over the headers of an archive, or of several in a row.
type archiveReader struct {
	b       []byte
	off     int    // of the next header
	section uint32 // counts the trailers: hard links do not cross them
	open    bool   // entries without a trailer behind them so far
}

// archiveEntry is one header; offsets are from the start of the archive.
type archiveEntry struct {
	field    [fields]uint32
	checksum bool // the format with a checksum
	name     int
	nameEnd  int // the NUL
	data     int // fieldSizeOfFile bytes
}

// next reads the next header that is not a trailer. It returns false at the end,
// with the damage that ended it.
func (r *archiveReader) next(e *archiveEntry) (bool, Damage) {
	for {
		for r.off < len(r.b) && r.b[r.off] == 0 {
			r.off++
		}
		left := r.b[min(r.off, len(r.b)):]
		switch {
		case len(left) == 0 && r.open:
			return false, CutShort
		case len(left) == 0:
			return false, 0
		case r.off%4 != 0 || !isPrefix(left, "07070"):
			return false, r.notHeader(left)
		case len(left) < magicSize || left[magicSize-1] != '1' && left[magicSize-1] != '2':
			return false, r.notHeader(left)
		case len(left) < headerSize:
			return false, CutShort
		}
		e.checksum = left[magicSize-1] == '2'
		for i := range e.field {
			v, ok := hexadecimal(left[magicSize+i*fieldSize:][:fieldSize])
			if !ok {
				return false, BadHeader
			}
			e.field[i] = v
		}
		nameSize, size := uint64(e.field[fieldNameSize]), uint64(e.field[fieldSizeOfFile])
		if nameSize == 0 || nameSize > maxPath+1 {
			return false, BadHeader
		}
		data := roundUp4(uint64(r.off) + headerSize + nameSize)
		end := data + size
		if end > uint64(len(r.b)) {
			return false, CutShort
		}
		e.name, e.data = r.off+headerSize, int(data)
		e.nameEnd = e.name
		for last := e.name + int(nameSize) - 1; e.nameEnd < last && r.b[e.nameEnd] != 0; {
			e.nameEnd++
		}
		r.off = int(min(roundUp4(end), uint64(len(r.b))))
		if string(r.b[e.name:e.nameEnd]) == trailer {
			r.section++
			r.open = false
			continue
		}
		r.open = true
		return true, 0
	}
}

// notHeader says what stands where a header should.
func (r *archiveReader) notHeader(b []byte) Damage {
	if r.section > 0 || r.open {
		return BadHeader
	}
	for _, magic := range [...]string{"\x1f\x8b", "\xfd7zXZ\x00", "\x28\xb5\x2f\xfd", "BZh", "\x5d\x00\x00", "\x02\x21\x4c\x18", "\x04\x22\x4d\x18"} {
		if isPrefix(b, magic) {
			return Compressed
		}
	}
	return NotAnArchive
}

// sum is the checksum of the format 070702: of all bytes of the file.
func sum(b []byte) (n uint32) {
	for _, v := range b {
		n += uint32(v)
	}
	return n
}

func isPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

func roundUp4(n uint64) uint64 { return (n + 3) &^ 3 }

func hexadecimal(digits []byte) (v uint32, ok bool) {
	for _, c := range digits {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		v = v<<4 | uint32(c)
	}
	return v, true
}
