package netlog

import (
	"encoding/binary"
	"math/bits"
)

// Memory that outlives a warm reset, in bytes from its start, little endian:
//
//	0    magic, version, size
//	16   generation: one more with every boot
//	24   boot id
//	40   sum of what stands before, the seed of all other sums
//	48   two marks in turn: uptime in µs, number of the next record, sum
//	96   records of the report that had no room, sum
//	128  the report's records: length and cont, number, time, sum, text
//
// A record is valid if its sum is, and ends the report if it is not: nothing
// needs to be cleared, and a report cut off anywhere is valid up to there.
const (
	keepMagic   = "gaspkept"
	keepVersion = 1

	keepGeneration = 16
	keepBoot       = 24
	keepSeed       = 40
	keepMarks      = 48
	keepMarkSize   = 24
	keepFull       = 96
	keepRecords    = 128

	keptHeader = 32
	// keptEnd is room that only the end record gets.
	keptEnd = keptHeader + 128
	// keepLeast is the smallest memory that is worth it.
	keepLeast = keepRecords + keptHeader + 1024 + keptEnd
)

// keepSum adds b to a sum, eight bytes at a time. Every step can be undone, so
// that no change of b in one place leaves the sum as it is.
func keepSum(sum uint64, b []byte) uint64 {
	const factor = 0x9e3779b97f4a7c15
	sum ^= uint64(len(b))
	i := 0
	for ; i <= len(b)-8; i += 8 {
		sum = bits.RotateLeft64((sum^binary.LittleEndian.Uint64(b[i:i+8]))*factor, 29)
	}
	var rest uint64
	for last := len(b) - 1; last >= i; last-- {
		rest = rest<<8 | uint64(b[last])
	}
	return (sum ^ rest) * factor
}

// keepBegin makes the memory one of this boot, without a report. It returns the
// seed, and false if the memory is too small.
func keepBegin(m []byte, generation uint64, boot [bootDigits]byte) (seed uint64, ok bool) {
	if len(m) < keepLeast || uint64(len(m)) > 1<<32-1 {
		return 0, false
	}
	clear(m[:keepRecords+keptHeader])
	copy(m, keepMagic)
	binary.LittleEndian.PutUint32(m[8:], keepVersion)
	binary.LittleEndian.PutUint32(m[12:], uint32(len(m)))
	binary.LittleEndian.PutUint64(m[keepGeneration:], generation)
	copy(m[keepBoot:], boot[:])
	seed = keepSum(0, m[:keepSeed])
	binary.LittleEndian.PutUint64(m[keepSeed:], seed)
	return seed, true
}

// keepMark notes that the machine is alive.
func keepMark(m []byte, seed uint64, turn int, uptime, next uint64) {
	mark := m[keepMarks+turn&1*keepMarkSize:][:keepMarkSize]
	binary.LittleEndian.PutUint64(mark, uptime)
	binary.LittleEndian.PutUint64(mark[8:], next)
	binary.LittleEndian.PutUint64(mark[16:], keepSum(seed, mark[:16]))
}

// keepAdd adds a record of the report at offset at, and returns where the next
// one goes; at itself if there is no room.
func keepAdd(m []byte, seed uint64, at int, number, time uint64, cont, end bool, text []byte) int {
	size := len(m)
	if !end {
		size -= keptEnd
	}
	need := keptHeader + (len(text)+7)&^7
	if at < keepRecords || need > size || at > size-need {
		return at
	}
	r := m[at : at+need]
	binary.LittleEndian.PutUint32(r, uint32(len(text)))
	flags := uint32(0)
	if cont {
		flags = 1
	}
	binary.LittleEndian.PutUint32(r[4:], flags)
	binary.LittleEndian.PutUint64(r[8:], number)
	binary.LittleEndian.PutUint64(r[16:], time)
	copy(r[keptHeader:], text)
	binary.LittleEndian.PutUint64(r[24:], keptSum(r, seed, len(text)))
	return at + need
}

func keptSum(r []byte, seed uint64, length int) uint64 {
	return keepSum(keepSum(seed, r[:24]), r[keptHeader:keptHeader+length])
}

// keepOverflow notes how many records had no room.
func keepOverflow(m []byte, seed, count uint64) {
	binary.LittleEndian.PutUint64(m[keepFull:], count)
	binary.LittleEndian.PutUint64(m[keepFull+8:], keepSum(seed, m[keepFull:keepFull+8]))
}

// A kept is what the boot before left.
type kept struct {
	generation   uint64
	boot         [bootDigits]byte
	uptime, next uint64 // of the last mark: µs, number of the next record
	full         uint64 // records that had no room
	records      []keptRecord
}

type keptRecord struct {
	number, time uint64
	cont         bool
	text         []byte // its own memory
}

// HoldsKept tells whether memory was kept by a boot of the same version (SetKeep), for a board that has to look for it. It
// allocates nothing, and the memory may hold anything.
func HoldsKept(m []byte) bool {
	return len(m) >= keepLeast && string(m[:8]) == keepMagic &&
		binary.LittleEndian.Uint32(m[8:]) == keepVersion &&
		uint64(binary.LittleEndian.Uint32(m[12:])) == uint64(len(m)) &&
		binary.LittleEndian.Uint64(m[keepSeed:]) == keepSum(0, m[:keepSeed])
}

// readKeep reads the memory, which may hold anything. It fails if no boot of the
// same version and size left it.
func readKeep(m []byte) (k kept, ok bool) {
	if !HoldsKept(m) || !isHex(string(m[keepBoot:keepBoot+bootDigits])) {
		return kept{}, false
	}
	seed := binary.LittleEndian.Uint64(m[keepSeed:])
	k.generation = binary.LittleEndian.Uint64(m[keepGeneration:])
	copy(k.boot[:], m[keepBoot:])
	for turn := range 2 {
		mark := m[keepMarks+turn*keepMarkSize:][:keepMarkSize]
		if binary.LittleEndian.Uint64(mark[16:]) != keepSum(seed, mark[:16]) {
			continue
		}
		k.uptime = max(k.uptime, binary.LittleEndian.Uint64(mark))
		k.next = max(k.next, binary.LittleEndian.Uint64(mark[8:]))
	}
	if binary.LittleEndian.Uint64(m[keepFull+8:]) == keepSum(seed, m[keepFull:keepFull+8]) {
		k.full = binary.LittleEndian.Uint64(m[keepFull:])
	}
	for at := keepRecords; at <= len(m)-keptHeader; {
		r := m[at:]
		length := uint64(binary.LittleEndian.Uint32(r))
		if length > TextSize || length > uint64(len(r)-keptHeader) ||
			binary.LittleEndian.Uint64(r[24:]) != keptSum(r, seed, int(length)) {
			break
		}
		k.records = append(k.records, keptRecord{
			number: binary.LittleEndian.Uint64(r[8:]),
			time:   binary.LittleEndian.Uint64(r[16:]),
			cont:   binary.LittleEndian.Uint32(r[4:]) != 0,
			text:   append([]byte(nil), r[keptHeader:keptHeader+length]...),
		})
		at += keptHeader + int(length+7)&^7
	}
	return k, true
}
