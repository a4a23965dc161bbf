package toolchain

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestMultiboot2Header(t *testing.T) {
	in := linkedFor(t, "amd64", "cpuinit", "-ldflags=-T "+amd64Text+" -R 0x1000")
	out, err := bootable(in, true)
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	const first = 32768 // bytes in which it must lie, at a multiple of 8
	found, size := 0, 0
	for at := 0; at+16 <= first; at += 8 {
		h := out[at:]
		if le.Uint32(h) != multiboot2Magic {
			continue
		}
		found++
		n := le.Uint32(h[8:])
		size = int(n)
		places := 0
		for tag := h[16:n]; len(tag) >= 8; tag = tag[min(len(tag), int(le.Uint32(tag[4:])+7)&^7):] {
			if le.Uint16(tag) != multiboot2Place {
				continue
			}
			places++
			from, to, align := le.Uint32(tag[8:]), le.Uint32(tag[12:]), le.Uint32(tag[16:])
			if le.Uint32(tag[4:]) != 24 || from >= to || from%align != 0 || align != 2<<20 {
				t.Errorf("it may lie from %#x to %#x at multiples of %#x", from, to, align)
			}
		}
		if places != 1 {
			t.Errorf("%d tags say where it may lie", places)
		}
		if sum := le.Uint32(h) + le.Uint32(h[4:]) + n + le.Uint32(h[12:]); sum != 0 || le.Uint32(h[4:]) != 0 {
			t.Errorf("the checksum gives %#x", sum)
		}
		if end := h[n-8 : n]; !bytes.Equal(end, []byte{0, 0, 0, 0, 8, 0, 0, 0}) {
			t.Errorf("the last tag is % x", end)
		}
	}
	if found != 1 {
		t.Errorf("%d headers", found)
	}
	withNote, err := AddPVHNote(in)
	if err != nil {
		t.Fatal(err)
	}
	if withNote, err = placed(withNote); err != nil {
		t.Fatal(err)
	}
	for i := range withNote {
		if (i < multiboot2At || i >= multiboot2At+size) && withNote[i] != out[i] {
			t.Fatalf("byte %#x has changed", i)
		}
	}
	if fixed, err := bootable(in, false); err != nil || le.Uint32(fixed[multiboot2At+8:]) != uint32(size-24) {
		t.Errorf("an image that may not be moved has a header of %d bytes, %v", le.Uint32(fixed[multiboot2At+8:]), err)
	}
	if _, err := addMultiboot2(out, true); !errors.Is(err, ErrNoGap) {
		t.Errorf("a second header: %v, want %v", err, ErrNoGap)
	}
	if _, err := addMultiboot2(withNote[:multiboot2At], true); !errors.Is(err, ErrNoGap) {
		t.Errorf("a file that ends before: %v, want %v", err, ErrNoGap)
	}
	if _, err := exec.LookPath("grub-file"); err != nil {
		t.Skip("grub-file is not installed")
	}
	file := filepath.Join(t.TempDir(), "app.elf")
	if err := os.WriteFile(file, out, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("grub-file", "--is-x86-multiboot2", file).CombinedOutput(); err != nil {
		t.Errorf("grub-file: %v %s", err, said)
	}
}
