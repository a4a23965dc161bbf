package uefi

import (
	"encoding/binary"
	"slices"
	"testing"

	"gasp/board/ram"
)

const (
	mib        = 1 << 20
	gib        = 1 << 30
	descriptor = 48 // as EDK II has it: larger than the structure

	reserved = 0
	device   = 11 // EfiMemoryMappedIO
)

type entry struct {
	kind      uint32
	start     uint64
	pages     uint64
	attribute uint64
}

// handOver is a block with a memory map.
func handOver(entries ...entry) *HandOver {
	h := &HandOver{Magic: Magic, DescriptorSize: descriptor, DescriptorVersion: 1}
	for _, e := range entries {
		b := h.MemoryMap[h.MemoryMapSize:]
		le := binary.LittleEndian
		le.PutUint32(b[entryType:], e.kind)
		le.PutUint64(b[entryStart:], e.start)
		le.PutUint64(b[entryPages:], e.pages)
		le.PutUint64(b[entryAttribute:], e.attribute)
		h.MemoryMapSize += descriptor
	}
	return h
}

func pages(bytes uint64) uint64 { return bytes / firmwarePage }

// ofOVMF is the shape of a map of OVMF's: small pieces of everything.
var ofOVMF = []entry{
	{bootServicesCode, 0, 1, 0xf},
	{conventional, 0x1000, 0x9f, 0xf},
	{conventional, mib, pages(7 * mib), 0xf},
	{acpiStorage, 0x800000, 8, 0xf},
	{conventional, 0x808000, 3, 0xf},
	{acpiStorage, 0x80b000, 1, 0xf},
	{bootServicesData, 0x810000, pages(0xf0000), 0xf},
	{conventional, 0x900000, pages(0x6000000), 0xf},
	{loaderCode, 0x6900000, pages(mib), 0xf},
	{bootServicesData, 0x6a00000, pages(mib), 0xf},
	{runtimeServicesData, 0x6b00000, 0x100, 0x800000000000000f},
	{runtimeServicesCode, 0x6c00000, 0x100, 0x800000000000000f},
	{reserved, 0x6d00000, 0x80, 0xf},
	{acpiReclaim, 0x6d80000, 0x12, 0xf},
	{acpiStorage, 0x6d92000, 0x80, 0xf},
	{conventional, 4 * gib, pages(gib), 0xf},
	{device, 0xffc00000, pages(4 * mib), 0x8000000000000001},
}

func TestMemory(t *testing.T) {
	h := handOver(ofOVMF...)
	l, ok := h.RAM()
	want := []ram.Range{{Start: 0, End: 0xa0000}, {Start: mib, End: 0x800000}, {Start: 0x808000, End: 0x80b000}, {Start: 0x810000, End: 0x6b00000}, {Start: 4 * gib, End: 5 * gib}}
	if !ok || !slices.Equal(l.Ranges(), want) {
		t.Errorf("RAM is %#x, %v; want %#x", l.Ranges(), ok, want)
	}
	l = h.Cached()
	want = []ram.Range{{Start: 0, End: 0xa0000}, {Start: mib, End: 0x809000 + 0x3000}, {Start: 0x810000, End: 0x6d00000}, {Start: 0x6d80000, End: 0x6e12000}, {Start: 4 * gib, End: 5 * gib}}
	if !slices.Equal(l.Ranges(), want) {
		t.Errorf("cached is %#x, want %#x", l.Ranges(), want)
	}
}

func TestPlace(t *testing.T) {
	const align = 2 * mib
	for _, tt := range []struct{ size, limit, want uint64 }{
		{40 * mib, 4 * gib, 0x4200000},     // up to 0x6b00000, where RAM below 4 GiB ends
		{0x6b00000 - 0x810000, 4 * gib, 0}, // all of that piece, which begins in the middle of 2 MiB
		{0x6b00000 - 0xa00000, 4 * gib, 10 * mib},
		{40 * mib, 0x5000000 + 5, 0x2800000}, // below a limit
		{40 * mib, 8 * gib, 5*gib - 40*mib},  // above 4 GiB
		{1, 0xa0000, 0},                      // 0 is no place
		{2 * gib, 1 << 63, 0},                // larger than all
		{^uint64(0), 1 << 63, 0},
		{40 * mib, 0, 0},
	} {
		if got := handOver(ofOVMF...).Place(tt.size, align, tt.limit); got != tt.want {
			t.Errorf("%#x bytes below %#x lie at %#x, want %#x", tt.size, tt.limit, got, tt.want)
		}
	}
}

func TestMemoryThatIsNotTheProgramsToUse(t *testing.T) {
	all := entry{conventional, 0, pages(gib), 0xf}
	for _, tt := range []struct {
		name string
		e    entry
		want []ram.Range
	}{
		{"claimed by an overlapping entry", entry{reserved, mib, 1, 0xf}, []ram.Range{{Start: 0, End: mib}, {Start: mib + 4096, End: gib}}},
		{"by one that ends beyond the address space", entry{reserved, mib, ^uint64(0), 0xf}, []ram.Range{{Start: 0, End: mib}}},
		{"uncached", entry{conventional, mib, 1, 1}, []ram.Range{{Start: 0, End: mib}, {Start: mib + 4096, End: gib}}},
		{"for a specific purpose", entry{conventional, 2 * gib, 1, 0x4000f}, []ram.Range{{Start: 0, End: gib}}},
		{"RAM beyond the address space", entry{conventional, 2 * gib, ^uint64(0), 0xf}, []ram.Range{{Start: 0, End: gib}}},
		{"of a type of the future", entry{1000, 2 * gib, 1, 0xf}, []ram.Range{{Start: 0, End: gib}}},
	} {
		l, ok := handOver(all, tt.e).RAM()
		if !ok || !slices.Equal(l.Ranges(), tt.want) {
			t.Errorf("%s: RAM is %#x, want %#x", tt.name, l.Ranges(), tt.want)
		}
	}
	h := handOver(all)
	if _, _, ok := h.Archive(0); ok {
		t.Error("there is an archive of no size")
	}
	h.Files, h.FilesSize = mib, 1
	if addr, size, ok := h.Archive(0); addr != mib || size != 1 || !ok {
		t.Errorf("the archive has %#x bytes at %#x", size, addr)
	}
	if _, _, ok := h.Archive(1); ok {
		t.Error("there is a second archive")
	}
	h.DeviceTree, h.TreeSize = 2*mib+1, 4096
	l, _ := h.RAM()
	h.RemoveLoaded(&l)
	if !slices.Equal(l.Ranges(), []ram.Range{{Start: 0, End: mib}, {Start: mib + 4096, End: 2 * mib}, {Start: 2*mib + 8192, End: gib}}) {
		t.Errorf("what was loaded lies in %#x", l.Ranges())
	}
}

func TestRuntime(t *testing.T) {
	h := handOver(append(ofOVMF, entry{runtimeServicesData, 1 << 40, ^uint64(0), 0x800000000000000f})...)
	type part struct {
		start, size uint64
		registers   bool
	}
	var got []part
	h.Runtime(func(start, size uint64, registers bool) { got = append(got, part{start, size, registers}) })
	want := []part{{0x6b00000, 0x100000, false}, {0x6c00000, 0x100000, false}, {0xffc00000, 4 * mib, true}}
	if !slices.Equal(got, want) {
		t.Errorf("runtime services need %+v, want %+v", got, want)
	}
	for addr, want := range map[uint64]bool{
		0x6c00000: true, 0x6cfffff: true, 0x6d00000: false, 0x6bfffff: false, 0: false, 0xffc00000: false, ^uint64(0): false,
	} {
		h.ResetSystem = addr
		if got, ok := h.ResetService(); ok != want || ok && got != addr {
			t.Errorf("ResetSystem at %#x: %#x, %v", addr, got, ok)
		}
	}
	h.ResetSystem, h.Magic = 0x6c00000, 0
	if _, ok := h.ResetService(); ok {
		t.Error("a machine without UEFI has its service")
	}
}

func TestBlockThatCannotBeRead(t *testing.T) {
	for name, spoil := range map[string]func(h *HandOver){
		"no block":                func(h *HandOver) { *h = HandOver{} },
		"another magic":           func(h *HandOver) { h.Magic++ },
		"no map":                  func(h *HandOver) { h.MemoryMapSize = 0 },
		"a map larger than room":  func(h *HandOver) { h.MemoryMapSize = MaxMemoryMap + 1 },
		"descriptors too small":   func(h *HandOver) { h.DescriptorSize = leastEntry - 1 },
		"descriptors of no size":  func(h *HandOver) { h.DescriptorSize = 0 },
		"descriptors too large":   func(h *HandOver) { h.DescriptorSize = mostEntry + 1 },
		"less than one in a map":  func(h *HandOver) { h.MemoryMapSize = leastEntry - 1 },
		"descriptors of all ones": func(h *HandOver) { h.DescriptorSize = ^uint32(0) },
	} {
		h := handOver(ofOVMF...)
		spoil(h)
		if l, ok := h.RAM(); l.Total() != 0 || ok && name != "less than one in a map" {
			t.Errorf("%s: RAM is %#x", name, l.Ranges())
		}
		if at := h.Place(4096, 4096, 1<<63); at != 0 {
			t.Errorf("%s: there is room at %#x", name, at)
		}
	}
}

func TestLine(t *testing.T) {
	h := handOver()
	h.CommandLineSize = uint32(copy(h.CommandLine[:], "panic=-1"))
	if got := h.Line(); got != "panic=-1" {
		t.Errorf("the line is %q", got)
	}
	h.CommandLineSize = ^uint32(0)
	if n := len(h.Line()); n != MaxCommandLine-1 {
		t.Errorf("a line that is too long has %d bytes", n)
	}
	h.Magic = 0
	if h.Line() != "" {
		t.Error("a machine without UEFI has a line")
	}
}

func TestFramebuffer(t *testing.T) {
	good := Framebuffer{Base: 0x80000000, Size: 1024 * 768 * 4, Width: 1000, Height: 768, Stride: 1024, Format: PixelBGR}
	for _, tt := range []struct {
		name   string
		change func(f *Framebuffer)
		want   bool
	}{
		{"as it should be", func(f *Framebuffer) {}, true},
		{"no screen", func(f *Framebuffer) { *f = Framebuffer{} }, false},
		{"only the firmware draws (PixelBltOnly)", func(f *Framebuffer) { f.Format = 3 }, false},
		{"larger than its memory", func(f *Framebuffer) { f.Size-- }, false},
		{"wider than its lines", func(f *Framebuffer) { f.Width = 1025 }, false},
		{"lines beyond all screens", func(f *Framebuffer) { f.Stride, f.Size = 1<<30, 1<<62 }, false},
		{"no lines", func(f *Framebuffer) { f.Height = 0 }, false},
		{"at no address", func(f *Framebuffer) { f.Base = 0 }, false},
		{"beyond the address space", func(f *Framebuffer) { f.Base = ^uint64(0) - 4096 }, false},
	} {
		h := handOver()
		h.Screen = good
		tt.change(&h.Screen)
		f, ok := h.Framebuffer()
		if ok != tt.want {
			t.Errorf("%s: a screen: %v, want %v", tt.name, ok, tt.want)
		}
		if ok && (f.Red != 0xff0000 || f.Green != 0xff00 || f.Blue != 0xff) {
			t.Errorf("%s: the masks are %#x", tt.name, f)
		}
	}
	h := handOver()
	h.Screen = good
	h.Magic = 0
	if _, ok := h.Framebuffer(); ok {
		t.Error("a machine without UEFI has its screen")
	}
}

func FuzzRAM(f *testing.F) {
	h := handOver(ofOVMF...)
	f.Add(h.MemoryMap[:h.MemoryMapSize], uint32(descriptor))
	f.Fuzz(func(t *testing.T, entries []byte, size uint32) {
		h := handOver()
		h.MemoryMapSize, h.DescriptorSize = uint32(copy(h.MemoryMap[:], entries)), size
		l, _ := h.RAM()
		last := uint64(0)
		for i, r := range l.Ranges() {
			if r.Start >= r.End || i > 0 && r.Start <= last {
				t.Fatalf("%#x is not in order", l.Ranges())
			}
			last = r.End
		}
		h.Cached()
		if at := h.Place(mib, 2*mib, 4*gib); at != 0 && !l.Has(at, at+mib) {
			t.Fatalf("%#x is no place in %#x", at, l.Ranges())
		}
	})
}
