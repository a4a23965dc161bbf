//go:build tamago

package machine

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
	b, ok := loaderArchive(i - 1)
	switch {
	case !ok:
		return nil, 0
	case len(b) == 0:
		return &noArchive, 0
	}
	return unsafe.SliceData(b), uintptr(len(b))
}

// noArchive stands for one that is empty, or cannot be read.
var noArchive byte

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
