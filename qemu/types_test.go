package qemu

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMachineTypes: the table is whole, and QEMU knows every type with its card and its firmware.
func TestMachineTypes(t *testing.T) {
	for i, kind := range MachineTypes {
		t.Run(kind.Name, func(t *testing.T) {
			if first := slices.IndexFunc(MachineTypes, func(k MachineType) bool { return k.Name == kind.Name }); first != i {
				t.Error("it is there twice")
			}
			if packages[kind.Program] == "" {
				t.Errorf("nobody knows the package of %s", kind.Program)
			}
			if kind.Arch != "amd64" && !strings.HasPrefix(kind.Suffix, kind.Arch+".") {
				t.Errorf("images of %s end with %q, so that they can be those of another architecture", kind.Arch, kind.Suffix)
			}
			r, err := Start(t.Context(), Machine{Type: kind.Name, NIC: kind.NIC, Wire: &Wire{}, Memory: 256})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if out, err := r.Human("info network"); err != nil || !strings.Contains(out, DefaultMAC.String()) {
				t.Errorf("info network says %q, %v", out, err)
			}
		})
	}
	if _, err := TypeOf("amiga"); !errors.Is(err, ErrMachine) || !strings.Contains(err.Error(), "mcimx6ul-evk") {
		t.Errorf("an unknown type: %v", err)
	}
}

// TestUEFIFindsTheDisk: the firmware sees the disk that the launcher makes of a file, and what it writes to its variables
// stays in the run's folder.
func TestUEFIFindsTheDisk(t *testing.T) {
	noProgram := filepath.Join(t.TempDir(), "image.efi") // the firmware goes on to its shell, which lists the file systems
	if err := os.WriteFile(noProgram, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, Machine{Type: "q35-uefi", Image: noProgram, Cmdline: "gasp.crash=nil", Memory: 256, Deadline: 3 * time.Minute})
	waitFor(t, "the shell", func() bool { return strings.Contains(r.Serial(), "FS0:") })
	lies := filepath.Join(r.dir, diskFolder, "EFI", "BOOT")
	for file, want := range map[string]string{"BOOTX64.EFI": "no program", CommandFile: "gasp.crash=nil\n"} {
		if text, err := os.ReadFile(filepath.Join(lies, file)); err != nil || string(text) != want {
			t.Errorf("%s holds %q, %v; want %q", file, text, err, want)
		}
	}
	_, template, err := ovmf.find()
	if err != nil {
		t.Fatal(err)
	}
	before, err1 := os.ReadFile(template)
	after, err2 := os.ReadFile(filepath.Join(r.dir, variablesFile))
	if err := errors.Join(err1, err2); err != nil || bytes.Equal(before, after) {
		t.Errorf("the variables of the run are those of the template, %v", err)
	}
}

func TestFirmwareMissing(t *testing.T) {
	none := Firmware{Package: "none", Files: [][2]string{{"/nonexistent/CODE.fd", "/nonexistent/VARS.fd"}}}
	_, _, err := none.find()
	if !errors.Is(err, ErrNoFirmware) || !strings.Contains(err.Error(), "apt-get install --no-install-recommends none") || !strings.Contains(err.Error(), "/nonexistent/CODE.fd") {
		t.Errorf("the error names no remedy: %v", err)
	}
}
