package toolchain

import (
	"bytes"
	"debug/pe"
	"errors"
	"fmt"
	"os"

	"gasp/toolchain/disk"
)

// bootFolder is where firmware looks for what to boot from a disk that it knows nothing of
// (UEFI Specification 2.10, 3.5.1.1).
const bootFolder = "EFI/BOOT/"

// commandLineFile lies beside the image (board/uefi/stub).
const (
	commandLineFile = bootFolder + "gasp.txt"
	commandLineHead = "# The command line of the program: lines are put together, this one is left out.\n"
)

// Errors of what is to go onto a boot disk.
var (
	ErrNoApplication = errors.New("not a UEFI application for x86-64 or arm64: mkimage -o NAME.efi makes one")
	ErrNoDisk        = errors.New("UEFI applications go onto disk images, NAME.img")
)

// bootDisk is a disk with an application, those of other architectures that are given, and
// the command line.
func bootDisk(application []byte, o Options) ([]byte, error) {
	applications := [][]byte{application}
	for _, file := range o.EFI {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		applications = append(applications, data)
	}
	var files []disk.File
	for i, data := range applications {
		name, err := bootName(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", append([]string{"the image"}, o.EFI...)[i], err)
		}
		files = append(files, disk.File{Path: bootFolder + name, Data: data})
	}
	files = append(files, disk.File{Path: commandLineFile, Data: []byte(commandLineHead + o.Cmdline + "\n")})
	return disk.Image(files)
}

// bootName is the name by which firmware finds an application of its architecture.
func bootName(application []byte) (string, error) {
	f, err := pe.NewFile(bytes.NewReader(application))
	if err != nil {
		return "", fmt.Errorf("%w (%w)", ErrNoApplication, err)
	}
	if h, ok := f.OptionalHeader.(*pe.OptionalHeader64); !ok || h.Subsystem != pe.IMAGE_SUBSYSTEM_EFI_APPLICATION {
		return "", ErrNoApplication
	}
	switch f.Machine {
	case pe.IMAGE_FILE_MACHINE_AMD64:
		return "BOOTX64.EFI", nil
	case pe.IMAGE_FILE_MACHINE_ARM64:
		return "BOOTAA64.EFI", nil
	}
	return "", ErrNoApplication
}
