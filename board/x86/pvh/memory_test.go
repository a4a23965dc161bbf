package pvh

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"gasp/board/ram"
)

const (
	mib = 1 << 20
	gib = 1 << 30
)

func TestRAM(t *testing.T) {
	many := func(n int) (r []region) {
		for i := range uint64(n) {
			r = append(r, region{i * 2 * gib, gib, typeRAM})
		}
		return r
	}
	for _, tt := range []struct {
		name    string
		regions []region
		want    []ram.Range
	}{
		{"as QEMU's q35 with 8 GiB", []region{low, {0x9fc00, 0x400, 2}, {0xf0000, 0x10000, 2}, {mib, 0x7fedf000, typeRAM}, {0x7ffdf000, 0x21000, 2},
			{0xb0000000, 0x10000000, 2}, {0xfed1c000, 0x4000, 2}, {0xfffc0000, 0x40000, 2}, {4 * gib, 6 * gib, typeRAM}, {0xfd00000000, 0x300000000, 2}},
			[]ram.Range{{Start: 0, End: 0x9f000}, {Start: mib, End: 0x7ffdf000}, {Start: 4 * gib, End: 10 * gib}}},
		{"sizes of parts of pages", []region{{mib + 1, 3*4096 - 2, typeRAM}}, []ram.Range{{Start: mib + 4096, End: mib + 2*4096}}},
		{"unsorted", []region{{4 * gib, gib, typeRAM}, {mib, gib, typeRAM}}, []ram.Range{{Start: mib, End: gib + mib}, {Start: 4 * gib, End: 5 * gib}}},
		{"overlapping RAM", []region{{mib, gib, typeRAM}, {2 * mib, gib, typeRAM}}, []ram.Range{{Start: mib, End: gib + 2*mib}}},
		{"reserved after RAM", []region{{mib, gib, typeRAM}, {2 * mib, mib, 2}}, []ram.Range{{Start: mib, End: 2 * mib}, {Start: 3 * mib, End: gib + mib}}},
		{"reserved before RAM", []region{{2 * mib, mib, 2}, {mib, gib, typeRAM}}, []ram.Range{{Start: mib, End: 2 * mib}, {Start: 3 * mib, End: gib + mib}}},
		{"ACPI's tables and memory", []region{{mib, gib, typeRAM}, {mib, mib, 3}, {gib, mib, 4}}, []ram.Range{{Start: 2 * mib, End: gib}}},
		{"an unknown type", []region{{mib, gib, typeRAM}, {2 * mib, gib, 0xdead}}, []ram.Range{{Start: mib, End: 2 * mib}}},
		{"type 0", []region{{mib, gib, 0}}, nil},
		{"garbage above the type", []region{{mib, mib, 0x5a5a5a5a_00000001}}, []ram.Range{{Start: mib, End: 2 * mib}}},
		{"RAM that overflows", []region{{mib, ^uint64(0), typeRAM}, {^uint64(0), 1, typeRAM}}, nil},
		{"reserved that overflows", []region{{mib, gib, typeRAM}, {2 * mib, ^uint64(0), 2}}, []ram.Range{{Start: mib, End: 2 * mib}}},
		{"empty entries", []region{{mib, 0, typeRAM}, {mib, mib, typeRAM}, {mib, 0, 2}}, []ram.Range{{Start: mib, End: 2 * mib}}},
		{"no entry", nil, nil},
	} {
		l := load(tt.regions, nil)
		got, ok := Info(l.info[:]).RAM(l.at)
		if !ok || !slices.Equal(got.Ranges(), tt.want) {
			t.Errorf("%s: %#x, %v, want %#x", tt.name, got.Ranges(), ok, tt.want)
		}
	}
	l := load(many(MaxMapEntries), nil)
	if got, ok := Info(l.info[:]).RAM(l.at); !ok || got.Total() != ram.Max*gib {
		t.Errorf("%d ranges: %d GiB, %v; want the lowest %d", MaxMapEntries, got.Total()/gib, ok, ram.Max)
	}
}

func TestNoRAMWithoutAMapToTrust(t *testing.T) {
	le := binary.LittleEndian
	for name, spoil := range map[string]func(l *loader){
		"wrong magic":         func(l *loader) { l.info[0]++ },
		"version 0":           func(l *loader) { le.PutUint32(l.info[infoVersion:], 0) },
		"too many entries":    func(l *loader) { le.PutUint32(l.info[infoMapEntries:], MaxMapEntries+1) },
		"a map out of memory": func(l *loader) { le.PutUint64(l.info[infoMap:], 1<<40) },
		"no map":              func(l *loader) { le.PutUint64(l.info[infoMap:], 0) },
		"too many modules":    func(l *loader) { le.PutUint32(l.info[infoModules:], MaxModules+1) },
	} {
		l := load([]region{{mib, gib, typeRAM}}, nil)
		spoil(l)
		if got, ok := Info(l.info[:]).RAM(l.at); ok || got.Total() != 0 {
			t.Errorf("%s: %#x, %v, want none", name, got.Ranges(), ok)
		}
	}
	if _, ok := Info(nil).RAM(nil); ok {
		t.Error("no start_info has a memory map")
	}
}

func TestRemoveLoaded(t *testing.T) {
	l := load([]region{{0, gib, typeRAM}}, []region{{16 * mib, mib + 1, 0}, {32 * mib, 0, 0}, {gib - mib, ^uint64(0), 0}})
	binary.LittleEndian.PutUint64(l.memory[listAt+16:], 64*mib) // a module's command line
	list, _ := Info(l.info[:]).RAM(l.at)
	Info(l.info[:]).RemoveLoaded(l.at, &list)
	want := []ram.Range{{Start: 0, End: mapAt}, {Start: 0x8000, End: 16 * mib}, {Start: 17*mib + 4096, End: 64 * mib}, {Start: 64*mib + 4096, End: gib - mib}}
	if !slices.Equal(list.Ranges(), want) {
		t.Errorf("%#x, want %#x", list.Ranges(), want)
	}
}

func TestCached(t *testing.T) {
	l := load([]region{{mib, mib, typeRAM}, {2 * mib, mib, typeACPI}, {3 * mib, mib, typeNVS}, {4 * mib, mib, 2}, {5 * mib, mib, 5}}, nil)
	got := Info(l.info[:]).Cached(l.at)
	if want := []ram.Range{{Start: mib, End: 4 * mib}}; !slices.Equal(got.Ranges(), want) {
		t.Errorf("%#x, want %#x", got.Ranges(), want)
	}
}

// TestRandomMaps: whatever the map, no page is RAM that an entry of another kind
// touches, that no entry of RAM has, or that a module lies in.
func TestRandomMaps(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 9))
		number := func() uint64 {
			switch n := r.Uint64() >> r.IntN(64); r.IntN(4) {
			case 0:
				return n
			case 1:
				return -n
			default:
				return n % (64 * mib) &^ (4096 - 1)
			}
		}
		var regions, modules []region
		for range r.IntN(MaxMapEntries + 1) {
			regions = append(regions, region{number(), number(), uint64(r.IntN(3))})
		}
		for range r.IntN(5) {
			modules = append(modules, region{number(), number(), 0})
		}
		l := load(regions, modules)
		list, ok := Info(l.info[:]).RAM(l.at)
		if !ok {
			t.Fatalf("seed %d: no map", seed)
		}
		Info(l.info[:]).RemoveLoaded(l.at, &list)
		for _, got := range list.Ranges() {
			for _, page := range []uint64{got.Start, got.End - 4096, got.Start + r.Uint64N(got.Size())&^4095} {
				ram := false
				for _, e := range regions {
					end := e.from + e.size - 1 // the last byte
					overflows := e.size != 0 && end < e.from
					if e.kind == typeRAM {
						ram = ram || e.size != 0 && !overflows && e.from <= page+4095 && end >= page
					} else if e.size != 0 && e.from <= page+4095 && (end >= page || overflows) {
						t.Fatalf("seed %d: page %#x is RAM though %#x is not", seed, page, e)
					}
				}
				if !ram {
					t.Fatalf("seed %d: page %#x is RAM by no entry", seed, page)
				}
				for _, m := range modules {
					if end := m.from + m.size - 1; m.from != 0 && m.size != 0 && m.from <= page+4095 && (end >= page || end < m.from) {
						t.Fatalf("seed %d: page %#x is free though a module lies at %#x", seed, page, m)
					}
				}
			}
		}
	}
}

func TestModule(t *testing.T) {
	l := load(nil, []region{{0x8000000, 0x1234, 0}, {0x9000000, 1, 0}})
	info := Info(l.info[:])
	for i, want := range []region{{0x8000000, 0x1234, 0}, {0x9000000, 1, 0}} {
		if addr, size, ok := info.Module(l.at, i); addr != want.from || size != want.size || !ok {
			t.Errorf("module %d is at %#x, %#x bytes, %v", i, addr, size, ok)
		}
	}
	for _, i := range []int{-1, 2, MaxModules, 1 << 62} {
		if _, _, ok := info.Module(l.at, i); ok {
			t.Errorf("there is a module %d", i)
		}
	}
	binary.LittleEndian.PutUint64(l.info[infoModuleList:], ^uint64(0)-16)
	if _, _, ok := info.Module(l.at, 0); ok {
		t.Error("a module list beyond memory is read")
	}
	if _, _, ok := Info(nil).Module(l.at, 0); ok {
		t.Error("no start_info has a module")
	}
}
