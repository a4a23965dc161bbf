package toolchain

import (
	"errors"
	"path/filepath"
	"strings"

	"gasp/toolchain/pe"
)

// ErrEFITamaGo says that the boot stub for UEFI is for the stock toolchain only: it takes g
// from where Linux has it.
var ErrEFITamaGo = errors.New("with TamaGo's toolchain there are no images for UEFI")

// A format is what an image's file is, by the ending of its name.
type format int

const (
	formatELF  format = iota // for loaders of the PVH protocol
	formatEFI                // an application for UEFI firmware
	formatDisk               // a disk with one
	formatRaw                // for loaders of the Linux boot protocol
)

func formatOf(output string) format {
	switch strings.ToLower(filepath.Ext(output)) {
	case ".efi":
		return formatEFI
	case ".img":
		return formatDisk
	case ".bin":
		return formatRaw
	}
	return formatELF
}

// Entry points of an image: the board's, and that of the boot stub for UEFI
// (board/uefi/stub), which is only linked in where it is the one.
const (
	entry    = "cpuinit"
	entryEFI = "efientry"
)

func (f format) entry() string {
	if f == formatELF || f == formatRaw {
		return entry
	}
	return entryEFI
}

// file makes the file of an ELF image.
func (f format) file(image []byte, o Options) ([]byte, error) {
	switch f {
	case formatELF:
		return image, nil
	case formatRaw:
		return linuxImage(image)
	}
	application, err := pe.FromELF(image)
	if err != nil || f == formatEFI {
		return application, err
	}
	return bootDisk(application, o)
}
