package toolchain

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
)

// An arm64 image is linked for addresses that it is mapped at, beyond all memory. Loaders of ELF files, QEMU's for one, put
// segments where p_paddr says: the low half, 2 MiB behind where the RAM of QEMU's virt begins.
const (
	arm64Base = 0x7f00_4020_0000 // the start of the image: board/arm64/memory.go, boot_arm64.s
	arm64Text = "0x7f0040210000"
	arm64Low  = 1<<32 - 1
)

// placedImage is checkImage for arm64, and sets p_paddr (gABI, chapter 5: at 24 in a program header of 64 bits).
func placedImage(image []byte) ([]byte, error) {
	if _, err := checkImage(image); err != nil {
		return nil, err
	}
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
	placed := bytes.Clone(image)
	for i, p := range f.Progs {
		if p.Vaddr > arm64Low {
			le.PutUint64(placed[headers+uint64(i*headerSize)+physical:], p.Vaddr&arm64Low)
		}
	}
	return placed, nil
}
