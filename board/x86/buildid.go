//go:build tamago

package x86

import (
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"runtime"
)

// The linker puts the ELF header in front of the code, with the notes behind it.
const (
	headerRoom = 0x1000
	noteGNUID  = 3 // NT_GNU_BUILD_ID
	maxID      = 32

	headersOffset = 32 // e_phoff
	headersCount  = 56 // e_phnum
	headerSize    = 56
	headerVaddr   = 16 // p_vaddr
)

// buildID reads the GNU build id of this image from its own ELF notes, as
// hexadecimal digits; "" if there is none.
func buildID() string {
	text, _ := runtime.TextRegion()
	le, start := binary.LittleEndian, text-headerRoom
	image := at(start, headerRoom)
	if image == nil || string(image[:4]) != elf.ELFMAG {
		return ""
	}
	headers := image[min(le.Uint64(image[headersOffset:]), headerRoom):]
	for n := le.Uint16(image[headersCount:]); n > 0 && len(headers) >= headerSize; n-- {
		vaddr := le.Uint64(headers[headerVaddr:])
		if le.Uint32(headers) == uint32(elf.PT_NOTE) && vaddr >= start && vaddr < text {
			return noteID(image[vaddr-start:])
		}
		headers = headers[headerSize:]
	}
	return ""
}

func noteID(b []byte) string {
	le := binary.LittleEndian
	for len(b) >= 12 {
		name, desc, kind := uint64(le.Uint32(b)), uint64(le.Uint32(b[4:])), le.Uint32(b[8:])
		b = b[12:]
		padded := (name + 3) &^ 3
		if padded > uint64(len(b)) || desc > uint64(len(b))-padded {
			return ""
		}
		if string(b[:name]) == "GNU\x00" && kind == noteGNUID && desc <= maxID {
			return hex.EncodeToString(b[padded : padded+desc])
		}
		b = b[min(uint64(len(b)), padded+(desc+3)&^3):]
	}
	return ""
}
