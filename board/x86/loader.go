//go:build tamago && amd64

package x86

import (
	"unsafe"

	"gasp/board/acpi"
	"gasp/board/ram"
	"gasp/board/uefi"
	_ "gasp/board/uefi/stub" // the entry point of an image for UEFI
)

// What the loader said: UEFI's boot stub (uefi.Given), one of the Multiboot2 protocol (bootInformation), or of PVH's
// (startInfo).

//go:nosplit
//go:linkname loaderCommandLine gasp/board/machine.loaderCommandLine
func loaderCommandLine() string {
	if uefi.Given.Valid() {
		return uefi.Given.Line()
	}
	if i := bootInformation(); i != nil {
		return i.CommandLine()
	}
	return startLine()
}

// loaderRAM is what the loader's memory map calls RAM; ok is false if there is no map.
func loaderRAM() (l ram.List, ok bool) {
	if uefi.Given.Valid() {
		return uefi.Given.RAM()
	}
	if i := bootInformation(); i != nil {
		return i.RAM()
	}
	return startInfo().RAM(at)
}

// loaderCached is the memory that is no device's.
func loaderCached() ram.List {
	if uefi.Given.Valid() {
		return uefi.Given.Cached()
	}
	if i := bootInformation(); i != nil {
		return i.Cached()
	}
	return startInfo().Cached(at)
}

// removeLoaded takes out of l what the loader left in RAM.
func removeLoaded(l *ram.List) {
	if uefi.Given.Valid() {
		uefi.Given.RemoveLoaded(l)
	} else if i := bootInformation(); i != nil {
		i.RemoveLoaded(l)
	} else {
		startInfo().RemoveLoaded(at, l)
	}
}

// loaderScreen is the screen that the loader has found.
func loaderScreen() (uefi.Framebuffer, bool) {
	if i := bootInformation(); i != nil {
		return i.Framebuffer()
	}
	return uefi.Given.Framebuffer()
}

// loaderArchive is a module of the loader's (QEMU -initrd, GRUB's module2), or gasp.cpio beside an image for UEFI.
//
//go:linkname loaderArchive gasp/board/machine.loaderArchive
func loaderArchive(i int) (b []byte, ok bool) {
	addr, size, ok := startInfo().Module(at, i)
	if b := bootInformation(); b != nil {
		addr, size, ok = b.Module(i)
	} else if uefi.Given.Valid() {
		addr, size, ok = uefi.Given.Archive(i)
	}
	if found, mapped := loaderRAM(); ok && mapped && size > 0 && found.Has(addr, addr+size) {
		b = at(addr, size)
	}
	return b, ok
}

// rootPointer is the address of the ACPI root pointer, 0 if there is none.
func rootPointer() uint64 {
	if uefi.Given.Valid() {
		return uefi.Given.RSDP
	}
	if i := bootInformation(); i != nil && i.RSDP() != 0 {
		return uint64(uintptr(unsafe.Pointer(&bootInformationCopy))) + i.RSDP()
	}
	if info := startInfo(); info.Valid() && info.RSDP() != 0 {
		return info.RSDP()
	}
	return acpi.Search(at)
}
