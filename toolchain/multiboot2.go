package toolchain

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// ErrNoGap is an executable in which there is no room for a header between the program headers and the
// notes in front of the code.
var ErrNoGap = errors.New("no room for a Multiboot2 header behind the program headers")

// The Multiboot2 header (Multiboot2 Specification 2.0, 3.1), in the gap between the ELF headers and the
// code: it must lie in the first 32 KiB of the file. The loader goes by the ELF headers, entry point included.
const (
	multiboot2At     = 0xc00 // section headers are in front of it, 26 with debugging information
	multiboot2Magic  = 0xe85250d6
	multiboot2I386   = 0 // 32-bit protected mode at entry
	multiboot2End    = 0
	multiboot2Screen = 5
	multiboot2Place  = 10
	multiboot2Wish   = 1 // in a tag's flags: it may be left out
)

// Where the image may lie: at a multiple of 2 MiB below 4 GiB, but 0, best at the end of RAM, as firmware puts it (board/uefi/stub): there is most room
// for the heap in one piece then.
const (
	placeHighest = 2 // preference
	placeFrom    = 2 << 20
	placeTo      = 1<<32 - 1
	placeAlign   = 2 << 20
)

// bootable makes an executable bootable by loaders of the PVH and the Multiboot2 protocol. The latter may put it elsewhere than
// p_paddr says if it is movable.
func bootable(linked []byte, movable bool) ([]byte, error) {
	image, err := AddPVHNote(linked)
	if err != nil {
		return nil, err
	}
	if image, err = placed(image); err != nil {
		return nil, err
	}
	return addMultiboot2(image, movable)
}

func addMultiboot2(image []byte, movable bool) ([]byte, error) {
	le := binary.LittleEndian
	h := le.AppendUint32(nil, multiboot2Magic)
	h = le.AppendUint32(h, multiboot2I386)
	h = le.AppendUint32(h, 0) // length
	h = le.AppendUint32(h, 0) // checksum
	tag := func(kind, flags uint16, words ...uint32) {
		h = le.AppendUint16(h, kind)
		h = le.AppendUint16(h, flags)
		h = le.AppendUint32(h, uint32(8+4*len(words)))
		for _, w := range words {
			h = le.AppendUint32(h, w)
		}
		h = append(h, make([]byte, -len(h)&7)...)
	}
	tag(multiboot2Screen, multiboot2Wish, 1024, 768, 32) // GRUB heeds the depth only with a size
	if movable {
		tag(multiboot2Place, multiboot2Wish, placeFrom, placeTo, placeAlign, placeHighest)
	}
	tag(multiboot2End, 0)
	le.PutUint32(h[8:], uint32(len(h)))
	le.PutUint32(h[12:], -(multiboot2Magic + multiboot2I386 + uint32(len(h))))

	if len(image) < multiboot2At+len(h) {
		return nil, ErrNoGap
	}
	gap := image[multiboot2At:][:len(h)]
	if len(bytes.Trim(gap, "\x00")) > 0 {
		return nil, ErrNoGap
	}
	out := bytes.Clone(image)
	copy(out[multiboot2At:], h)
	return out, nil
}
