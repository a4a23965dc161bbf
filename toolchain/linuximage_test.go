package toolchain

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"testing"
)

func TestLinuxImage(t *testing.T) {
	in := linkedFor(t, "arm64", "cpuinit", "-ldflags=-T "+arm64Text+" -R 0x1000 -E cpuinit")
	out, err := linuxImage(in)
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	if at := uint64(arm64Base) + uint64(le.Uint32(out)&^0xfc000000)*4; le.Uint32(out)>>26 != 5 || at != f.Entry {
		t.Errorf("the first instruction is %#x, a branch to %#x, not to %#x", le.Uint32(out), at, f.Entry)
	}
	if string(out[56:60]) != "ARM\x64" || le.Uint64(out[8:]) != 0x200000 || le.Uint64(out[24:]) != 0xa {
		t.Errorf("the header is % x", out[:64])
	}
	size := uint64(0)
	for _, p := range f.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		size = max(size, p.Vaddr+p.Memsz-uint64(arm64Base))
		want := make([]byte, p.Filesz)
		if _, err := p.ReadAt(want, 0); err != nil {
			t.Fatal(err)
		}
		if got := out[p.Vaddr-uint64(arm64Base):][:p.Filesz]; !bytes.Equal(got, want) {
			t.Errorf("the segment at %#x is not where it belongs", p.Vaddr)
		}
	}
	if got := le.Uint64(out[16:]); got != size || uint64(len(out)) > size {
		t.Errorf("the image says that it takes %#x bytes of memory, want %#x; the file has %#x", got, size, len(out))
	}
}

func TestNoLinuxImage(t *testing.T) {
	if _, err := linuxImage(linked(t, "cpuinit")); !errors.Is(err, ErrRaw) {
		t.Errorf("an x86-64 image gives %v", err)
	}
	if _, err := linuxImage(linkedFor(t, "arm64", "cpuinit")); !errors.Is(err, ErrNotImage) {
		t.Errorf("an image that is linked for elsewhere gives %v", err)
	}
	if _, err := linuxImage([]byte("no ELF")); err == nil {
		t.Error("what is no ELF file becomes an image")
	}
}
