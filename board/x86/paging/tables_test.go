package paging

import (
	"errors"
	"math/rand/v2"
	"testing"
	"unsafe"
)

const (
	uncached = 1 << 4
	testSize = 3 * largeSize // what the tables below map, from 0
)

// A machine is page tables in memory of the test, whose addresses stand for
// physical ones.
type machine struct {
	Tables
	memory []byte
}

// newMachine maps testSize bytes in 2 MiB pages, the last of them uncached, but
// for the first page; with room for spare further tables.
func newMachine(spare int) *machine {
	const fixed = 4
	m := &machine{memory: make([]byte, (fixed+spare+1)*PageSize)}
	start := (uint64(uintptr(unsafe.Pointer(&m.memory[0]))) + PageSize - 1) &^ (PageSize - 1)
	m.Root = start
	m.Spare = start + fixed*PageSize
	m.End = m.Spare + uint64(spare)*PageSize
	at(m.Root)[0] = start + PageSize | uint64(ReadWrite)
	at(start + PageSize)[0] = start + 2*PageSize | uint64(ReadWrite)
	directory := at(start + 2*PageSize)
	directory[0] = start + 3*PageSize | uint64(ReadWrite)
	directory[1] = largeSize | large | uint64(ReadWrite)
	directory[2] = 2*largeSize | large | uint64(ReadWrite) | uncached
	first := at(start + 3*PageSize)
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
		return e&address&^(largeSize-1) | a%largeSize, e &^ address &^ large
	}
	if e&uint64(present) == 0 {
		return 0, 0
	}
	e = at(e & address)[index(a, 0)]
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
		{"a whole large page", largeSize, 2 * largeSize, 0},
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
			if a >= 2*largeSize {
				want |= uncached
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
	if err := m.Remove(0x200000); err != nil {
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
			rights := choice[r.IntN(len(choice))]
			if r.IntN(10) == 0 {
				rights, end = 0, start+1
			}
			if err := m.walk(start, end, uint64(rights)); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for i := start / PageSize; start < end && i <= (end-1)/PageSize; i++ {
				set(&want[i], uint64(rights))
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
