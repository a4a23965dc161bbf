package pe

import (
	"bytes"
	"debug/elf"
	"debug/pe"
	"encoding/binary"
	"errors"
	"testing"
)

// linked is an ELF file as Go's linker makes it: its header is part of the first segment.
type linked struct {
	class    elf.Class
	machine  elf.Machine
	entry    uint64
	segments []elf.Prog64
}

func image() linked {
	return linked{elf.ELFCLASS64, elf.EM_X86_64, 0x2010040, []elf.Prog64{
		{Type: uint32(elf.PT_PHDR), Flags: uint32(elf.PF_R), Vaddr: 0x200f040, Filesz: 0x100, Memsz: 0x100},
		{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_X), Off: 0, Vaddr: 0x200f000, Filesz: 0x1800, Memsz: 0x1800},
		{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R), Off: 0x2000, Vaddr: 0x2011000, Filesz: 0x123, Memsz: 0x123},
		{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_W), Off: 0x3000, Vaddr: 0x2012000, Filesz: 0x200, Memsz: 0x200000},
		{Type: uint32(elf.PT_NOTE), Flags: uint32(elf.PF_R), Off: 0x3100, Filesz: 0x10, Memsz: 0x10},
	}}
}

func (l linked) file() []byte {
	var b bytes.Buffer
	h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(l.machine), Version: 1, Entry: l.entry, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: uint16(len(l.segments))}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(l.class), byte(elf.ELFDATA2LSB), 1
	binary.Write(&b, binary.LittleEndian, h)
	binary.Write(&b, binary.LittleEndian, l.segments)
	for b.Len() < 0x4000 {
		b.WriteByte(byte(b.Len() * 7))
	}
	return b.Bytes()
}

func TestSectionsAreTheSegments(t *testing.T) {
	for machine, want := range map[elf.Machine]uint16{elf.EM_X86_64: 0x8664, elf.EM_AARCH64: 0xaa64} {
		l := image()
		l.machine = machine
		input := l.file()
		out, err := FromELF(input)
		if err != nil {
			t.Fatal(err)
		}
		f, err := pe.NewFile(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		o, ok := f.OptionalHeader.(*pe.OptionalHeader64)
		if !ok || f.Machine != want || o.Subsystem != 10 {
			t.Fatalf("%+v %+v is no UEFI application for %s", f.FileHeader, f.OptionalHeader, machine)
		}
		base := l.entry - uint64(o.AddressOfEntryPoint)
		if base%baseAlign != 0 || o.ImageBase != 0 {
			t.Errorf("the entry %#x is at %#x from %#x: the image is for %#x", l.entry, o.AddressOfEntryPoint, base, o.ImageBase)
		}
		if f.Characteristics&(pe.IMAGE_FILE_RELOCS_STRIPPED|pe.IMAGE_FILE_EXECUTABLE_IMAGE) != pe.IMAGE_FILE_EXECUTABLE_IMAGE {
			t.Errorf("characteristics %#x: it can only be loaded where it is linked for", f.Characteristics)
		}
		const reads, writes, executes = pe.IMAGE_SCN_MEM_READ, pe.IMAGE_SCN_MEM_WRITE, pe.IMAGE_SCN_MEM_EXECUTE
		rights := []uint32{reads | executes, reads, reads | writes, reads}
		if len(f.Sections) != len(rights) {
			t.Fatalf("%d sections, want %d", len(f.Sections), len(rights))
		}
		end := uint32(0)
		for i, s := range f.Sections {
			if got := s.Characteristics & (reads | writes | executes); got != rights[i] {
				t.Errorf("%s has rights %#x, want %#x", s.Name, got, rights[i])
			}
			if s.VirtualAddress < end || s.VirtualAddress%pageSize != 0 || s.Offset%fileAlign != 0 || s.Size%fileAlign != 0 {
				t.Errorf("%s lies at %#x, in the file at %#x with %#x bytes", s.Name, s.VirtualAddress, s.Offset, s.Size)
			}
			end = s.VirtualAddress + s.VirtualSize
			if s.Name == ".reloc" {
				if d := o.DataDirectory[relocations]; d.VirtualAddress != s.VirtualAddress || d.Size != s.VirtualSize {
					t.Errorf("the relocations are at %#x, the directory says %#x", s.VirtualAddress, d.VirtualAddress)
				}
				continue
			}
			p := l.segments[i+1]
			data, err := s.Data()
			if err != nil {
				t.Fatal(err)
			}
			if base+uint64(s.VirtualAddress) != p.Vaddr || uint64(s.VirtualSize) != p.Memsz || !bytes.Equal(data[:p.Filesz], input[p.Off:][:p.Filesz]) {
				t.Errorf("%s is not the segment at %#x", s.Name, p.Vaddr)
			}
		}
		if o.SizeOfImage < end || o.SizeOfImage%pageSize != 0 {
			t.Errorf("the image takes %#x bytes, its sections %#x", o.SizeOfImage, end)
		}
	}
}

func TestWhatMakesNoApplication(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(l *linked)
		want   error
	}{
		{"another machine", func(l *linked) { l.machine = elf.EM_RISCV }, ErrMachine},
		{"no segments", func(l *linked) { l.segments = l.segments[:1] }, ErrSegments},
		{"segments out of order", func(l *linked) { l.segments[2].Vaddr = 0x200f000 }, ErrSegments},
		{"a segment in the middle of a page", func(l *linked) { l.segments[2].Vaddr = 0x2011010 }, ErrSegments},
		{"a segment beyond what a file can say", func(l *linked) { l.segments[3].Memsz = 1 << 32 }, ErrSegments},
		{"a segment beyond the address space", func(l *linked) { l.segments[3].Memsz = ^uint64(0) }, ErrSegments},
		{"more in the file than in memory", func(l *linked) { l.segments[3].Memsz = 0x10 }, ErrSegments},
		{"an entry below", func(l *linked) { l.entry = 0x1000 }, ErrSegments},
		{"an entry above", func(l *linked) { l.entry = 1 << 40 }, ErrSegments},
	} {
		l := image()
		tt.change(&l)
		if _, err := FromELF(l.file()); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	l := image()
	l.segments[3].Off = 1 << 20
	if _, err := FromELF(l.file()); err == nil {
		t.Error("a segment that is not in the file makes a section")
	}
	if _, err := FromELF([]byte("MZ")); err == nil {
		t.Error("no ELF file makes an application")
	}
}
