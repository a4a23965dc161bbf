//go:build tamago && (amd64 || arm64)

package stub

import (
	"unsafe"

	"gasp/board/uefi"
)

// Nodes of a device path (10.3.1): the image's own ends with its name.
const (
	mediaPath    = 4
	mediaFile    = 4
	endPath      = 0x7f
	pathHeader   = 4
	maxPath      = 1 << 16 // bytes
	modeRead     = 1       // EFI_FILE_MODE_READ
	maxFileBytes = 1 << 15
)

type devicePath struct {
	kind, subkind uint8
	length        [2]uint8 // of the node, little endian
}

var fileText [maxFileBytes]byte

// findCommandLine takes the load options or else gasp.txt beside the image.
func (t *systemTable) findCommandLine(image *loadedImage, h *uefi.HandOver) {
	if image.options != nil && h.SetLoadOptions(unsafe.Slice(image.options, int(image.optionsSize/2))) {
		return
	}
	n := t.readBeside(image, "gasp.txt", fileText[:])
	if n == len(fileText) {
		t.say("gasp: gasp.txt is too large\r\n")
	}
	h.SetFile(fileText[:n])
	clear(fileText[:]) // there may be a key in it
}

// readBeside reads a file in the folder that the image came from, and returns how many
// bytes it has; 0 for none, and for an image that came from no file system.
func (t *systemTable) readBeside(image *loadedImage, name string, to []byte) (n int) {
	volume := (*fileSystem)(t.boot.protocol(image.device, &fileSystemProtocol))
	if volume == nil {
		return 0
	}
	var path [maxName]uint16
	if !beside(image.path, name, &path) {
		return 0
	}
	var root, f *file
	if call(volume.openVolume, address(volume), address(&root), 0, 0, 0) != success {
		return 0
	}
	if call(root.open, address(root), address(&f), address(&path[0]), modeRead, 0) == success {
		size := uintptr(len(to))
		if call(f.read, address(f), address(&size), address(&to[0]), 0, 0) == success {
			n = int(min(size, uintptr(len(to))))
		}
		call(f.close, address(f), 0, 0, 0, 0)
	}
	call(root.close, address(root), 0, 0, 0, 0)
	return n
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
