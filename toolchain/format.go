package toolchain

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"gasp/toolchain/imx"
	"gasp/toolchain/pe"
)

// ErrEFITamaGo says that the boot stub for UEFI is for the stock toolchain only: it takes g
// from where Linux has it.
var ErrEFITamaGo = errors.New("with TamaGo's toolchain there are no images for UEFI")

// ErrBoard is a board that is named for an image which is the same for all of them.
var ErrBoard = errors.New("only an image for i.MX6UL's boot ROM (.imx) is made for one board")

// ErrNoFormat says that images of an architecture have no such file.
var ErrNoFormat = errors.New("there is no such image")

// A format is what an image's file is, by the ending of its name.
type format int

const (
	formatELF  format = iota // for loaders of the PVH protocol
	formatEFI                // an application for UEFI firmware
	formatDisk               // a disk with one
	formatRaw                // for loaders of the Linux boot protocol
	formatROM                // for the boot ROM of an i.MX6UL
)

func formatOf(output string) format {
	switch strings.ToLower(filepath.Ext(output)) {
	case ".efi":
		return formatEFI
	case ".img":
		return formatDisk
	case ".bin":
		return formatRaw
	case ".imx":
		return formatROM
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
	if f == formatEFI || f == formatDisk {
		return entryEFI
	}
	return entry
}

// check returns an error if options do not fit the format.
func (f format) check(o Options) error {
	switch {
	case o.TamaGo != "" && (f == formatEFI || f == formatDisk):
		return fmt.Errorf("%s: %w", o.Output, ErrEFITamaGo)
	case len(o.EFI) > 0 && f != formatDisk:
		return fmt.Errorf("%s: %w, and %s is none", o.EFI[0], ErrNoDisk, o.Output)
	case o.Arch == "arm" && (f == formatEFI || f == formatDisk):
		return fmt.Errorf("%s: %w for arm: UEFI starts amd64 and arm64; name an .elf or .imx", o.Output, ErrNoFormat)
	case o.Arch != "arm64" && f == formatRaw:
		return fmt.Errorf("%s: %w but for arm64: name an .elf, or give -arch arm64", o.Output, ErrNoFormat)
	case o.Board != "" && f != formatROM:
		return fmt.Errorf("%s, board %s: %w", o.Output, o.Board, ErrBoard)
	case f == formatROM && o.Arch != "arm":
		return fmt.Errorf("%s: %w", o.Output, imx.ErrMachine)
	case f == formatROM:
		if err := imx.Check(o.Board); err != nil {
			return fmt.Errorf("%s needs the board whose memory it sets up: %w", o.Output, err)
		}
	}
	return nil
}

// file makes the file of an ELF image.
func (f format) file(image []byte, o Options) ([]byte, error) {
	switch f {
	case formatELF:
		return image, nil
	case formatRaw:
		return linuxImage(image)
	case formatROM:
		return imx.FromELF(image, o.Board)
	}
	application, err := pe.FromELF(image)
	if err != nil || f == formatEFI {
		return application, err
	}
	return bootDisk(application, o)
}
