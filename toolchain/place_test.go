package toolchain

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"testing"
)

// TestSegmentsArePlacedInRAM: loaders put the segments at the low halves of their addresses, and start a PVH image there.
func TestSegmentsArePlacedInRAM(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		target, err := findTarget(arch)
		if err != nil {
			t.Fatal(err)
		}
		out, err := target.finish(linkedFor(t, arch, "cpuinit", "-ldflags=-T "+target.text+" -R 0x1000 -E cpuinit"), true)
		if err != nil {
			t.Fatal(err)
		}
		f, err := elf.NewFile(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		from := map[string]uint64{"amd64": 32 << 20, "arm64": 1<<30 + 2<<20}[arch]
		for _, p := range f.Progs {
			if p.Type == elf.PT_LOAD && (p.Paddr != p.Vaddr-0x7f00_0000_0000 || p.Paddr < from) {
				t.Errorf("%s: the segment for %#x goes to %#x", arch, p.Vaddr, p.Paddr)
			}
			note := make([]byte, p.Filesz)
			if _, err := p.ReadAt(note, 0); p.Type != elf.PT_NOTE || err != nil || !bytes.Contains(note, []byte(noteOwner)) {
				continue
			}
			if at := binary.LittleEndian.Uint64(note[16:]); at != f.Entry-0x7f00_0000_0000 {
				t.Errorf("%s: PVH starts at %#x, and the entry is for %#x", arch, at, f.Entry)
			}
		}
		if f.Entry>>32 != 0x7f00 {
			t.Errorf("%s: the entry point is %#x", arch, f.Entry)
		}
	}
}
