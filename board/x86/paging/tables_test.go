package paging

import (
	"errors"
	"math/rand/v2"
	"testing"
	"unsafe"
)

const (
	testSize = 3 * LargeSize // what the tables below map, from 0
)

// A machine is page tables in memory of the test. The first ones are part of an image that lies elsewhere than it is mapped, the
// spare ones are not: their addresses stand for physical ones.
type machine struct {
	Tables
	memory []byte
}

const away = 5 << 40 // from where the image is mapped to where it lies

// newMachine maps testSize bytes in 2 MiB pages, the last of them uncached, but
// for the first page; with room for spare further tables.
func newMachine(spare int) *machine {
	const fixed = 4
	m := &machine{memory: make([]byte, (fixed+spare+1)*PageSize)}
	start := (uint64(uintptr(unsafe.Pointer(&m.memory[0]))) + PageSize - 1) &^ (PageSize - 1)
	m.Spare = start + fixed*PageSize
	m.Place, m.PlaceEnd, m.Offset = start+away, m.Spare+away, away
	start += away
	m.Root = start
	m.End = m.Spare + uint64(spare)*PageSize
	m.at(m.Root)[0] = start + PageSize | uint64(ReadWrite)
	m.at(start + PageSize)[0] = start + 2*PageSize | uint64(ReadWrite)
	directory := m.at(start + 2*PageSize)
	directory[0] = start + 3*PageSize | uint64(ReadWrite)
	directory[1] = LargeSize | large | uint64(ReadWrite)
	directory[2] = 2*LargeSize | large | uint64(ReadWrite) | uint64(Uncached)
	first := m.at(start + 3*PageSize)
	for i := range first {
		first[i] = uint64(i)*PageSize | uint64(ReadWrite)
	}
	first[0] = 0
	return m
}

// translate does what the processor does: the address that a leads to, and the
// other bits of the page's entry.
func (m *machine) translate(a uint64) (to, bits uint64) {
	e := m.directory(a)[index(a, 1)]
	if e&large != 0 {
		return e&address&^(LargeSize-1) | a%LargeSize, e &^ address &^ large
	}
	if e&uint64(present) == 0 {
		return 0, 0
	}
	e = m.at(e & address)[index(a, 0)]
	return e&address | a%PageSize, e &^ address
}

func TestSetChangesExactlyItsPages(t *testing.T) {
	for _, tt := range []struct {
		name       string
		start, end uint64
		tables     int // taken
	}{
		{"nothing", 0x300000, 0x300000, 0},
		{"nothing within a page", 0x300123, 0x300123, 0},
		{"a whole large page", LargeSize, 2 * LargeSize, 0},
		{"one small page of the table there is", 0x5000, 0x6000, 0},
		{"one page in a large one", 0x300000, 0x301000, 1},
		{"parts of a page count as the page", 0x300fff, 0x301001, 1},
		{"from one large page into the next", 0x3ff000, 0x401000, 2},
		{"everything", 0, testSize, 0},
	} {
		m := newMachine(3)
		before := m.Spare
		if err := m.Set(tt.start, tt.end, ReadOnly|NoExecute); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if n := int(m.Spare-before) / PageSize; n != tt.tables {
			t.Errorf("%s: took %d tables, want %d", tt.name, n, tt.tables)
		}
		for a := uint64(PageSize); a < testSize; a += PageSize {
			want := uint64(ReadWrite)
			if tt.start < tt.end && a+PageSize > tt.start && a < tt.end {
				want = uint64(ReadOnly | NoExecute)
			}
			if a >= 2*LargeSize {
				want |= uint64(Uncached)
			}
			if to, bits := m.translate(a); to != a || bits != want {
				t.Fatalf("%s: %#x leads to %#x with bits %#x, want %#x", tt.name, a, to, bits, want)
			}
		}
		if _, bits := m.translate(0); bits != 0 {
			t.Errorf("%s: the absent page has bits %#x", tt.name, bits)
		}
	}
}

func TestRemovedPageStaysAbsent(t *testing.T) {
	m := newMachine(1)
	if err := m.Remove(0x200000, 0x200001); err != nil {
		t.Fatal(err)
	}
	if err := m.Set(0, testSize, ReadWrite); err != nil {
		t.Fatal(err)
	}
	if _, bits := m.translate(0x200000); bits != 0 {
		t.Errorf("the removed page has bits %#x again", bits)
	}
	if to, bits := m.translate(0x201000); to != 0x201000 || bits != uint64(ReadWrite) {
		t.Errorf("the page behind it leads to %#x with bits %#x", to, bits)
	}
}

// TestTablesOfTheImage: further tables may be part of the image, too.
func TestTablesOfTheImage(t *testing.T) {
	m := newMachine(2)
	m.PlaceEnd += m.End - m.Spare
	m.Spare, m.End = m.Spare+away, m.End+away
	if err := m.Set(0x300000, 0x301000, ReadOnly); err != nil {
		t.Fatal(err)
	}
	if err := m.Map(1<<30, 1<<30+LargeSize, ReadOnly, WriteBack); err != nil {
		t.Fatal(err)
	}
	for a, want := range map[uint64]uint64{0x300000: uint64(ReadOnly), 0x301000: uint64(ReadWrite), 1<<30 + 4096: uint64(ReadOnly)} {
		if to, bits := m.translate(a); to != a || bits != want {
			t.Errorf("%#x leads to %#x with bits %#x, want %#x", a, to, bits, want)
		}
	}
	if m.Spare != m.End {
		t.Errorf("%d tables are left", (m.End-m.Spare)/PageSize)
	}
}

func TestWhatCannotBeDoneIsSaidAndHarmsNothing(t *testing.T) {
	m := newMachine(0)
	if err := m.Set(0x300000, 0x301000, ReadOnly); !errors.Is(err, ErrFull) {
		t.Errorf("splitting without room gives %v, want %v", err, ErrFull)
	}
	if to, bits := m.translate(0x300000); to != 0x300000 || bits != uint64(ReadWrite) {
		t.Errorf("after that the page leads to %#x with bits %#x", to, bits)
	}
	for _, a := range []uint64{1 << 30, 1 << 39, 1 << 47} {
		if err := m.Set(a, a+PageSize, ReadOnly); !errors.Is(err, ErrUnmapped) {
			t.Errorf("%#x, which no table maps: %v, want %v", a, err, ErrUnmapped)
		}
	}
}

// TestAgainstPlainArray compares many changes with the same changes to an array
// of rights.
func TestAgainstPlainArray(t *testing.T) {
	kinds := []Caching{WriteBack, WriteCombining, Uncached}
	choice := []Rights{ReadOnly, ReadWrite, ReadOnly | NoExecute, ReadWrite | NoExecute}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		m := newMachine(2)
		var want [testSize / PageSize]uint64
		for i := range want {
			_, want[i] = m.translate(uint64(i) * PageSize)
		}
		for range 40 {
			start := r.Uint64N(testSize)
			end := min(start+r.Uint64N(1<<r.IntN(23)), testSize)
			mask, bits := uint64(rights), uint64(choice[r.IntN(len(choice))])
			switch r.IntN(10) {
			case 0:
				bits, end = 0, start+1
			case 1, 2:
				mask, bits = uint64(caching), uint64(kinds[r.IntN(len(kinds))])
			}
			if err := m.walk(start, end, mask, bits); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for i := start / PageSize; start < end && i <= (end-1)/PageSize; i++ {
				set(&want[i], mask, bits)
			}
		}
		for i := range want {
			a := uint64(i) * PageSize
			if to, bits := m.translate(a); bits != want[i] || bits != 0 && to != a {
				t.Fatalf("seed %d: %#x leads to %#x with bits %#x, want %#x", seed, a, to, bits, want[i])
			}
		}
	}
}

func TestMap(t *testing.T) {
	const gib = 1 << 30
	for _, tt := range []struct {
		name       string
		start, end uint64
		tables     int
	}{
		{"nothing", 4 * gib, 4 * gib, 0},
		{"a page", 4 * gib, 4*gib + LargeSize, 1},
		{"a page of a directory that exists", 3 * LargeSize, 4 * LargeSize, 0},
		{"two directories", 5*gib - LargeSize, 5*gib + LargeSize, 2},
		{"6 GiB", 4 * gib, 10 * gib, 6},
		{"over the end of a table of directories", 511 * gib, 513 * gib, 3},
		{"the last TiB that is mapped", 1023 * gib, 1024 * gib, 2},
	} {
		m := newMachine(int(TablesFor(tt.start, tt.end)))
		before := m.Spare
		for a := before; a < m.End; a += PageSize {
			for i := range m.at(a) {
				m.at(a)[i] = ^uint64(0) // RAM holds anything
			}
		}
		if err := m.Map(tt.start, tt.end, ReadWrite, WriteBack); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if n := int(m.Spare-before) / PageSize; n != tt.tables {
			t.Errorf("%s: took %d tables, want %d", tt.name, n, tt.tables)
		}
		for a := tt.start; a < tt.end; a += LargeSize {
			if to, bits := m.translate(a + 5); to != a+5 || bits != uint64(ReadWrite) {
				t.Fatalf("%s: %#x leads to %#x with bits %#x", tt.name, a, to, bits)
			}
		}
		for _, a := range []uint64{tt.start - LargeSize, tt.end} {
			if d := m.directory(a); d != nil && a >= testSize && d[index(a, 1)] != 0 {
				t.Errorf("%s: %#x is mapped too", tt.name, a)
			}
		}
		if err := m.Set(tt.start, tt.end, ReadWrite|NoExecute); err != nil {
			t.Errorf("%s: rights: %v", tt.name, err)
		}
	}
}

func TestDevicesAboveRAM(t *testing.T) {
	const base = 0x380000000000
	m := newMachine(3)
	if m.Mapped(base) || m.Mapped(0) || !m.Mapped(PageSize) || !m.Mapped(LargeSize) || m.Mapped(1<<47) || m.Mapped(testSize) {
		t.Error("it is not right what is mapped")
	}
	if err := m.Map(base, base+LargeSize, ReadWrite|NoExecute, Uncached); err != nil {
		t.Fatal(err)
	}
	if to, bits := m.translate(base + 8); !m.Mapped(base) || m.Mapped(base+LargeSize) || to != base+8 || bits != uint64(ReadWrite|NoExecute)|uint64(Uncached) {
		t.Errorf("leads to %#x with bits %#x", to, bits)
	}
	if err := m.Cache(base+PageSize, base+2*PageSize, Uncached); err != nil || m.Spare != m.End-PageSize {
		t.Errorf("%v: a table was taken for what a page is already", err)
	}
	if err := m.Cache(base+PageSize, base+2*PageSize, WriteCombining); err != nil {
		t.Fatal(err)
	}
	for i, want := range []Caching{Uncached, WriteCombining, Uncached} {
		if _, bits := m.translate(base + uint64(i)*PageSize); bits != uint64(ReadWrite|NoExecute)|uint64(want) {
			t.Errorf("page %d has bits %#x", i, bits)
		}
	}
	// What the entries choose of the table: 0 write-back, 1 write combining, 2 uncached but for the range registers.
	for c, want := range map[Caching]uint64{WriteBack: 6, WriteCombining: 1, Uncached: 7} {
		if got := uint64(PAT) >> (8 * (c >> 3)) & 0xff; got != want {
			t.Errorf("caching %#x is %d by the table, want %d", c, got, want)
		}
	}
}

func TestMapRefuses(t *testing.T) {
	m := newMachine(1)
	for _, tt := range []struct {
		name       string
		start, end uint64
		want       error
	}{
		{"a part of a page", 1 << 32, 1<<32 + PageSize, ErrUnmapped},
		{"the upper half of the address space", 1 << 47, 1<<47 + LargeSize, ErrUnmapped},
		{"more tables than there is room for", 1 << 39, 1<<39 + LargeSize, ErrFull},
	} {
		if err := m.Map(tt.start, tt.end, ReadWrite, WriteBack); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}
