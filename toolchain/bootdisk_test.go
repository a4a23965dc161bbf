package toolchain

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gasp/toolchain/pe"
)

// application is a UEFI application of a page of code.
func application(t *testing.T, machine elf.Machine) []byte {
	t.Helper()
	var b bytes.Buffer
	h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: 1, Entry: 0x200f100, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1}
	copy(h.Ident[:], elf.ELFMAG+"\x02\x01\x01")
	binary.Write(&b, binary.LittleEndian, h)
	binary.Write(&b, binary.LittleEndian, elf.Prog64{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_X | elf.PF_R), Vaddr: 0x200f000, Filesz: 4096, Memsz: 4096})
	b.Write(make([]byte, 4096))
	out, err := pe.FromELF(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBootDiskOfTwoArchitectures(t *testing.T) {
	arm := filepath.Join(t.TempDir(), "arm.efi")
	if err := os.WriteFile(arm, application(t, elf.EM_AARCH64), 0o600); err != nil {
		t.Fatal(err)
	}
	disk, err := bootDisk(application(t, elf.EM_X86_64), Options{EFI: []string{arm}, Cmdline: "panic=-1 console=null"})
	if err != nil {
		t.Fatal(err)
	}
	// What else is on it, and how it is read, is tested where it is written.
	for _, want := range []string{"BOOTX64 EFI", "BOOTAA64EFI", "GASP    TXT", commandLineHead + "panic=-1 console=null\n"} {
		if !bytes.Contains(disk, []byte(want)) {
			t.Errorf("there is no %q on the disk", want)
		}
	}
}

func TestWhatCannotGoOntoABootDisk(t *testing.T) {
	amd := filepath.Join(t.TempDir(), "amd.efi")
	if err := os.WriteFile(amd, application(t, elf.EM_X86_64), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := bootDisk(application(t, elf.EM_X86_64), Options{EFI: []string{amd}}); err == nil || !strings.Contains(err.Error(), "BOOTX64.EFI") {
		t.Errorf("two applications of one architecture: %v", err)
	}
	console := application(t, elf.EM_X86_64)
	console[bytes.Index(console, []byte("PE\x00\x00"))+24+68] = 3 // subsystem
	if err := os.WriteFile(amd, console, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := bootDisk(application(t, elf.EM_AARCH64), Options{EFI: []string{amd}}); !errors.Is(err, ErrNoApplication) || !strings.Contains(err.Error(), amd) {
		t.Errorf("a program for Windows: %v, want ErrNoApplication with its name", err)
	}
	for _, no := range []string{"", "text, and more of it", "MZ"} {
		if err := os.WriteFile(amd, []byte(no), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := bootDisk(application(t, elf.EM_AARCH64), Options{EFI: []string{amd}}); !errors.Is(err, ErrNoApplication) {
			t.Errorf("a file with %q: %v, want ErrNoApplication", no, err)
		}
	}
	if _, err := bootDisk(application(t, elf.EM_AARCH64), Options{EFI: []string{amd + "x"}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
