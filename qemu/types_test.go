package qemu

import (
	"errors"
	"slices"
	"strings"
	"testing"
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

func TestFirmwareMissing(t *testing.T) {
	none := Firmware{Package: "none", Files: [][2]string{{"/nonexistent/CODE.fd", "/nonexistent/VARS.fd"}}}
	_, _, err := none.find()
	if !errors.Is(err, ErrNoFirmware) || !strings.Contains(err.Error(), "apt-get install --no-install-recommends none") || !strings.Contains(err.Error(), "/nonexistent/CODE.fd") {
		t.Errorf("the error names no remedy: %v", err)
	}
}
