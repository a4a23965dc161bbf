//go:build tamago

package x86

import (
	_ "embed"
	"unsafe"

	"gasp/netlog"
)

// bakedFiles is the archive that mkimage -files puts in: it replaces the file, which
// is empty, for the build.
//
//go:embed files.cpio
var bakedFiles string

// archive gives the kernel under the runtime the archives of the file tree: what is
// baked in, then the loader's modules (QEMU -initrd), as far as they are in RAM.
//
//go:linkname archive runtime/goos.Archive
func archive(i int) (p *byte, n uintptr) {
	if i == 0 {
		if bakedFiles == "" {
			return &noArchive, 0
		}
		return unsafe.StringData(bakedFiles), uintptr(len(bakedFiles))
	}
	addr, size, ok := startInfo().Module(at, i-1)
	if !ok {
		return nil, 0
	}
	if b := at(addr, size); b != nil && loadedInRAM(addr, size) {
		return unsafe.SliceData(b), uintptr(size)
	}
	return &noArchive, 0
}

// noArchive stands for one that is empty, or cannot be read.
var noArchive byte

// loadedInRAM tells whether a module lies in RAM, and not in the image.
func loadedInRAM(addr, size uint64) bool {
	end := imageEnd()
	found, ok := startInfo().RAM(at)
	return ok && size > 0 && found.Has(addr, addr+size) && (addr >= end || addr+size <= ramStart)
}

// archiveDamage says that an archive is not whole. It runs before any package is
// initialized.
//
//go:linkname archiveDamage runtime/goos.ArchiveDamage
func archiveDamage(i int, what string) {
	name := "initrd: "
	if i == 0 {
		name = "files of the image: "
	}
	netlog.Default().Log(netlog.Warning, name+what)
}
