// Package multiboot2 reads what a loader of the Multiboot2 protocol, as GRUB, hands over
// (Multiboot2 Specification 2.0, 3.6). Nothing of it is believed. It allocates nothing:
// boards call it before the runtime is set up.
package multiboot2

import (
	"encoding/binary"
	"unsafe"

	"gasp/board/ram"
	"gasp/board/uefi"
)

// Magic is what the loader leaves in EAX (3.3).
const Magic = 0x36d76289

// MaxSize is how much of a boot information is looked at, in bytes. That of a UEFI machine has the firmware's memory map at its end (GRUB
// grub-core/loader/multiboot_mbi2.c), 48 bytes for each of its entries, and PCs have two hundred. What is beyond MaxSize is not there; what comes
// before is.
const MaxSize = 32 << 10

// Types of tags (3.6).
const (
	tagEnd         = 0
	tagCommandLine = 1
	tagModule      = 3
	tagMemoryMap   = 6
	tagFramebuffer = 8
	tagRSDP1       = 14 // ACPI 1.0
	tagRSDP2       = 15
)

const (
	headerSize = 8 // of the information, and of a tag
	maxTags    = 256
)

// Types of memory (3.6.8); all but RAM are somebody else's.
const (
	memoryRAM  = 1
	memoryACPI = 3
	memoryNVS  = 4
)

// Information is a copy of the boot information, or of its beginning.
type Information []byte

// tag finds tag n of a type, with its header; nil if there is none.
//
//go:nosplit
func (i Information) tag(kind uint32, n int) []byte {
	if len(i) < headerSize {
		return nil
	}
	size := min(uint64(word(i, 0)), uint64(len(i)))
	if size < headerSize {
		return nil
	}
	rest := []byte(i[headerSize:size])
	for count := 0; count < maxTags && len(rest) >= headerSize; count++ {
		k, length := word(rest, 0), uint64(word(rest, 4))
		if k == tagEnd || length < headerSize || length > uint64(len(rest)) {
			return nil
		}
		if k == kind {
			if n == 0 {
				return rest[:length]
			}
			n--
		}
		next := (length + 7) &^ 7
		if next > uint64(len(rest)) {
			return nil
		}
		rest = rest[next:]
	}
	return nil
}

// word is 32 bits, little-endian. It may be called before there are stacks.
//
//go:nosplit
func word(b []byte, at int) uint32 {
	return uint32(b[at]) | uint32(b[at+1])<<8 | uint32(b[at+2])<<16 | uint32(b[at+3])<<24
}

// CommandLine is the command line, memory of the information.
//
//go:nosplit
func (i Information) CommandLine() string {
	t := i.tag(tagCommandLine, 0)
	n := headerSize
	for n < len(t) && t[n] != 0 {
		n++
	}
	if n <= headerSize {
		return ""
	}
	return unsafe.String(&t[headerSize], n-headerSize)
}

// RSDP is where in the information the copy of ACPI's root pointer lies, 0 if there is none.
func (i Information) RSDP() (offset uint64) {
	for _, kind := range [...]uint32{tagRSDP2, tagRSDP1} {
		if t := i.tag(kind, 0); len(t) > headerSize {
			return uint64(cap(i)-cap(t)) + headerSize
		}
	}
	return 0
}

// RAM is the memory that the map calls RAM, without what another entry claims; ok is false if there is no
// map.
func (i Information) RAM() (l ram.List, ok bool) {
	ok = i.each(func(start, size uint64, kind uint32) {
		if kind == memoryRAM {
			l.Add(start, size)
		}
	})
	i.each(func(start, size uint64, kind uint32) {
		if kind != memoryRAM {
			l.Remove(start, size)
		}
	})
	return l, ok
}

// Cached is the memory that is no device's.
func (i Information) Cached() (l ram.List) {
	i.each(func(start, size uint64, kind uint32) {
		if kind == memoryRAM || kind == memoryACPI || kind == memoryNVS {
			l.Add(start, size)
		}
	})
	return l
}

// each visits the entries of the memory map (3.6.8).
func (i Information) each(visit func(start, size uint64, kind uint32)) bool {
	const entries, least = 16, 20
	t := i.tag(tagMemoryMap, 0)
	if len(t) < entries {
		return false
	}
	size := uint64(word(t, 8))
	if size < least {
		return false
	}
	le := binary.LittleEndian
	for t = t[entries:]; uint64(len(t)) >= size; t = t[size:] {
		visit(le.Uint64(t), le.Uint64(t[8:]), le.Uint32(t[16:]))
	}
	return true
}

// Module is where module n lies (3.6.6); ok is false if there is none.
func (i Information) Module(n int) (addr, size uint64, ok bool) {
	t := i.tag(tagModule, n)
	if len(t) < 16 {
		return 0, 0, false
	}
	start, end := uint64(word(t, 8)), uint64(word(t, 12))
	if end < start {
		return 0, 0, false
	}
	return start, end - start, true
}

// RemoveLoaded takes the modules out of l.
func (i Information) RemoveLoaded(l *ram.List) {
	for n := range maxTags {
		addr, size, ok := i.Module(n)
		if !ok {
			return
		}
		l.Remove(addr, size)
	}
}

// Framebuffer is the screen (3.6.12), if it has pixels of 32 bits with colours.
func (i Information) Framebuffer() (f uefi.Framebuffer, ok bool) {
	const size, colours = 38, 1
	t := i.tag(tagFramebuffer, 0)
	if len(t) < size || t[28] != 32 || t[29] != colours {
		return f, false
	}
	pitch := word(t, 16)
	field := func(at int) uint32 {
		position, bits := t[at], t[at+1]
		return uint32((uint64(1)<<min(bits, 32) - 1) << min(position, 32))
	}
	f = uefi.Framebuffer{
		Base: binary.LittleEndian.Uint64(t[8:]), Width: word(t, 20), Height: word(t, 24), Stride: pitch / 4,
		Size: uint64(pitch) * uint64(word(t, 24)), Format: uefi.PixelMask,
		Red: field(32), Green: field(34), Blue: field(36),
	}
	const most = 1 << 15 // pixels of a line, and lines
	if f.Base == 0 || pitch%4 != 0 || f.Width == 0 || f.Width > f.Stride || f.Stride > most || f.Height == 0 || f.Height > most || f.Base+f.Size < f.Base {
		return uefi.Framebuffer{}, false
	}
	return f, true
}
