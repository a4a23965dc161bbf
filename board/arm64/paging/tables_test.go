package paging

import (
	"errors"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// room is memory for n tables, from a page boundary on. It holds what it held.
func room(n int) (start, end uint64) {
	b := make([]byte, (n+1)*PageSize)
	for i := range b {
		b[i] = 0xa5
	}
	start = (uint64(uintptr(unsafe.Pointer(&b[0]))) + PageSize - 1) &^ (PageSize - 1)
	pinned = append(pinned, b)
	return start, start + uint64(n)*PageSize
}

// pinned keeps memory that only numbers lead to.
var pinned [][]byte

func empty(n int) *Tables {
	start, end := room(n)
	*at(start) = table{}
	return &Tables{Root: start, Spare: start + PageSize, End: end, Replace: func(_ uint64, e *uint64, v uint64) { *e = v }}
}

// mapping is what a descriptor of the last kind maps: to where, how, and with what size. Of two that differ in it a processor is never to have both
// (D8.16.1): block size, output address, memory type, shareability.
type mapping struct{ level, to, how uint64 }

// mappings is what the tables map of each page of a range.
func mappings(t *Tables, start, end uint64) (all []mapping) {
	for at := start; at < end; at += PageSize {
		e := descend(t, at)
		all = append(all, mapping{})
		if e.value&valid != 0 {
			const type_, shareability = 7 << 2, 3 << 8
			all[len(all)-1] = mapping{uint64(e.level), e.value & address, e.value & (type_ | shareability)}
		}
	}
	return all
}

// descend finds the last descriptor of a page.
func descend(t *Tables, addr uint64) (e struct {
	level int
	value uint64
}) {
	next := at(t.Root)
	for ; ; e.level++ {
		e.value = next[addr>>(39-9*e.level)%entries]
		if e.level == lastLevel || !leads(e.value) {
			return e
		}
		next = t.next(e.value)
	}
}

// TestBreakBeforeMake: where a page's mapping becomes another one, and not none, Replace was asked to, and it is for nothing else.
func TestBreakBeforeMake(t *testing.T) {
	const base, pages = 1<<30 - 4*BlockSize, 8 * entries
	all := []Rights{Absent, Data, Constant, Code, Uncached, Device, Waited}
	replaced := 0
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		tables := empty(40)
		broken := map[uint64]bool{} // pages that were mapped by a descriptor in between that is invalid
		tables.Replace = func(page uint64, e *uint64, v uint64) {
			if *e&valid == 0 || v&valid == 0 {
				t.Fatalf("seed %d: %#x is to become %#x, and one of them maps nothing", seed, *e, v)
			}
			if descend(tables, page).value != *e {
				t.Fatalf("seed %d: %#x is not what maps %#x", seed, *e, page)
			}
			size := uint64(1) << (39 - 9*descend(tables, page).level)
			for at := page &^ (size - 1); at < page&^(size-1)+size; at += PageSize {
				broken[at] = true
			}
			*e = v
			replaced++
		}
		for range 30 {
			from := random.IntN(pages)
			to := from + random.IntN(pages-from)
			if random.IntN(2) == 0 {
				from, to = from&^(entries-1), to&^(entries-1)
			}
			r := all[random.IntN(len(all))]
			before := mappings(tables, base, base+pages*PageSize)
			clear(broken)
			if err := tables.Set(base+uint64(from)*PageSize, base+uint64(to)*PageSize, r); err != nil {
				t.Fatal(err)
			}
			for i, after := range mappings(tables, base, base+pages*PageSize) {
				page := base + uint64(i)*PageSize
				if other := before[i] != (mapping{}) && after != (mapping{}) && before[i] != after; other && !broken[page] {
					t.Fatalf("seed %d: %#x was mapped by %+v and is by %+v, without a break", seed, page, before[i], after)
				}
				if broken[page] && before[i] == after {
					t.Fatalf("seed %d: %#x was broken, and is mapped by %+v as before", seed, page, after)
				}
			}
		}
	}
	if replaced == 0 {
		t.Error("nothing was replaced")
	}
}

// TestRightsAloneNeedNoBreak: code and stack may be in the page whose rights are changed.
func TestRightsAloneNeedNoBreak(t *testing.T) {
	tables := empty(6)
	tables.Replace = func(page uint64, e *uint64, v uint64) {
		t.Errorf("page %#x: %#x to %#x is taken for more than rights", page, *e, v)
	}
	for _, r := range []Rights{Data, Code, Constant, Data, Absent, Code, Absent, Device} {
		if err := tables.Set(0x20_0000, 0x40_3000, r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLargeBlocks(t *testing.T) {
	tables := empty(8)
	tables.Large = true
	if err := tables.Set(1<<30, 3<<30, Data); err != nil {
		t.Fatal(err)
	}
	if got := descend(tables, 2<<30).level; got != largeLevel {
		t.Errorf("a whole GiB is mapped at level %d", got)
	}
	tables.Large = false
	spare := tables.Spare
	if err := tables.Set(2<<30, 2<<30+PageSize, Absent); !errors.Is(err, ErrLarge) || tables.Spare != spare || tables.Rights(2<<30) != Data {
		t.Errorf("parting a block of 1 GiB: %v", err)
	}
	if err := tables.Set(2<<30, 3<<30, Constant); err != nil || tables.Rights(2<<30) != Constant {
		t.Errorf("other rights of a whole one: %v", err)
	}
	if err := tables.Set(4<<30, 5<<30, Data); err != nil || descend(tables, 4<<30).level != blockLevel {
		t.Errorf("a GiB that may be parted is mapped at level %d, %v", descend(tables, 4<<30).level, err)
	}
}

func TestDescriptors(t *testing.T) {
	tables := empty(10)
	for _, s := range []struct {
		start, end uint64
		r          Rights
	}{
		{0x4000_0000, 0x8000_0000, Data},
		{0x4020_0000, 0x4040_0000, Code},
		{0x0900_0000, 0x0900_1000, Device},
	} {
		if err := tables.Set(s.start, s.end, s.r); err != nil {
			t.Fatal(err)
		}
	}
	l1 := at(at(tables.Root)[0] & address)
	l2 := at(l1[1] & address)
	l3 := at(at(l1[0] & address)[0x0900_0000>>21] & address)
	for _, tt := range []struct {
		what      string
		got, want uint64
	}{
		{"level 0, a table", at(tables.Root)[0] & 3, 3},
		{"a block of 2 MiB, data", l2[0], 0x0060_0000_4000_0705},
		{"a block of 2 MiB, code", l2[1], 0x0000_0000_4020_0785},
		{"a page of registers", l3[0], 0x0060_0000_0900_0403},
		{"nothing", l3[1], 0},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %#x, want %#x", tt.what, tt.got, tt.want)
		}
	}
}

// TestRandomSets compares with a list of what every page of a few blocks has.
func TestRandomSets(t *testing.T) {
	const base, pages = 1<<39 - 4*BlockSize, 8 * entries // across an edge of level 0
	all := []Rights{Absent, Data, Constant, Code, Uncached, Device, Waited}
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 0))
		tables := empty(40)
		var want [pages]Rights
		for range 30 {
			from := random.IntN(pages)
			to := from + random.IntN(pages-from)
			if random.IntN(2) == 0 {
				from, to = from&^(entries-1), to&^(entries-1)
			}
			r := all[random.IntN(len(all))]
			set, present := tables.Set, random.IntN(3) == 0
			if present {
				set = tables.Restrict
			}
			if err := set(base+uint64(from)*PageSize, base+uint64(to)*PageSize, r); err != nil {
				t.Fatal(err)
			}
			for i := from; i < to; i++ {
				if !present || want[i] != Absent {
					want[i] = r
				}
			}
		}
		for i := range want {
			if got := tables.Rights(base + uint64(i)*PageSize); got != want[i] {
				t.Fatalf("seed %d: page %d has %#x, want %#x", seed, i, got, want[i])
			}
		}
	}
}

// TestOtherPlace has tables, and memory, that are mapped to elsewhere.
func TestOtherPlace(t *testing.T) {
	const offset = 0x1234_5000_0000
	tables := empty(12)
	tables.Offset = offset
	if err := tables.Set(0x40_0000, 0x60_0000, Code); err != nil {
		t.Fatal(err)
	}
	l2 := tables.next(tables.next(at(tables.Root)[0])[0])
	if got := at(tables.Root)[0] & address; got-offset < tables.Root || got-offset >= tables.Spare {
		t.Errorf("the table of level 1 is said to be at %#x", got)
	}
	l2[2] += 0x8000_0000
	for _, s := range []struct {
		set        func(start, end uint64, r Rights) error
		start, end uint64
		r          Rights
	}{{tables.Restrict, 0x40_0000, 0x60_0000, Data}, {tables.Set, 0x40_1000, 0x40_2000, Code}, {tables.Set, 0x40_2000, 0x40_3000, Absent}} {
		if err := s.set(s.start, s.end, s.r); err != nil {
			t.Fatal(err)
		}
	}
	l3 := tables.next(l2[2])
	for i, want := range []uint64{0x0060_0000_8040_0707, 0x0000_0000_8040_1787, 0, 0x0060_0000_8040_3707} {
		if l3[i] != want {
			t.Errorf("page %d: %#x, want %#x", i, l3[i], want)
		}
	}
	if got := tables.Rights(0x40_1000); got != Code {
		t.Errorf("rights are %#x", got)
	}
}

func TestPagesAreRoundedOutwards(t *testing.T) {
	tables := empty(6)
	if err := tables.Set(0x1fff, 0x3001, Data); err != nil {
		t.Fatal(err)
	}
	for page, want := range []Rights{Absent, Data, Data, Data, Absent} {
		if got := tables.Rights(uint64(page) * PageSize); got != want {
			t.Errorf("page %d has %#x, want %#x", page, got, want)
		}
	}
}

func TestNoRoom(t *testing.T) {
	tables := empty(3)
	if err := tables.Set(0, PageSize, Data); !errors.Is(err, ErrFull) {
		t.Errorf("a page without room for its table gives %v", err)
	}
	if err := tables.Set(0, 1<<30, Absent); err != nil {
		t.Errorf("taking away what is not there: %v", err)
	}
}

// TestAttributes: each kind of memory is what the manual has for its byte of MAIR_EL1 (Arm ARM, MAIR_EL1).
func TestAttributes(t *testing.T) {
	for r, want := range map[Rights]uint64{Data: 0xff, Constant: 0xff, Code: 0xff, All: 0xff, Uncached: 0x44, Device: 0x04, Waited: 0x00} {
		if got := uint64(Attributes) >> (8 * (uint64(r) >> 2 & 7)) & 0xff; got != want {
			t.Errorf("%#x is of type %#x, want %#x", r, got, want)
		}
	}
}
