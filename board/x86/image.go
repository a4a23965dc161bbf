//go:build tamago

package x86

import (
	"debug/elf"
	"encoding/binary"
	"runtime"
)

// The linker puts the ELF header (gABI, chapter 4) in front of the code, with the
// program headers and the notes behind it.
const (
	headerRoom = 0x1000

	headersOffset = 32 // e_phoff
	headersCount  = 56 // e_phnum
	headerSize    = 56 // of one program header
	headerFlags   = 4  // p_flags
	headerVaddr   = 16 // p_vaddr
	headerMemsz   = 40 // p_memsz
)

// A segment is a program header of this image.
type segment struct {
	kind       elf.ProgType
	flags      elf.ProgFlag
	start, end uint64
}

// imageHeader returns the page with the ELF header, nil if there is none.
func imageHeader() []byte {
	text, _ := runtime.TextRegion()
	b := at(text-headerRoom, headerRoom)
	if b == nil || string(b[:4]) != elf.ELFMAG {
		return nil
	}
	return b
}

// imageSegment returns program header i of this image. ok is false behind the
// last one.
func imageSegment(i int) (s segment, ok bool) {
	image, le := imageHeader(), binary.LittleEndian
	if image == nil || i >= int(le.Uint16(image[headersCount:])) {
		return s, false
	}
	headers := image[min(le.Uint64(image[headersOffset:]), headerRoom):]
	if len(headers) < (i+1)*headerSize {
		return s, false
	}
	h := headers[i*headerSize:]
	s.kind, s.flags = elf.ProgType(le.Uint32(h)), elf.ProgFlag(le.Uint32(h[headerFlags:]))
	s.start = le.Uint64(h[headerVaddr:])
	s.end = s.start + le.Uint64(h[headerMemsz:])
	return s, s.end >= s.start
}
