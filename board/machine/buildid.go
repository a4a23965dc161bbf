//go:build tamago

package machine

import (
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"runtime"
)

const (
	noteGNUID = 3 // NT_GNU_BUILD_ID
	maxID     = 32
)

// buildID reads the GNU build id of this image from its own ELF notes, as
// hexadecimal digits; "" if there is none.
func buildID() string {
	first, _ := runtime.TextRegion()
	text := uint64(first)
	start := text - headerRoom
	for i := 0; ; i++ {
		s, ok := ImageSegment(i)
		if !ok {
			return ""
		}
		if s.Kind == elf.PT_NOTE && s.Start >= start && s.Start < text {
			return noteID(imageHeader()[s.Start-start:])
		}
	}
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
