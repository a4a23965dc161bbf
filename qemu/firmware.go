package qemu

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Firmware is a UEFI firmware that a machine runs from flash memory: the program, which stays as it is, and variables, of
// which every run has a copy.
type Firmware struct {
	Package string      // of Debian and Ubuntu
	Files   [][2]string // program and variables, by the paths that distributions have; the first pair that is there counts
	// Boot is the file that it starts from a disk without being told (UEFI 2.10, 3.5.1.1), with slashes.
	Boot string
}

var (
	ovmf = Firmware{
		Package: "ovmf",
		Files: [][2]string{
			{"/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"},
			{"/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"},
			{"/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"},
			{"/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"},
		},
		Boot: "EFI/BOOT/BOOTX64.EFI",
	}
	aavmf = Firmware{
		Package: "qemu-efi-aarch64",
		Files: [][2]string{
			{"/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"},
			{"/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw", "/usr/share/edk2/aarch64/vars-template-pflash.raw"},
		},
		Boot: "EFI/BOOT/BOOTAA64.EFI",
	}
)

// ErrNoFirmware says that a machine's firmware is not installed.
var ErrNoFirmware = errors.New("the UEFI firmware is not installed")

// Files and folders in the run's directory.
const (
	variablesFile = "variables"
	diskFolder    = "disk"
	// CommandFile is beside the image on the disk and has its command line.
	CommandFile = "gasp.txt"
)

// find gives the paths of program and variables.
func (f *Firmware) find() (program, variables string, err error) {
	i := slices.IndexFunc(f.Files, func(pair [2]string) bool {
		_, noProgram := os.Stat(pair[0])
		_, noVariables := os.Stat(pair[1])
		return noProgram == nil && noVariables == nil
	})
	if i < 0 {
		return "", "", fmt.Errorf("qemu: %w: neither %s nor its like is there: run qemu/setup.sh, or: apt-get install --no-install-recommends %s",
			ErrNoFirmware, f.Files[0][0], f.Package)
	}
	return f.Files[i][0], f.Files[i][1], nil
}

// prepare writes to the run's directory what the machine is to find: the firmware's variables and what lies on the disk,
// or the command line.
func (m *Machine) prepare(dir string, t *MachineType) error {
	f := t.Firmware
	if t.EL3 {
		return m.prepareEL3(dir, t)
	}
	if f == nil {
		return m.writeLine(dir)
	}
	_, variables, err := f.find()
	if err != nil {
		return err
	}
	if err := copyFile(filepath.Join(dir, variablesFile), variables); err != nil {
		return fmt.Errorf("qemu: %w", err)
	}
	if m.Kernel || !strings.HasSuffix(m.Image, ".efi") {
		return nil
	}
	image, err := filepath.Abs(m.Image)
	if err != nil {
		return fmt.Errorf("qemu: %w", err)
	}
	if _, err := os.Stat(image); err != nil {
		return fmt.Errorf("qemu: %w", err)
	}
	boot := filepath.Join(dir, diskFolder, filepath.FromSlash(f.Boot))
	if err := os.MkdirAll(filepath.Dir(boot), 0o700); err != nil {
		return fmt.Errorf("qemu: %w", err)
	}
	if err := os.Symlink(image, boot); err != nil {
		return fmt.Errorf("qemu: %w", err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(boot), CommandFile), []byte(m.Cmdline+"\n"), 0o600); err != nil {
		return fmt.Errorf("qemu: %w", err)
	}
	return nil
}

// arguments gives QEMU the flash memory, and the image: as a disk, or for the firmware to fetch.
func (f *Firmware) arguments(m *Machine, dir string) ([]string, error) {
	program, _, err := f.find()
	if err != nil {
		return nil, err
	}
	a := []string{"-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + escape(program),
		"-drive", "if=pflash,unit=1,format=raw,file=" + escape(filepath.Join(dir, variablesFile))}
	disk := ""
	switch {
	case m.Image == "":
		return a, nil
	case m.Kernel:
		return append(a, m.kernel()...), nil
	case strings.HasSuffix(m.Image, ".efi"):
		disk = "fat:" + filepath.Join(dir, diskFolder)
	case m.Cmdline != "":
		return nil, fmt.Errorf("qemu: %w: %s is a disk, whose command line lies on it, and not %q", ErrMachine, m.Image, m.Cmdline)
	default:
		disk = m.Image
	}
	return append(a, "-drive", "if=none,id=disk,format=raw,readonly=on,file="+escape(disk),
		"-device", "virtio-blk-pci,drive=disk,bootindex=0"), nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
