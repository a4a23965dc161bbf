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

// PageSize is the size of the smallest page and of a table, in bytes.
const PageSize = 4096

const (
	entries   = 512
	largeSize = PageSize * entries
	large     = 1 << 7 // PS, in a page directory
	address   = 0x000f_ffff_ffff_f000
	indexBits = 9
	pageBits  = 12
	levels    = 4
)

type table [entries]uint64

// Tables is a tree of page tables that are mapped one to one. Spare to End is
// memory for further tables, whole pages; Spare moves up as they are taken.
type Tables struct {
	Root       uint64 // physical address of the PML4 table
	Spare, End uint64
}

// Set gives the pages that [start, end) touches these rights; what is absent
// stays so. Large pages are split where the range or an earlier one ends within.
// At an error the pages before it have been done.
func (t *Tables) Set(start, end uint64, r Rights) error {
	return t.walk(start, end, uint64(r))
}

// Remove makes the page at an address absent.
func (t *Tables) Remove(page uint64) error {
	return t.walk(page, page+1, 0)
}

func (t *Tables) walk(start, end, r uint64) error {
	if start >= end {
		return nil
	}
	for a := start &^ (PageSize - 1); a < end; {
		directory := t.directory(a)
		if directory == nil {
			return ErrUnmapped
		}
		e := &directory[index(a, 1)]
		if *e&large != 0 && a%largeSize == 0 && end-a >= largeSize || *e&uint64(present) == 0 {
			set(e, r)
			a = a&^(largeSize-1) + largeSize
			continue
		}
		if *e&large != 0 {
			if err := t.split(e); err != nil {
				return err
			}
		}
		pages := at(*e & address)
		for i := index(a, 0); i < entries && a < end; i++ {
			set(&pages[i], r)
			a += PageSize
		}
	}
	return nil
}

func set(e *uint64, r uint64) {
	if *e&uint64(present) != 0 {
		*e = *e&^uint64(rights) | r
	}
}

// directory returns the page directory for a, nil if there is none.
func (t *Tables) directory(a uint64) *table {
	table := at(t.Root)
	for level := levels - 1; level > 1; level-- {
		e := table[index(a, level)]
		if e&uint64(present) == 0 || e&large != 0 { // 1 GiB pages are not ours
			return nil
		}
		table = at(e & address)
	}
	return table
}

// split makes a table of 512 pages out of a large one.
func (t *Tables) split(e *uint64) error {
	if t.End-t.Spare < PageSize || t.Spare > t.End {
		return ErrFull
	}
	small := at(t.Spare)
	page := *e &^ large
	for i := range small {
		small[i] = page
		page += PageSize
	}
	*e = t.Spare | uint64(ReadWrite) // the rights are those of the small pages
	t.Spare += PageSize
	return nil
}

func index(a uint64, level int) uint64 {
	return a >> (pageBits + indexBits*level) % entries
}

func at(addr uint64) *table {
	return (*table)(*(*unsafe.Pointer)(unsafe.Pointer(&addr)))
}
