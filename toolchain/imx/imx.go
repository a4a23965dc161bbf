// Package imx makes the file that the boot ROM of NXP's i.MX 6UltraLite and 6ULL starts, from an
// SD card or eMMC, or by USB: an image vector table, boot data, a list of registers that make the
// memory work, and the image as it lies there. Source: i.MX 6ULL Applications Processor Reference
// Manual, Rev. 1, chapter 8, Program Image; the order of the parts is that of U-Boot's mkimage
// (include/imximage.h, version 2), which other tools expect.
package imx

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Errors of FromELF.
var (
	ErrMachine  = errors.New("the boot ROM starts 32-bit ARM images only")
	ErrSegments = errors.New("the image does not lie in one piece in the board's memory")
)

// DeviceOffset is where the file belongs on an SD card or eMMC, in bytes from its start.
const DeviceOffset = 0x400

// The file's parts. The ROM reads the first 4 KiB of the device, finds all of the header in them, and loads
// everything, these 4 KiB too, to where the boot data say.
const (
	initialLoad = 0x1000
	headerSize  = initialLoad - DeviceOffset

	vectorSize   = 32 // image vector table
	bootDataSize = 12
	dcdOffset    = vectorSize + bootDataSize

	tagVector = 0xd1
	version   = 0x40 // of format 4.0

	ramStart = 0x8000_0000
	maxImage = 128 << 20 // of memory: the least that a board has
)

// FromELF makes the file, for the board of that name. Memory that the ELF file says nothing of is
// cleared when it starts.
func FromELF(image []byte, board string) ([]byte, error) {
	writes, err := registersOf(board)
	if err != nil {
		return nil, err
	}
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	if f.Class != elf.ELFCLASS32 || f.Machine != elf.EM_ARM {
		return nil, fmt.Errorf("%s %s: %w", f.Class, f.Machine, ErrMachine)
	}
	m, err := flatten(f)
	if err != nil {
		return nil, err
	}
	if f.Entry < m.base || f.Entry >= m.base+uint64(len(m.data)) || f.Entry%4 != 0 {
		return nil, fmt.Errorf("entry point %#x: %w", f.Entry, ErrSegments)
	}
	return file(m, uint32(f.Entry), dcd(writes)), nil
}

// memory is what an image has in memory: data from base on, then nothing up to end.
type memory struct {
	base, end uint64
	data      []byte
}

// flatten puts the segments where they belong.
func flatten(f *elf.File) (memory, error) {
	var m memory
	for _, p := range f.Progs {
		if p.Type != elf.PT_LOAD || p.Memsz == 0 {
			continue
		}
		if m.end == 0 {
			m.base, m.end = p.Vaddr, p.Vaddr
		}
		if m.base%initialLoad != 0 || m.base < ramStart+initialLoad || p.Vaddr < m.end || p.Filesz > p.Memsz ||
			p.Memsz > maxImage || p.Vaddr-ramStart > maxImage-p.Memsz {
			return m, fmt.Errorf("segment of %d bytes at %#x: %w", p.Memsz, p.Vaddr, ErrSegments)
		}
		m.data = append(m.data, make([]byte, p.Vaddr-m.base-uint64(len(m.data))+p.Filesz)...)
		if n, err := p.ReadAt(m.data[p.Vaddr-m.base:], 0); uint64(n) < p.Filesz {
			return m, fmt.Errorf("segment at %#x: %w", p.Vaddr, err)
		}
		m.end = p.Vaddr + p.Memsz
	}
	if len(m.data) == 0 {
		return m, fmt.Errorf("no segments: %w", ErrSegments)
	}
	return m, nil
}

// file puts the parts together. Its end is that of a block of the device.
func file(m memory, entry uint32, dcd []byte) []byte {
	start := uint32(m.base) - initialLoad // where the device's first byte goes
	self := start + DeviceOffset
	code := self + dcdOffset + uint32(len(dcd))
	data := append(m.data, make([]byte, -len(m.data)&(initialLoad-1))...)

	le := binary.LittleEndian
	out := append(make([]byte, 0, headerSize+len(data)), tagVector, 0, vectorSize, version)
	for _, word := range []uint32{
		code, 0, self + dcdOffset, self + vectorSize, self,
		0, // no signatures
		0,
		start, initialLoad + uint32(len(data)), 0, // boot data; no plug-in
	} {
		out = le.AppendUint32(out, word)
	}
	out = append(out, dcd...)
	for _, word := range clearing(uint32(m.base)+uint32(len(data)), uint32(m.end), entry) {
		out = le.AppendUint32(out, word)
	}
	out = append(out, make([]byte, headerSize-len(out))...)
	return append(out, data...)
}

// clearing is the code that clears memory from start up to end, which only the ELF file
// tells of, and goes on at entry, with no arguments.
func clearing(start, end, entry uint32) []uint32 {
	return slices.Concat([]uint32{
		0xe59f0028, //	ldr	r0, =start
		0xe59f1028, //	ldr	r1, =end
		0xe3a02000, //	mov	r2, #0
		0xe3a03000, //	mov	r3, #0
		0xe3a04000, //	mov	r4, #0
		0xe3a05000, //	mov	r5, #0
		0xe1500001, // next:	cmp	r0, r1
		0x38a0003c, //	stmlo	r0!, {r2-r5}
		0x3afffffc, //	blo	next
		0xe3a00000, //	mov	r0, #0
		0xe3a01000, //	mov	r1, #0
		0xe59ff004, //	ldr	pc, =entry
	}, []uint32{start, end, entry})
}
