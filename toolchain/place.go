package toolchain

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
)

// A 64-bit image is linked for addresses that it is mapped at, beyond all memory. Loaders of ELF files, QEMU's for one, put
// segments where p_paddr says: the low half, on arm64 2 MiB behind where the RAM of QEMU's virt begins, on x86-64 32 MiB.
const (
	amd64Text = "0x7f0002001000"
	arm64Base = 0x7f00_4020_0000 // the start of the image: board/arm64/memory.go, boot_arm64.s
	arm64Text = "0x7f0040210000"

	lowHalf = 1<<32 - 1
)

// placedARM is checkImage for arm64, and places it.
func placedARM(image []byte, _ bool) ([]byte, error) {
	if _, err := checkImage(image, true); err != nil {
		return nil, err
	}
	return placed(image)
}

// placed sets p_paddr (gABI, chapter 5: at 24 in a program header of 64 bits).
func placed(image []byte) ([]byte, error) {
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	const headersOffset, headerSize, physical = 32, 56, 24
	headers := le.Uint64(image[headersOffset:])
	if f.Class != elf.ELFCLASS64 || headers > uint64(len(image)) || uint64(len(image))-headers < uint64(len(f.Progs)*headerSize) {
		return nil, fmt.Errorf("program headers at %#x: %w", headers, ErrNotImage)
	}
	out := bytes.Clone(image)
	for i, p := range f.Progs {
		if p.Vaddr > lowHalf {
			le.PutUint64(out[headers+uint64(i*headerSize)+physical:], p.Vaddr&lowHalf)
		}
	}
	return out, nil
}
