//go:build tamago && (amd64 || arm64)

package stub

import (
	"unsafe"

	"gasp/board/uefi"
)

// Nodes of a device path (10.3.1): the image's own ends with its name.
const (
	mediaPath  = 4
	mediaFile  = 4
	endPath    = 0x7f
	pathHeader = 4
	maxPath    = 1 << 16 // bytes
	modeRead   = 1       // EFI_FILE_MODE_READ
)

type devicePath struct {
	kind, subkind uint8
	length        [2]uint8 // of the node, little endian
}

// openBeside opens a file in the folder that the image came from; nil if there is none, and
// for an image that came from no file system.
func (t *systemTable) openBeside(image *loadedImage, name string) (f *file) {
	volume := (*fileSystem)(t.boot.protocol(image.device, &fileSystemProtocol))
	var path [maxName]uint16
	if volume == nil || !beside(image.path, name, &path) {
		return nil
	}
	var root *file
	if call(volume.openVolume, address(volume), address(&root), 0, 0, 0) != success {
		return nil
	}
	if call(root.open, address(root), address(&f), address(&path[0]), modeRead, 0) != success {
		f = nil
	}
	call(root.close, address(root), 0, 0, 0, 0)
	return f
}

// maxRead is how many bytes are asked for at once: there is firmware that fails if it is more (Linux drivers/firmware/efi/libstub/file.c,
// EFI_READ_CHUNK_SIZE).
const maxRead = 1 << 20

// readAll reads a file up to its end or n bytes, and returns how many there were; 0 if it cannot be read.
func (f *file) readAll(to unsafe.Pointer, n uintptr) (all uintptr) {
	for all < n {
		part := min(n-all, maxRead)
		if call(f.read, address(f), address(&part), uintptr(to)+all, 0, 0) != success {
			return 0
		}
		if part == 0 {
			break
		}
		all += part
	}
	return all
}

func (f *file) done() { call(f.close, address(f), 0, 0, 0, 0) }

// size is how many bytes a file has: its end can be sought (13.5.12).
func (f *file) size() (n uint64) {
	if call(f.seek, address(f), ^uintptr(0), 0, 0, 0) != success ||
		call(f.position, address(f), address(&n), 0, 0, 0) != success ||
		call(f.seek, address(f), 0, 0, 0, 0) != success {
		return 0
	}
	return n
}

// maxArchive bounds gasp.cpio in bytes.
const maxArchive = 1 << 30

// loadArchive loads gasp.cpio beside the image: files for the program (mkimage -archive).
func (p *placement) loadArchive(t *systemTable, image *loadedImage, h *uefi.HandOver) {
	f := t.openBeside(image, "gasp.cpio")
	if f == nil {
		return
	}
	size := f.size()
	at := uint64(0)
	if size > 0 && size <= maxArchive {
		at = p.outside(t, loaderData, size, earlyLimit)
	}
	if at != 0 && uint64(f.readAll(pointer(at), uintptr(size))) == size {
		h.Files, h.FilesSize = at, size
	} else {
		t.say("gasp: gasp.cpio cannot be loaded\r\n")
	}
	f.done()
}

// maxName is how long a path on a volume may be, in characters, with the NUL.
const maxName = 260

// beside makes the path of a file of the image's path: the nodes of files put together,
// without what follows the last backslash, and with the name.
func beside(node *devicePath, name string, path *[maxName]uint16) bool {
	if node == nil {
		return false
	}
	n := 0
	for at := 0; at < maxPath && node.kind != endPath; {
		length := int(node.length[0]) | int(node.length[1])<<8
		if length < pathHeader {
			return false
		}
		if node.kind == mediaPath && node.subkind == mediaFile {
			if n > 0 && path[n-1] != '\\' && n < maxName {
				path[n] = '\\'
				n++
			}
			for _, c := range unsafe.Slice((*uint16)(unsafe.Add(unsafe.Pointer(node), pathHeader)), (length-pathHeader)/2) {
				if c == 0 || n == maxName {
					break
				}
				path[n] = c
				n++
			}
		}
		node = (*devicePath)(unsafe.Add(unsafe.Pointer(node), length))
		at += length
	}
	for n > 0 && path[n-1] != '\\' {
		n--
	}
	if n+len(name) >= maxName {
		return false
	}
	for i := range len(name) {
		path[n] = uint16(name[i])
		n++
	}
	path[n] = 0
	return true
}
