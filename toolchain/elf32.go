package toolchain

import (
	"bytes"
	"debug/elf"
	"fmt"
)

// checkARM tells whether an executable for 32-bit ARM is an image: an ELF file is what loaders take
// there (docs/hardware.md), so nothing is changed.
func checkARM(image []byte) ([]byte, error) {
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	if f.Class != elf.ELFCLASS32 || f.Machine != elf.EM_ARM {
		return nil, fmt.Errorf("%s %s is not a 32-bit ARM executable", f.Class, f.Machine)
	}
	symbols, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	for _, s := range symbols {
		if s.Name == entry && uint64(s.Value) == f.Entry {
			return image, nil
		}
	}
	return nil, ErrNotImage
}
