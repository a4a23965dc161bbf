package toolchain

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrRaw is an image that there is no raw form of.
var ErrRaw = errors.New("images of this architecture do not boot as a raw file (.bin)")

// The header of an arm64 Linux image (Documentation/arch/arm64/booting.rst), by which a loader knows where to put it.
// board/arm64/boot_arm64.s sees by its magic that nobody cleared the memory behind the file.
const (
	linuxText       = 0x20_0000 // from a multiple of 2 MiB to the image: so that it is never at 0
	linuxHeaderSize = 64
	linuxMagic      = 0x644d5241 // "ARM\x64"
	linuxPages4K    = 1 << 1
	linuxAnywhere   = 1 << 3 // not only near the start of RAM
)

// linuxImage makes a raw image of an ELF file: the memory that it is linked for, from the header on, as far as the file
// has something to say.
func linuxImage(image []byte) ([]byte, error) {
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	if f.Machine != elf.EM_AARCH64 {
		return nil, fmt.Errorf("%s: %w", f.Machine, ErrRaw)
	}
	const start = arm64Base
	out := make([]byte, linuxHeaderSize)
	end := uint64(start)
	for _, p := range f.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		if p.Vaddr < start+linuxHeaderSize || p.Vaddr-start > maxRaw || p.Memsz > maxRaw || p.Filesz > p.Memsz {
			return nil, fmt.Errorf("segment at %#x: %w", p.Vaddr, ErrNotImage)
		}
		at := p.Vaddr - start
		out = append(out, make([]byte, max(at+p.Filesz, uint64(len(out)))-uint64(len(out)))...)
		if _, err := p.ReadAt(out[at:at+p.Filesz], 0); err != nil {
			return nil, fmt.Errorf("segment at %#x: %w", p.Vaddr, err)
		}
		end = max(end, p.Vaddr+p.Memsz)
	}
	if f.Entry < start+linuxHeaderSize || f.Entry >= end || f.Entry%4 != 0 {
		return nil, fmt.Errorf("entry point %#x: %w", f.Entry, ErrNotImage)
	}
	const branch = 0x14000000 // B, 26 bits of distance in instructions
	le := binary.LittleEndian
	le.PutUint32(out, branch|uint32(f.Entry-start)/4)
	le.PutUint64(out[8:], linuxText)
	le.PutUint64(out[16:], end-start)
	le.PutUint64(out[24:], linuxPages4K|linuxAnywhere)
	le.PutUint32(out[56:], linuxMagic)
	return out, nil
}

// maxRaw bounds an image in memory, in bytes: what B reaches.
const maxRaw = 128 << 20
