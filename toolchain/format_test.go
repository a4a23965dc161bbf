package toolchain

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"
)

func TestFormatOf(t *testing.T) {
	for output, want := range map[string]format{
		"a.efi": formatEFI, "BOOTX64.EFI": formatEFI, "b/stick.img": formatDisk, "a.bin": formatRaw, "a.elf": formatELF, "efi": formatELF, "": formatELF,
	} {
		if got := formatOf(output); got != want {
			t.Errorf("%q is format %d, want %d", output, got, want)
		}
	}
}

func TestTamaGoMakesNothingForUEFI(t *testing.T) {
	for _, name := range []string{"a.efi", "a.img"} {
		err := Build(context.Background(), Options{Package: ".", Output: filepath.Join(t.TempDir(), name), TamaGo: "/bin/false", Stderr: new(bytes.Buffer)})
		if !errors.Is(err, ErrEFITamaGo) {
			t.Errorf("%s: %v, want %v", name, err, ErrEFITamaGo)
		}
	}
}

func TestApplicationsGoOntoDisksOnly(t *testing.T) {
	err := Build(context.Background(), Options{Package: ".", Output: filepath.Join(t.TempDir(), "a.efi"), EFI: []string{"b.efi"}, Stderr: new(bytes.Buffer)})
	if !errors.Is(err, ErrNoDisk) {
		t.Errorf("%v, want %v", err, ErrNoDisk)
	}
}
