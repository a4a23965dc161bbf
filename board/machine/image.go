//go:build tamago

package machine

import (
	"debug/elf"
	"encoding/binary"
	"runtime"
	"unsafe"

	"gasp/board/ram"
)

// The linker puts the ELF header (gABI, chapter 4) in front of the code, with the
// program headers and the notes behind it.
const headerRoom = 0x1000

// A Segment is a program header of this image.
type Segment struct {
	Kind       elf.ProgType
	Flags      elf.ProgFlag
	Start, End uint64 // addresses
}

// imageHeader returns the page with the ELF header, nil if there is none.
func imageHeader() []byte {
	text, _ := runtime.TextRegion()
	start := text - headerRoom
	b := unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&start))), headerRoom)
	if string(b[:4]) != elf.ELFMAG {
		return nil
	}
	return b
}

// ImageSegment returns program header i of this image. ok is false behind the
// last one. It may be called before the runtime is set up.
func ImageSegment(i int) (s Segment, ok bool) {
	image, le := imageHeader(), binary.LittleEndian
	if image == nil || i >= int(le.Uint16(image[headersCount:])) {
		return s, false
	}
	headers := image[min(address(image[headersOffset:]), headerRoom):]
	if len(headers) < (i+1)*headerSize {
		return s, false
	}
	h := headers[i*headerSize:]
	s.Kind, s.Flags = elf.ProgType(le.Uint32(h)), elf.ProgFlag(le.Uint32(h[headerFlags:]))
	s.Start = address(h[headerVaddr:])
	s.End = s.Start + address(h[headerMemsz:])
	return s, s.End >= s.Start
}

// ImageUnwritten returns what of the loadable part of program header i nobody is to write:
// constants, and the code. Of a part that is written, or is not loaded, both are empty. ok is false behind the last one.
func ImageUnwritten(i int) (constants, code ram.Range, ok bool) {
	s, ok := ImageSegment(i)
	if !ok || s.Kind != elf.PT_LOAD || s.Flags&elf.PF_W != 0 {
		return constants, code, ok
	}
	constants = ram.Range{Start: s.Start, End: s.End}
	if s.Flags&elf.PF_X != 0 {
		text, _ := runtime.TextRegion()
		constants.End = uint64(text)
		code = ram.Range{Start: uint64(text), End: s.End}
	}
	return constants, code, true
}

// ImageEnd is the end of the image in memory.
func ImageEnd() (end uint64) {
	for i := 0; ; i++ {
		s, ok := ImageSegment(i)
		if !ok {
			return end
		}
		if s.Kind == elf.PT_LOAD {
			end = max(end, s.End)
		}
	}
}
