package disk

import (
	"encoding/binary"
	"hash/crc32"
	"unicode/utf16"
)

// The GUID partition table (UEFI 2.10, 5.3): header, 128 entries; all again at the end.
const (
	entries    = 128
	entrySize  = 128
	headerSize = 92
	tableSize  = entries * entrySize
	table      = tableSize / sector // in sectors
	guidSize   = 16
)

// espType is C12A7328-F81F-11D2-BA4B-00A0C93EC93B, the type of EFI system partitions (table
// 5.7), as it lies on the disk.
var espType = [guidSize]byte{0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b}

const espName = "EFI system partition"

// writePartitions writes both tables, with one partition from sector first to last.
func writePartitions(disk []byte, first, last uint64, identity [32]byte) {
	le := binary.LittleEndian
	end := uint64(len(disk)/sector) - 1

	// A protective MBR (5.2.3): one partition that takes all.
	mbr := disk[446:512]
	copy(mbr, []byte{0, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff})
	le.PutUint32(mbr[8:], 1)
	le.PutUint32(mbr[12:], uint32(min(end, 1<<32-1)))
	mbr[64], mbr[65] = 0x55, 0xaa

	var list [tableSize]byte
	copy(list[0:], espType[:])
	unique := guid(identity[guidSize:])
	copy(list[16:], unique[:])
	le.PutUint64(list[32:], first)
	le.PutUint64(list[40:], last)
	for i, c := range utf16.Encode([]rune(espName)) {
		le.PutUint16(list[56+2*i:], c)
	}
	header := func(own, other, listAt uint64) []byte {
		h := make([]byte, sector)
		copy(h, "EFI PART\x00\x00\x01\x00")
		le.PutUint32(h[12:], headerSize)
		le.PutUint64(h[24:], own)
		le.PutUint64(h[32:], other)
		le.PutUint64(h[40:], 2+table)
		le.PutUint64(h[48:], end-1-table)
		id := guid(identity[:guidSize])
		copy(h[56:], id[:])
		le.PutUint64(h[72:], listAt)
		le.PutUint32(h[80:], entries)
		le.PutUint32(h[84:], entrySize)
		le.PutUint32(h[88:], crc32.ChecksumIEEE(list[:]))
		le.PutUint32(h[16:], crc32.ChecksumIEEE(h[:headerSize]))
		return h
	}
	copy(disk[1*sector:], header(1, end, 2))
	copy(disk[2*sector:], list[:])
	copy(disk[(end-table)*sector:], list[:])
	copy(disk[end*sector:], header(end, 1, end-table))
}

// guid makes a GUID of bytes that are as good as random (RFC 9562, 5.8).
func guid(b []byte) (g [guidSize]byte) {
	copy(g[:], b)
	g[7] = g[7]&0x0f | 0x80 // version 8; the first three fields are little endian (UEFI 2.10, appendix A)
	g[8] = g[8]&0x3f | 0x80
	return g
}
