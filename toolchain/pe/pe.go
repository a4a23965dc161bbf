// Package pe makes an application for UEFI firmware of a linked image: a file of the
// PE32+ format (Microsoft, PE Format, August 2025; UEFI Specification 2.10, 2.1.1) whose
// sections are the segments of the ELF file, at the same distances. The firmware loads it
// wherever it likes; the boot stub in it takes it from there (board/uefi/stub).
package pe

import (
	"bytes"
	"debug/elf"
	"debug/pe"
	"encoding/binary"
	"errors"
	"fmt"
)

// Errors of FromELF.
var (
	ErrMachine  = errors.New("UEFI applications are for x86-64 and arm64")
	ErrSegments = errors.New("the image has segments that make no sections")
)

const (
	dosSize      = 64 // MS-DOS header: only its magic and where the PE header is count
	dosNewHeader = 0x3c

	pageSize     = 4096  // sections' alignment in memory: what firmware protects
	fileAlign    = 512   // and in the file
	baseAlign    = 65536 // of the address that the image is linked for
	maxSections  = 16
	maxImage     = 1 << 31
	directories  = 16
	relocations  = 5 // index of the base relocation directory
	relocVirtual = 12
)

// FromELF makes the application. Its entry point is that of the ELF file.
func FromELF(image []byte) ([]byte, error) {
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	machine := uint16(0)
	switch {
	case f.Class != elf.ELFCLASS64:
	case f.Machine == elf.EM_X86_64:
		machine = pe.IMAGE_FILE_MACHINE_AMD64
	case f.Machine == elf.EM_AARCH64:
		machine = pe.IMAGE_FILE_MACHINE_ARM64
	}
	if machine == 0 {
		return nil, fmt.Errorf("%s %s: %w", f.Class, f.Machine, ErrMachine)
	}
	w := writer{headers: pageSize}
	for _, p := range f.Progs {
		if p.Type != elf.PT_LOAD || p.Memsz == 0 {
			continue
		}
		data := make([]byte, p.Filesz)
		if n, err := p.ReadAt(data, 0); n < len(data) {
			return nil, fmt.Errorf("segment at %#x: %w", p.Vaddr, err)
		}
		if err := w.add(p, data); err != nil {
			return nil, err
		}
	}
	if len(w.sections) == 0 || f.Entry <= w.base || f.Entry-w.base >= uint64(w.end) {
		return nil, fmt.Errorf("entry point %#x: %w", f.Entry, ErrSegments)
	}
	w.addRelocations()
	return w.file(machine, uint32(f.Entry-w.base)), nil
}

// A writer collects the sections of a file.
type writer struct {
	base     uint64 // the address that the image is linked for: what is at 0 in the file's eyes
	headers  uint32 // bytes of the file in front of the sections
	end      uint32 // of the image in memory, from base
	sections []pe.SectionHeader32
	data     []byte // of the sections
	code     uint32 // bytes of code
}

// add makes a segment a section. The first one leaves room for the headers below it.
func (w *writer) add(p *elf.Prog, data []byte) error {
	if len(w.sections) == 0 {
		w.base = (p.Vaddr - uint64(w.headers)) &^ (baseAlign - 1)
		w.end = w.headers
	}
	rva, end := p.Vaddr-w.base, p.Vaddr-w.base+p.Memsz
	if p.Vaddr < w.base+uint64(w.end) || rva%pageSize != 0 || end < rva || end > maxImage || p.Filesz > p.Memsz || len(w.sections) == maxSections {
		return fmt.Errorf("segment of %d bytes at %#x: %w", p.Memsz, p.Vaddr, ErrSegments)
	}
	name, flags := ".rdata", uint32(pe.IMAGE_SCN_CNT_INITIALIZED_DATA|pe.IMAGE_SCN_MEM_READ)
	switch {
	case p.Flags&elf.PF_X != 0:
		name, flags = ".text", pe.IMAGE_SCN_CNT_CODE|pe.IMAGE_SCN_MEM_READ|pe.IMAGE_SCN_MEM_EXECUTE
	case p.Flags&elf.PF_W != 0:
		name, flags = ".data", flags|pe.IMAGE_SCN_MEM_WRITE
	}
	w.section(name, uint32(rva), uint32(p.Memsz), flags, data)
	return nil
}

// addRelocations puts in an empty list of relocations: an image without one would be
// taken to work only where it is linked for.
func (w *writer) addRelocations() {
	block := binary.LittleEndian.AppendUint32(nil, 0)             // page
	block = binary.LittleEndian.AppendUint32(block, relocVirtual) // size of the block, with two entries that say nothing
	block = append(block, make([]byte, relocVirtual-len(block))...)
	w.section(".reloc", w.end, relocVirtual, pe.IMAGE_SCN_CNT_INITIALIZED_DATA|pe.IMAGE_SCN_MEM_DISCARDABLE|pe.IMAGE_SCN_MEM_READ, block)
}

func (w *writer) section(name string, rva, size, flags uint32, data []byte) {
	s := pe.SectionHeader32{
		VirtualSize: size, VirtualAddress: rva,
		SizeOfRawData: align(uint32(len(data)), fileAlign), PointerToRawData: w.headers + uint32(len(w.data)),
		Characteristics: flags,
	}
	copy(s.Name[:], name)
	w.sections = append(w.sections, s)
	w.data = append(w.data, data...)
	w.data = append(w.data, make([]byte, int(s.SizeOfRawData)-len(data))...)
	w.end = align(rva+size, pageSize)
	if flags&pe.IMAGE_SCN_CNT_CODE != 0 {
		w.code += s.SizeOfRawData
	}
}

// file puts headers and sections together.
func (w *writer) file(machine uint16, entry uint32) []byte {
	optional := pe.OptionalHeader64{
		Magic:               0x20b, // PE32+
		SizeOfCode:          w.code,
		AddressOfEntryPoint: entry,
		BaseOfCode:          w.sections[0].VirtualAddress,
		ImageBase:           0, // as Linux has it: no address is better than another, least of all the image's place
		SectionAlignment:    pageSize,
		FileAlignment:       fileAlign,
		SizeOfImage:         w.end,
		SizeOfHeaders:       w.headers,
		Subsystem:           pe.IMAGE_SUBSYSTEM_EFI_APPLICATION,
		NumberOfRvaAndSizes: directories,
	}
	optional.SizeOfInitializedData = uint32(len(w.data)) - w.code
	optional.DataDirectory[relocations] = pe.DataDirectory{VirtualAddress: w.sections[len(w.sections)-1].VirtualAddress, Size: relocVirtual}
	header := pe.FileHeader{
		Machine:              machine,
		NumberOfSections:     uint16(len(w.sections)),
		SizeOfOptionalHeader: uint16(binary.Size(optional)),
		Characteristics:      pe.IMAGE_FILE_EXECUTABLE_IMAGE | pe.IMAGE_FILE_LARGE_ADDRESS_AWARE | pe.IMAGE_FILE_LINE_NUMS_STRIPPED,
	}
	var out bytes.Buffer
	dos := make([]byte, dosSize)
	copy(dos, "MZ")
	binary.LittleEndian.PutUint32(dos[dosNewHeader:], dosSize)
	out.Write(dos)
	out.WriteString("PE\x00\x00")
	for _, part := range []any{header, optional, w.sections} {
		binary.Write(&out, binary.LittleEndian, part) // a Buffer takes all, and the parts have a fixed size
	}
	out.Write(make([]byte, int(w.headers)-out.Len()))
	out.Write(w.data)
	return out.Bytes()
}

func align(n, to uint32) uint32 { return (n + to - 1) &^ (to - 1) }
