// Package paging makes and changes the translation tables of a 64-bit ARM processor (Arm ARM, D8.3: granule of 4 KiB, 48
// bits of address, four levels). What it maps, it maps one to one; what is mapped to elsewhere already stays there. It only
// edits the tables; the processor is told by whoever calls, but for what has to be said in between (Tables.Replace).
package paging

import (
	"errors"
	"unsafe"
)

var (
	// ErrFull says that there is no room for another translation table.
	ErrFull = errors.New("paging: no room for another translation table")
	// ErrLarge says that rights would meet in a block of 1 GiB: while it is parted nothing of it could be accessed, and there is
	// always something in use.
	ErrLarge = errors.New("paging: a block of 1 GiB cannot be parted")
)

// Rights are what may be done with memory, and how it is cached, by the bits of its descriptor (D8.3.2). Everything belongs
// to EL1.
type Rights uint64

const (
	Absent   Rights = 0
	Data     Rights = normal | noExecute            // cached, can be read and written
	Constant Rights = normal | readOnly | noExecute // cached, can be read
	Code     Rights = normal | readOnly             // cached, can be read and executed
	All      Rights = normal                        // cached, can be read, written and executed: firmware's
	Uncached Rights = uncached | noExecute          // memory that devices read and write without looking into caches
	Device   Rights = device | noExecute            // registers: nGnRE, in order, not gathered
	Waited   Rights = waited | noExecute            // the same, and who answers a write is the device, and nobody on the way: nGnRnE
)

// Attributes are what the index in a descriptor leads to, MAIR_EL1: Device-nGnRE, normal write-back, normal uncached, Device-nGnRnE.
const Attributes = 0x00_44_ff_04

const (
	valid     = 1
	isTable   = 2       // of levels 0 to 2; at level 3 it has to be set in a page
	accessed  = 1 << 10 // AF: no fault at the first access
	inner     = 3 << 8  // shareable among all processors
	device    = Rights(valid | accessed | 0<<2)
	normal    = Rights(valid | accessed | inner | 1<<2)
	uncached  = Rights(valid | accessed | inner | 2<<2)
	waited    = Rights(valid | accessed | 3<<2)
	readOnly  = Rights(1 << 7)
	noExecute = Rights(3 << 53)

	entries    = 512
	lastLevel  = 3
	largeLevel = 1 // blocks of 1 GiB
	blockLevel = 2 // and of 2 MiB
	address    = 0x0000_ffff_ffff_f000

	// What may be changed in a valid descriptor as it stands (D8.16.1): access permissions, execute-never, and the access flag.
	changeable = uint64(3<<6 | 1<<10 | 3<<53)
)

const (
	// PageSize is the size of the smallest page and of a table, in bytes.
	PageSize = 4096
	// BlockSize is the size that memory is mapped with where its rights allow, in bytes; there are larger blocks.
	BlockSize = 2 << 20
	// Limit is the end of the addresses that there can be.
	Limit = 1 << 48
)

type table [entries]uint64

// Tables is a tree of translation tables. Spare to End is memory for further ones, whole pages; Spare moves up as they are
// taken. They need not be cleared.
type Tables struct {
	Root       uint64 // address of the table of level 0
	Spare, End uint64
	Offset     uint64 // of all tables: physical address less the one here, modulo 1<<64

	// Large allows blocks of 1 GiB, which stay whole.
	Large bool
	// Replace puts v in the place of the valid descriptor at e, which maps what is at page, so that no processor has both, by break before
	// make (D8.16.1): it is asked to where more changes than rights. Until it returns nothing of the block may be accessed.
	Replace func(page uint64, e *uint64, v uint64)
}

// put changes a descriptor of the block or page at start.
func (t *Tables) put(start uint64, e *uint64, v uint64) {
	if *e&valid != 0 && v&valid != 0 && (*e^v)&^changeable != 0 {
		t.Replace(start, e, v)
		return
	}
	*e = v
}

// whole tells whether a block of a level can be, or a page.
func (t *Tables) whole(level int) bool { return level >= blockLevel || t.Large && level == largeLevel }

// Set gives the pages from start to end these rights, or takes them away; what is absent is mapped one to one. Addresses are
// rounded to whole pages, outwards. At an error the pages before it have been done.
func (t *Tables) Set(start, end uint64, r Rights) error {
	return t.set(at(t.Root), 0, start&^(PageSize-1), pageEnd(end), change{r, false})
}

// Restrict is Set, but what is absent stays so: guard pages, for one.
func (t *Tables) Restrict(start, end uint64, r Rights) error {
	return t.set(at(t.Root), 0, start&^(PageSize-1), pageEnd(end), change{r, true})
}

func pageEnd(end uint64) uint64 { return min((end+PageSize-1)&^(PageSize-1), Limit) }

// change is what becomes of pages.
type change struct {
	rights  Rights
	present bool // of those only that are there
}

// passes tells that an entry stays what it is, and so does what is below it.
func (c change) passes(e uint64) bool { return e == 0 && (c.present || c.rights == Absent) }

// set does so in the part of the tree below one table.
func (t *Tables) set(e *table, level int, start, end uint64, c change) error {
	shift := 39 - 9*level
	size := uint64(1) << shift
	for start < end {
		next := min(start&^(size-1)+size, end)
		p := &e[start>>shift%entries]
		if c.passes(*p) {
			start = next
			continue
		}
		if level == lastLevel || next-start == size && !leads(*p) && (t.whole(level) || *p != 0) {
			to := start
			if *p != 0 {
				to = *p & address
			}
			t.put(start, p, leaf(to, level, c.rights))
			start = next
			continue
		}
		if !leads(*p) {
			if err := t.part(start, p, level); err != nil {
				return err
			}
		}
		if err := t.set(t.next(*p), level+1, start, next, c); err != nil {
			return err
		}
		start = next
	}
	return nil
}

// leads tells whether an entry of a level above the last leads to a table.
func leads(e uint64) bool { return e&(valid|isTable) == valid|isTable }

// next is the table that an entry leads to.
func (t *Tables) next(e uint64) *table { return at(e&address - t.Offset) }

// leaf is the descriptor of a block or page of physical memory.
func leaf(to uint64, level int, r Rights) uint64 {
	if r == Absent {
		return 0
	}
	e := to | uint64(r)
	if level == lastLevel {
		e |= isTable
	}
	return e
}

// part puts a table in the place of the block around start, or of nothing, with what was there.
func (t *Tables) part(start uint64, p *uint64, level int) error {
	if *p != 0 && level == largeLevel {
		return ErrLarge
	}
	if t.End-t.Spare < PageSize || t.Spare > t.End {
		return ErrFull
	}
	e := at(t.Spare)
	size := uint64(1) << (39 - 9*(level+1))
	for i := range e {
		e[i] = 0
		if *p != 0 {
			e[i] = *p + uint64(i)*size
			if level+1 == lastLevel {
				e[i] |= isTable
			}
		}
	}
	t.put(start, p, t.Spare+t.Offset|valid|isTable)
	t.Spare += PageSize
	return nil
}

// Rights returns those of the page at addr.
func (t *Tables) Rights(addr uint64) Rights {
	e := at(t.Root)
	for level := 0; ; level++ {
		v := e[addr>>(39-9*level)%entries]
		if level == lastLevel || !leads(v) {
			return Rights(v &^ (address | isTable))
		}
		e = t.next(v)
	}
}

func at(addr uint64) *table {
	p := uintptr(addr)
	return (*table)(*(*unsafe.Pointer)(unsafe.Pointer(&p)))
}
