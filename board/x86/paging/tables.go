// Package paging changes what the page tables of an x86-64 processor allow (Intel
// SDM volume 3, 4.5: four levels, pages of 4 KiB and 2 MiB). It only edits the
// tables; the processor is told by whoever calls.
package paging

import (
	"errors"
	"unsafe"
)

// Errors of Set and Remove.
var (
	ErrUnmapped = errors.New("paging: no page table for that address")
	ErrFull     = errors.New("paging: no room for another page table")
)

// Rights of a page, as its entry has them (tables 4-18 and 4-20).
type Rights uint64

const (
	present   Rights = 1 << 0
	writable  Rights = 1 << 1
	NoExecute Rights = 1 << 63 // reserved, and to be left out, without EFER.NXE

	ReadOnly  = present
	ReadWrite = present | writable

	rights = present | writable | NoExecute
)

// Caching is how a page is cached, by the bits of its entry that choose of the page attribute table
// (11.12.3, and PAT).
type Caching uint64

const (
	WriteBack      Caching = 0
	WriteCombining Caching = 1 << 3 // PWT
	Uncached       Caching = 1 << 4 // PCD: unless the memory type range registers say write combining

	caching = WriteCombining | Uncached
)

// PAT is the page attribute table (IA32_PAT) that Caching means: as after a reset, but
// that entry 1 and 5 are write combining in place of write through.
const PAT = 0x00_07_01_06_00_07_01_06

// PageSize is the size of the smallest page and of a table, in bytes.
const PageSize = 4096

// LargeSize is the size of a large page, in bytes.
const LargeSize = PageSize * entries

const (
	entries    = 512
	large      = 1 << 7 // PS, in a page directory
	address    = 0x000f_ffff_ffff_f000
	indexBits  = 9
	pageBits   = 12
	levels     = 4
	maxAddress = 1 << 47 // the lower half of the address space
)

type table [entries]uint64

// Tables is a tree of page tables. Its addresses are physical. Spare to End is
// memory for further tables, whole pages; Spare moves up as they are taken.
type Tables struct {
	Root       uint64 // the PML4 table
	Spare, End uint64

	// Tables from Place up to PlaceEnd are to be read and written Offset below, modulo 1<<64, all others at their
	// physical address.
	Place, PlaceEnd, Offset uint64
}

// Set gives the pages that [start, end) touches these rights; what is absent
// stays so. Large pages are split where the range or an earlier one ends within.
// At an error the pages before it have been done.
func (t *Tables) Set(start, end uint64, r Rights) error {
	return t.walk(start, end, uint64(rights), uint64(r))
}

// Cache gives the pages that [start, end) touches this kind of caching: RAM is to be
// cached, device registers must not be.
func (t *Tables) Cache(start, end uint64, c Caching) error {
	return t.walk(start, end, uint64(caching), uint64(c))
}

// Remove makes the pages that [start, end) touches absent.
func (t *Tables) Remove(start, end uint64) error {
	return t.walk(start, end, uint64(rights), 0)
}

// TablesFor is how many tables Map takes at most for [start, end).
func TablesFor(start, end uint64) uint64 {
	const directory, pointers = LargeSize * entries, LargeSize * entries * entries // what one of them maps
	return (end-start)/directory + 2 + (end-start)/pointers + 2
}

// Map maps [start, end), multiples of 2 MiB, one to one. What was mapped there is replaced.
func (t *Tables) Map(start, end uint64, r Rights, c Caching) error {
	if start%LargeSize != 0 || end%LargeSize != 0 || end > maxAddress {
		return ErrUnmapped
	}
	for a := start; a < end; a += LargeSize {
		table := t.at(t.Root)
		for level := levels - 1; level > 1; level-- {
			e := &table[index(a, level)]
			switch {
			case *e&uint64(present) == 0:
				if !t.room() {
					return ErrFull
				}
				*t.at(t.Spare) = [entries]uint64{}
				*e = t.Spare | uint64(ReadWrite)
				t.Spare += PageSize
			case *e&large != 0:
				return ErrUnmapped // 1 GiB pages are not ours
			}
			table = t.at(*e & address)
		}
		table[index(a, 1)] = a | large | uint64(r) | uint64(c)
	}
	return nil
}

// Mapped tells whether anything is mapped at an address.
func (t *Tables) Mapped(a uint64) bool {
	if a >= maxAddress {
		return false
	}
	directory := t.directory(a)
	if directory == nil {
		return false
	}
	e := directory[index(a, 1)]
	if e&uint64(present) != 0 && e&large == 0 {
		e = t.at(e & address)[index(a, 0)]
	}
	return e&uint64(present) != 0
}

// walk changes what mask has of the entries of pages to bits.
func (t *Tables) walk(start, end, mask, bits uint64) error {
	if start >= end {
		return nil
	}
	for a := start &^ (PageSize - 1); a < end; {
		directory := t.directory(a)
		if directory == nil {
			return ErrUnmapped
		}
		e := &directory[index(a, 1)]
		whole := a%LargeSize == 0 && end-a >= LargeSize
		if *e&uint64(present) == 0 || *e&large != 0 && (whole || *e&mask == bits) {
			set(e, mask, bits)
			a = a&^(LargeSize-1) + LargeSize
			continue
		}
		if *e&large != 0 {
			if err := t.split(e); err != nil {
				return err
			}
		}
		pages := t.at(*e & address)
		for i := index(a, 0); i < entries && a < end; i++ {
			set(&pages[i], mask, bits)
			a += PageSize
		}
	}
	return nil
}

func set(e *uint64, mask, bits uint64) {
	if *e&uint64(present) != 0 {
		*e = *e&^mask | bits
	}
}

// directory returns the page directory for a, nil if there is none.
func (t *Tables) directory(a uint64) *table {
	table := t.at(t.Root)
	for level := levels - 1; level > 1; level-- {
		e := table[index(a, level)]
		if e&uint64(present) == 0 || e&large != 0 { // 1 GiB pages are not ours
			return nil
		}
		table = t.at(e & address)
	}
	return table
}

// split makes a table of 512 pages out of a large one.
func (t *Tables) split(e *uint64) error {
	if !t.room() {
		return ErrFull
	}
	small := t.at(t.Spare)
	page := *e &^ large
	for i := range small {
		small[i] = page
		page += PageSize
	}
	*e = t.Spare | uint64(ReadWrite) // the rights are those of the small pages
	t.Spare += PageSize
	return nil
}

// room tells whether there is memory for a table.
func (t *Tables) room() bool { return t.Spare <= t.End && t.End-t.Spare >= PageSize }

func index(a uint64, level int) uint64 {
	return a >> (pageBits + indexBits*level) % entries
}

// at is the table at a physical address.
func (t *Tables) at(addr uint64) *table {
	if addr >= t.Place && addr < t.PlaceEnd {
		addr -= t.Offset
	}
	return (*table)(*(*unsafe.Pointer)(unsafe.Pointer(&addr)))
}
