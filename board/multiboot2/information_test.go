package multiboot2

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"gasp/board/ram"
	"gasp/board/uefi"
)

// tag is one with a body, as the loader pads it.
func tag(kind uint32, body ...byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, kind)
	b = append(binary.LittleEndian.AppendUint32(b, uint32(headerSize+len(body))), body...)
	return append(b, make([]byte, -len(b)&7)...)
}

// information has tags, and what was in memory before behind them.
func information(tags ...[]byte) Information {
	b := make([]byte, headerSize, MaxSize)
	for _, t := range append(tags, tag(tagEnd)) {
		b = append(b, t...)
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	for len(b) < MaxSize {
		b = append(b, 0xff)
	}
	return b
}

func words(v ...uint32) (b []byte) {
	for _, w := range v {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// memoryMap is one of entries of 24 bytes: start, size, type.
func memoryMap(entries ...[3]uint64) []byte {
	body := words(24, 0)
	for _, e := range entries {
		body = binary.LittleEndian.AppendUint64(body, e[0])
		body = binary.LittleEndian.AppendUint64(body, e[1])
		body = append(body, words(uint32(e[2]), 0)...)
	}
	return tag(tagMemoryMap, body...)
}

func screen(bits, kind byte, pitch, width, height uint32) []byte {
	body := binary.LittleEndian.AppendUint64(nil, 0xfd000000)
	body = append(body, words(pitch, width, height)...)
	return tag(tagFramebuffer, append(body, bits, kind, 0, 0, 16, 8, 8, 8, 0, 8)...)
}

func TestWhatTheLoaderSays(t *testing.T) {
	const mib = 1 << 20
	i := information(tag(2, 'G', 'R', 'U', 'B', 0), tag(tagCommandLine, []byte("panic=-1 nosmp\x00junk")...),
		memoryMap([3]uint64{0, 0x9f000, 1}, [3]uint64{mib, 511 * mib, 1}, [3]uint64{0x1f000000, 0x10000, 3}, [3]uint64{0xfd000000, mib, 2}, [3]uint64{4 << 30, 1 << 30, 1}),
		tag(tagModule, append(words(64*mib, 65*mib), 'a', 0)...), tag(tagModule, append(words(80*mib, 80*mib+5), 0)...),
		tag(tagRSDP1, []byte("RSD PTR one")...), tag(tagRSDP2, []byte("RSD PTR two")...),
		screen(32, 1, 4096, 1000, 768))
	if got := i.CommandLine(); got != "panic=-1 nosmp" {
		t.Errorf("command line %q", got)
	}
	want := []ram.Range{{Start: 0, End: 0x9f000}, {Start: mib, End: 0x1f000000}, {Start: 0x1f010000, End: 512 * mib}, {Start: 4 << 30, End: 5 << 30}}
	if l, ok := i.RAM(); !ok || !slices.Equal(l.Ranges(), want) {
		t.Errorf("RAM is %#x, %v", l.Ranges(), ok)
	}
	if l := i.Cached(); !l.Has(mib, 512*mib) || l.Has(0xfd000000, 0xfd000001) {
		t.Errorf("cached is %#x", l.Ranges())
	}
	free, _ := i.RAM()
	i.RemoveLoaded(&free)
	want = []ram.Range{{Start: 0, End: 0x9f000}, {Start: mib, End: 64 * mib}, {Start: 65 * mib, End: 80 * mib}, {Start: 80*mib + 4096, End: 0x1f000000}, want[2], want[3]}
	if !slices.Equal(free.Ranges(), want) {
		t.Errorf("free are %#x", free.Ranges())
	}
	for n, want := range [][2]uint64{{64 * mib, mib}, {80 * mib, 5}} {
		if addr, size, ok := i.Module(n); !ok || addr != want[0] || size != want[1] {
			t.Errorf("module %d lies at %#x, %d bytes, %v", n, addr, size, ok)
		}
	}
	if _, _, ok := i.Module(2); ok {
		t.Error("a third module")
	}
	if at := i.RSDP(); string(i[at:][:11]) != "RSD PTR two" {
		t.Errorf("root pointer at %#x", at)
	}
	wantScreen := uefi.Framebuffer{Base: 0xfd000000, Size: 4096 * 768, Width: 1000, Height: 768, Stride: 1024, Format: uefi.PixelMask, Red: 0xff0000, Green: 0xff00, Blue: 0xff}
	if f, ok := i.Framebuffer(); !ok || f != wantScreen {
		t.Errorf("screen %+v, %v", f, ok)
	}
	if n := testing.AllocsPerRun(10, func() { i.CommandLine(); i.RAM(); i.Module(1); i.RSDP(); i.Framebuffer() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestInformationThatIsCut: GRUB of a UEFI machine has the firmware's memory map behind all that counts.
func TestInformationThatIsCut(t *testing.T) {
	const firmwareMap = 17
	i := information(tag(tagCommandLine, []byte("panic=-1\x00")...), memoryMap([3]uint64{0, 1 << 30, 1}), tag(tagRSDP2, []byte("RSD PTR ")...),
		tag(firmwareMap, make([]byte, MaxSize)...), tag(tagModule, words(1, 2)...))[:MaxSize]
	l, ok := i.RAM()
	if i.CommandLine() != "panic=-1" || !ok || l.Total() != 1<<30 || string(i[i.RSDP():][:8]) != "RSD PTR " {
		t.Errorf("command line %q, RAM %#x, root pointer at %#x", i.CommandLine(), l.Ranges(), i.RSDP())
	}
	if _, _, ok := i.Module(0); ok {
		t.Error("there is a module beyond what was copied")
	}
}

func TestWhatIsNotThere(t *testing.T) {
	for name, i := range map[string]Information{
		"nothing":                nil,
		"no tags":                information(),
		"a size beyond the copy": append(Information{0xff, 0xff, 0xff, 0}, information()[4:]...),
		"a size of nothing":      make(Information, MaxSize),
		"a tag of no length":     information(words(tagCommandLine, 0)),
		"a tag that is too long": information(words(tagCommandLine, 1<<31)),
		"an end before":          information(tag(tagEnd), tag(tagCommandLine, 'x', 0), memoryMap([3]uint64{0, 1 << 30, 1})),
		"empty tags": information(tag(tagCommandLine), tag(tagMemoryMap), tag(tagModule), tag(tagRSDP1), tag(tagFramebuffer),
			tag(tagMemoryMap)),
		"entries of no size":                  information(tag(tagMemoryMap, words(0, 0, 1, 2, 3, 4, 5, 6)...)),
		"a module that ends before it begins": information(tag(tagModule, words(2, 1)...)),
		"text mode":                           information(screen(16, 2, 160, 80, 25)),
		"24 bits":                             information(screen(24, 1, 3072, 1024, 768)),
		"lines of no length":                  information(screen(32, 1, 0, 1024, 768)),
		"lines shorter than they are wide":    information(screen(32, 1, 4092, 1024, 768)),
	} {
		l, ok := i.RAM()
		_, _, module := i.Module(0)
		_, display := i.Framebuffer()
		if i.CommandLine() != "" || ok && name != "empty tags" || l.Total() != 0 || module || display || i.RSDP() != 0 {
			t.Errorf("%s: command line %q, RAM %v, module %v, screen %v, root pointer %#x", name, i.CommandLine(), ok, module, display, i.RSDP())
		}
	}
}

// TestGarbage must not read outside, nor go on without end.
func TestGarbage(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	good := information(tag(tagCommandLine, 'a', 0), memoryMap([3]uint64{0, 1 << 30, 1}), tag(tagModule, words(1, 2)...), screen(32, 1, 4096, 1024, 768), tag(tagRSDP1, 'R'))
	for range 20000 {
		i := slices.Clone(good)
		for range 1 + r.IntN(8) {
			i[r.IntN(200)] = byte(r.Uint32())
		}
		i.CommandLine()
		i.RAM()
		i.Cached()
		i.Module(r.IntN(3))
		i.Framebuffer()
		if at := i.RSDP(); at >= MaxSize {
			t.Fatalf("root pointer at %#x", at)
		}
	}
}
