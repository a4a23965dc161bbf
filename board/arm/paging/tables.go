// Package paging changes translation tables of the short-descriptor format (ARM ARM ARMv7-A,
// B3.5), mapped one to one: 4,096 entries of 1 MiB, some of which lead to a table of 256 pages.
package paging

import "errors"

const (
	PageSize    = 4096
	SectionSize = 1 << 20
	Entries     = 4096 // of the first level
	Pages       = 256  // of a table of the second level
	TableSize   = Pages * 4
)

// ErrNoTable says that two rights meet in a section and no table is left for its pages.
var ErrNoTable = errors.New("no translation table left")

// Rights are what may be done with a page, and how it is cached.
type Rights uint32

// Each is TEX, C and B, AP and XN (B3.5.1, B3.8.2): as a section has them.
const (
	Absent    Rights = 0
	ReadWrite Rights = normal | access | executeNever
	ReadOnly  Rights = normal | access | readOnly | executeNever
	Code      Rights = normal | access | readOnly
	Uncached  Rights = uncached | access | executeNever // for devices to read and write
	Device    Rights = device | access | executeNever
)

const (
	section      = 2
	device       = section | 1<<2                // B: shareable device
	uncached     = section | 1<<12               // TEX 1: normal, not cacheable
	normal       = section | 1<<12 | 1<<3 | 1<<2 // write-back, write-allocate
	executeNever = 1 << 4
	access       = 1 << 10 // AP[1:0] = 1: PL1 only
	readOnly     = 1 << 15 // AP[2]

	pointer = 1 // of the first level, to a table
	page    = 2 // of the second level
)

// small is r for a page.
func (r Rights) small() uint32 {
	if r == Absent {
		return 0
	}
	e := uint32(page)
	e |= uint32(r) & (1<<3 | 1<<2)
	e |= uint32(r) >> 10 & 3 << 4
	e |= uint32(r) >> 12 & 7 << 6
	e |= uint32(r) >> 15 & 1 << 9
	e |= uint32(r) >> 4 & 1
	return e
}

// ofSection is the rights of a section's entry as a page has them.
func ofSection(e uint32) uint32 { return Rights(e & (SectionSize - 1)).small() }

// Tables are the tables of an address space. Room for more is at Spare.
type Tables struct {
	First []uint32 // Entries of them
	Room  []uint32 // tables of the second level, Pages words each
	Base  uint32   // address of Room, a multiple of TableSize
	used  int
}

// Set gives the pages from start on, up to end, rights. Both are multiples of PageSize. A page that
// was made absent by itself, a guard, stays so. What fails leaves the rest as it is.
func (t *Tables) Set(start, end uint64, r Rights) error {
	for start < end {
		i := start / SectionSize
		next := min((i+1)*SectionSize, end)
		if start%SectionSize == 0 && next-start == SectionSize && t.First[i]&3 != pointer {
			t.First[i] = 0
			if r != Absent {
				t.First[i] = uint32(start) | uint32(r)
			}
			start = next
			continue
		}
		pages, err := t.pages(int(i))
		if err != nil {
			return err
		}
		for ; start < next; start += PageSize {
			switch e := &pages[start/PageSize%Pages]; {
			case r == Absent:
				*e = 0
			case *e != 0:
				*e = uint32(start) | r.small()
			}
		}
	}
	return nil
}

// pages is the table of a section, which is made if it has none.
func (t *Tables) pages(i int) ([]uint32, error) {
	e := t.First[i]
	if e&3 == pointer {
		n := int(e&^(TableSize-1)-t.Base) / 4
		return t.Room[n : n+Pages], nil
	}
	n := t.used * Pages
	if n+Pages > len(t.Room) {
		return nil, ErrNoTable
	}
	t.used++
	pages := t.Room[n : n+Pages]
	for j := range pages {
		pages[j] = 0
		if e != 0 {
			pages[j] = e&^(SectionSize-1) | uint32(j*PageSize) | ofSection(e)
		}
	}
	t.First[i] = t.Base + uint32(n)*4 | pointer
	return pages, nil
}
