package toolchain

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gasp/toolchain/imx"
)

func TestFormatOf(t *testing.T) {
	for output, want := range map[string]format{
		"a.efi": formatEFI, "BOOTX64.EFI": formatEFI, "b/stick.img": formatDisk, "a.bin": formatRaw, "a.imx": formatROM, "a.elf": formatELF, "efi": formatELF, "": formatELF,
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

func TestArchitecturesWithoutAFormat(t *testing.T) {
	for name, arch := range map[string]string{"a.efi": "arm", "a.img": "arm", "a.bin": "arm", "b.bin": "", "c.bin": "amd64"} {
		err := Build(context.Background(), Options{Package: ".", Output: filepath.Join(t.TempDir(), name), Arch: arch, Stderr: new(bytes.Buffer)})
		if !errors.Is(err, ErrNoFormat) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s for %q: %v, want %v", name, arch, err, ErrNoFormat)
		}
	}
}

func TestApplicationsGoOntoDisksOnly(t *testing.T) {
	err := Build(context.Background(), Options{Package: ".", Output: filepath.Join(t.TempDir(), "a.efi"), EFI: []string{"b.efi"}, Stderr: new(bytes.Buffer)})
	if !errors.Is(err, ErrNoDisk) {
		t.Errorf("%v, want %v", err, ErrNoDisk)
	}
}

func TestImagesForTheBootROMAreForOneBoard(t *testing.T) {
	for _, c := range []struct {
		name, arch, board string
		want              error
	}{
		{"a.imx", "arm", "", imx.ErrBoard},
		{"a.imx", "arm", "imx8", imx.ErrBoard},
		{"a.imx", "", "mx6ullevk", imx.ErrMachine},
		{"a.imx", "arm64", "mx6ullevk", imx.ErrMachine},
		{"a.elf", "arm", "mx6ullevk", ErrBoard},
	} {
		o := Options{Package: ".", Output: filepath.Join(t.TempDir(), c.name), Arch: c.arch, Board: c.board, Stderr: new(bytes.Buffer)}
		err := Build(context.Background(), o)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s for %q, board %q: %v, want %v", c.name, c.arch, c.board, err, c.want)
		}
	}
}

// What it makes of an ELF file is package imx's to test.
func TestImageForTheBootROM(t *testing.T) {
	executable := filepath.Join(t.TempDir(), "executable")
	in := linkedFor(t, "arm", "cpuinit", "-ldflags=-T 0x80210000 -R 0x1000 -E cpuinit")
	if err := os.WriteFile(executable, in, 0o644); err != nil {
		t.Fatal(err)
	}
	tamago, _ := fakeGo(t, executable)
	o := Options{Package: ".", Output: filepath.Join(t.TempDir(), "a.imx"), Arch: "arm", Board: "mx6ullevk", TamaGo: tamago, Stderr: new(bytes.Buffer)}
	if err := Build(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	want, err := imx.FromELF(in, "mx6ullevk")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(o.Output); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the file is not what the boot ROM takes (%d bytes, want %d): %v", len(got), len(want), err)
	}
}
