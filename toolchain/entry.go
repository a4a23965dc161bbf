package toolchain

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
)

// ErrNotImage is a program that no machine starts.
var ErrNotImage = errors.New("not an image: no board was linked in (import gasp/board/all or one board)")

// checkImage returns an executable as it is, if it is an image of an ARM processor: the
// address where it starts is in its header.
func checkImage(image []byte, _ bool) ([]byte, error) {
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	if f.Machine != elf.EM_AARCH64 && f.Machine != elf.EM_ARM {
		return nil, fmt.Errorf("%s %s is not an executable of an ARM processor", f.Class, f.Machine)
	}
	_, err = entryAddress(f)
	return image, err
}

// entryAddress is where the machine starts.
func entryAddress(f *elf.File) (uint64, error) {
	symbols, err := f.Symbols()
	if err != nil {
		return 0, err
	}
	for _, s := range symbols {
		if s.Name == entry && s.Value != 0 {
			return s.Value, nil
		}
	}
	return 0, ErrNotImage
}
