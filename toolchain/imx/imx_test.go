package imx

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
)

// linked is an ELF file as Go's linker makes it: its header is part of the first segment.
type linked struct {
	machine  elf.Machine
	entry    uint32
	segments []elf.Prog32
}

func image() linked {
	return linked{elf.EM_ARM, 0x80210040, []elf.Prog32{
		{Type: uint32(elf.PT_PHDR), Off: 0x34, Vaddr: 0x8020f034, Filesz: 0xc0, Memsz: 0xc0},
		{Type: uint32(elf.PT_LOAD), Vaddr: 0x8020f000, Filesz: 0x1800, Memsz: 0x1800},
		{Type: uint32(elf.PT_LOAD), Off: 0x2000, Vaddr: 0x80211000, Filesz: 0x123, Memsz: 0x123},
		{Type: uint32(elf.PT_LOAD), Off: 0x3000, Vaddr: 0x80212000, Filesz: 0x201, Memsz: 0x200000},
	}}
}

func (l linked) file() []byte {
	var b bytes.Buffer
	h := elf.Header32{Type: uint16(elf.ET_EXEC), Machine: uint16(l.machine), Version: 1, Entry: l.entry, Phoff: 52, Ehsize: 52, Phentsize: 32, Phnum: uint16(len(l.segments))}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS32), byte(elf.ELFDATA2LSB), 1
	binary.Write(&b, binary.LittleEndian, h)
	binary.Write(&b, binary.LittleEndian, l.segments)
	for b.Len() < 0x4000 {
		b.WriteByte(byte(b.Len() * 7))
	}
	return b.Bytes()
}

// A started image is what the boot ROM makes of a file: registers that were written, memory, and
// the address where the processor goes on.
type started struct {
	writes []write
	base   uint32
	memory []byte
	entry  uint32
}

// boot does with a file what the manual says that the ROM does, and stops at what it would not take.
func boot(t *testing.T, file []byte) (s started) {
	t.Helper()
	device := append(make([]byte, DeviceOffset), file...)
	vector := device[DeviceOffset:initialLoad]
	if !bytes.Equal(vector[:4], []byte{0xd1, 0, 32, 0x40}) {
		t.Fatalf("the header of the image vector table is % x", vector[:4])
	}
	word := func(at uint32) uint32 { return binary.LittleEndian.Uint32(vector[at:]) }
	self := word(20)
	inHeader := func(what string, address, n uint32) uint32 {
		if address < self || address-self > uint32(len(vector))-n {
			t.Fatalf("%s is at %#x, not in the first 4 KiB, which are at %#x", what, address, self)
		}
		return address - self
	}
	if word(8) != 0 || word(24) != 0 || word(28) != 0 {
		t.Errorf("reserved words, or signatures: % x", vector[:32])
	}
	data := inHeader("the boot data", word(16), 12)
	start, length := word(data), word(data+4)
	if start != self-DeviceOffset || int(length) != len(device) || word(data+8) != 0 {
		t.Fatalf("boot data: %#x bytes to %#x, plug-in %d; the file has %#x bytes from %#x", length, start, word(data+8), len(device), self-DeviceOffset)
	}
	list := vector[inHeader("the DCD", word(12), 4):]
	size := int(binary.BigEndian.Uint16(list[1:]))
	if list[0] != 0xd2 || list[3] != 0x40 || size > 1768 || size > len(list) {
		t.Fatalf("the header of the DCD is % x", list[:4])
	}
	for list = list[4:size]; len(list) > 0; {
		n := int(binary.BigEndian.Uint16(list[1:]))
		if list[0] != 0xcc || list[3] != 4 || n%8 != 4 || n > len(list) {
			t.Fatalf("a command % x with %d bytes left", list[:4], len(list))
		}
		for at := 4; at < n; at += 8 {
			s.writes = append(s.writes, write{binary.BigEndian.Uint32(list[at:]), binary.BigEndian.Uint32(list[at+4:])})
		}
		list = list[n:]
	}
	s.base, s.memory, s.entry = start, device, word(4)
	inHeader("the code that clears memory", s.entry, 64)
	return s
}

// clear runs that code, which must be what it is known to be.
func (s *started) clear(t *testing.T) {
	t.Helper()
	code := s.memory[s.entry-s.base:]
	const words = 12
	var got []uint32
	for i := range words + 3 {
		got = append(got, binary.LittleEndian.Uint32(code[4*i:]))
	}
	// From GNU as: ldr r0,l; ldr r1,l+4; mov r2..r5,#0; n: cmp r0,r1; stmialo r0!,{r2-r5}; blo n; mov r0,#0; mov r1,#0; ldr pc,l+8; l:
	want := []uint32{0xe59f0028, 0xe59f1028, 0xe3a02000, 0xe3a03000, 0xe3a04000, 0xe3a05000, 0xe1500001, 0x38a0003c, 0x3afffffc, 0xe3a00000, 0xe3a01000, 0xe59ff004}
	if !slices.Equal(got[:words], want) {
		t.Fatalf("the code is %#x, want %#x", got[:words], want)
	}
	from, end := got[words], got[words+1]
	if from%4 != 0 || from != s.base+uint32(len(s.memory)) {
		t.Fatalf("memory is cleared from %#x on; the file ends at %#x", from, s.base+uint32(len(s.memory)))
	}
	if end > from {
		s.memory = append(s.memory, make([]byte, end-from)...)
	}
	s.entry = got[words+2]
}

func TestTheROMStartsTheImage(t *testing.T) {
	l := image()
	input := l.file()
	for _, board := range Boards() {
		file, err := FromELF(input, board)
		if err != nil {
			t.Fatal(err)
		}
		s := boot(t, file)
		s.clear(t)
		if s.entry != l.entry {
			t.Errorf("%s: it starts at %#x, want %#x", board, s.entry, l.entry)
		}
		for _, p := range l.segments {
			if p.Type != uint32(elf.PT_LOAD) {
				continue
			}
			want := append(bytes.Clone(input[p.Off:p.Off+p.Filesz]), make([]byte, p.Memsz-p.Filesz)...)
			if got := s.memory[p.Vaddr-s.base:][:p.Memsz]; !bytes.Equal(got, want) {
				t.Errorf("%s: the segment at %#x is not what the ELF file has", board, p.Vaddr)
			}
		}
		if want, _ := registersOf(board); !slices.Equal(s.writes, want) {
			t.Errorf("%s: the ROM writes %#x, want %#x", board, s.writes, want)
		}
	}
}

func TestTheROMTakesTheRegisters(t *testing.T) {
	const mdscr = 0x021b001c
	for _, b := range boards {
		if len(b.writes) > maxWrites {
			t.Errorf("%s: %d writes, the ROM takes %d", b.name, len(b.writes), maxWrites)
		}
		for _, w := range b.writes {
			// CCM, IOMUXC, MMDC: what of it the ROM lets itself be told to write.
			if page := w.register >> 14; page != 0x020c4000>>14 && page != 0x020e0000>>14 && page != 0x021b0000>>14 || w.register%4 != 0 {
				t.Errorf("%s: the ROM does not write %#x", b.name, w.register)
			}
		}
		first := slices.IndexFunc(b.writes, func(w write) bool { return w.register == mdscr })
		if last := b.writes[len(b.writes)-1]; first < 0 || b.writes[first].value != 0x8000 || last != (write{mdscr, 0}) {
			t.Errorf("%s: the memory controller is not left working", b.name)
		}
	}
}

func TestWhatIsNoImage(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*linked)
		want   error
	}{
		"64-bit ARM":            {func(l *linked) { l.machine = elf.EM_AARCH64 }, ErrMachine},
		"no segments":           {func(l *linked) { l.segments = l.segments[:1] }, ErrSegments},
		"below the memory":      {func(l *linked) { l.segments[1].Vaddr = 0x10000 }, ErrSegments},
		"no room for a header":  {func(l *linked) { l.segments[1].Vaddr = 0x80000000 }, ErrSegments},
		"not at a page":         {func(l *linked) { l.segments[1].Vaddr = 0x8020f010 }, ErrSegments},
		"overlapping":           {func(l *linked) { l.segments[2].Vaddr = 0x80210000 }, ErrSegments},
		"beyond the memory":     {func(l *linked) { l.segments[3].Vaddr = 0x87ffffff }, ErrSegments},
		"around the end":        {func(l *linked) { l.segments[3].Memsz = 0xfffff000 }, ErrSegments},
		"more file than memory": {func(l *linked) { l.segments[3].Memsz = 0x10 }, ErrSegments},
		"it starts in nothing":  {func(l *linked) { l.entry = 0x80300000 }, ErrSegments},
		"it starts below":       {func(l *linked) { l.entry = 0x8020e000 }, ErrSegments},
		"Thumb":                 {func(l *linked) { l.entry |= 1 }, ErrSegments},
	} {
		l := image()
		c.change(&l)
		if _, err := FromELF(l.file(), "mx6ullevk"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := FromELF([]byte("no ELF"), "mx6ullevk"); err == nil {
		t.Error("what is no ELF file becomes one of the ROM's")
	}
	l := image()
	if _, err := FromELF(l.file()[:0x3100], "mx6ullevk"); err == nil {
		t.Error("a file that ends too early is taken")
	}
	for _, board := range []string{"", "imx8"} {
		if _, err := FromELF(l.file(), board); !errors.Is(err, ErrBoard) || !strings.Contains(err.Error(), "usbarmory-mk2") {
			t.Errorf("board %q: %v", board, err)
		}
	}
}

// TestTheConsoleHasPads: an image that the ROM has started takes UART2 for its console if the pad of its transmitter leads to it and drives as
// here, else UART1 (board/mx6ul/serial.go).
func TestTheConsoleHasPads(t *testing.T) {
	type pad struct{ mux, control uint32 }
	uart1, uart2 := pad{0x020e0084, 0x020e0310}, pad{0x020e0094, 0x020e0320}
	const uses, drives = 0, 0x0001b0b1
	for board, want := range map[string]pad{"mx6ullevk": uart1, "usbarmory-mk2": uart2, "usbarmory-mk2-1g": uart2} {
		writes, err := registersOf(board)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []pad{uart1, uart2} {
			for _, w := range []write{{p.mux, uses}, {p.control, drives}} {
				if got := slices.Contains(writes, w); got != (p == want) {
					t.Errorf("%s: %#x is written to %#x: %v", board, w.value, w.register, got)
				}
			}
		}
	}
}
