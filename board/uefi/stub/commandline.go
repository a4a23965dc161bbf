//go:build tamago && (amd64 || arm64)

package stub

import (
	"unsafe"

	"gasp/board/uefi"
)

// maxFileBytes bounds gasp.txt.
const maxFileBytes = 1 << 15

var fileText [maxFileBytes]byte

// findCommandLine takes the load options or else gasp.txt beside the image.
func (t *systemTable) findCommandLine(image *loadedImage, h *uefi.HandOver) {
	if image.options != nil && h.SetLoadOptions(unsafe.Slice(image.options, int(image.optionsSize))) {
		return
	}
	f := t.openBeside(image, "gasp.txt")
	if f == nil {
		return
	}
	n := f.readAll(unsafe.Pointer(&fileText), maxFileBytes)
	f.done()
	if n == maxFileBytes {
		t.say("gasp: gasp.txt is too large\r\n")
	}
	h.SetFile(fileText[:n])
	clear(fileText[:]) // there may be a key in it
}
