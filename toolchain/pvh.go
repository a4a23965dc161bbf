package toolchain

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrNoRoom is an executable without a program header that could be a note.
var ErrNoRoom = errors.New("no PT_GNU_STACK program header to turn into a note")

// The ELF note that tells a hypervisor the 32-bit entry point (Xen
// include/public/elfnote.h).
const (
	notePhys32Entry = 18 // XEN_ELFNOTE_PHYS32_ENTRY
	noteOwner       = "Xen\x00"
)

// AddPVHNote makes an executable bootable by QEMU -kernel and other PVH loaders:
// it turns the program header PT_GNU_STACK, which means nothing here, into a
// PT_NOTE with the entry point.
func AddPVHNote(image []byte) ([]byte, error) {
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	if f.Class != elf.ELFCLASS64 || f.Machine != elf.EM_X86_64 {
		return nil, fmt.Errorf("%s %s is not an x86-64 executable", f.Class, f.Machine)
	}
	start, err := entryAddress(f)
	if err != nil {
		return nil, err
	}
	start &= lowHalf // as placed has it

	le := binary.LittleEndian
	note := le.AppendUint32(nil, uint32(len(noteOwner)))
	note = le.AppendUint32(note, 8)
	note = le.AppendUint32(note, notePhys32Entry)
	note = append(note, noteOwner...)
	note = le.AppendUint64(note, start)

	const align = 8
	out := append(bytes.Clone(image), make([]byte, -len(image)&(align-1))...)
	offset := uint64(len(out))
	out = append(out, note...)
	headers, headerSize := le.Uint64(out[0x20:]), uint64(le.Uint16(out[0x36:]))
	for i, p := range f.Progs {
		if p.Type != elf.PT_GNU_STACK {
			continue
		}
		var h bytes.Buffer
		err := binary.Write(&h, le, elf.Prog64{
			Type: uint32(elf.PT_NOTE), Flags: uint32(elf.PF_R), Off: offset,
			Filesz: uint64(len(note)), Memsz: uint64(len(note)), Align: 4,
		})
		if err != nil {
			return nil, err
		}
		copy(out[headers+uint64(i)*headerSize:], h.Bytes())
		return out, nil
	}
	return nil, ErrNoRoom
}
