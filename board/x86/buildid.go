//go:build tamago

package x86

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"runtime"
)

// The linker puts the ELF header in front of the code, in the first segment.
const (
	headerRoom = 0x1000
	noteGNUID  = 3 // NT_GNU_BUILD_ID
	maxID      = 32
)

// buildID reads the GNU build id of this image from its own ELF notes, as
// hexadecimal digits; "" if there is none.
func buildID() string {
	text, _ := runtime.TextRegion()
	image := at(text-headerRoom, headerRoom)
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return ""
	}
	for _, p := range f.Progs {
		if p.Type != elf.PT_NOTE || p.Vaddr == 0 {
			continue
		}
		if id := noteID(at(p.Vaddr, min(p.Memsz, headerRoom))); id != "" {
			return id
		}
	}
	return ""
}

func noteID(b []byte) string {
	for len(b) >= 12 {
		name := int(binary.LittleEndian.Uint32(b))
		desc := int(binary.LittleEndian.Uint32(b[4:]))
		kind := binary.LittleEndian.Uint32(b[8:])
		b = b[12:]
		padded := (name + 3) &^ 3
		if padded > len(b) || desc > len(b)-padded {
			return ""
		}
		if string(b[:name]) == "GNU\x00" && kind == noteGNUID && desc <= maxID {
			return hex.EncodeToString(b[padded : padded+desc])
		}
		b = b[min(len(b), padded+(desc+3)&^3):]
	}
	return ""
}
