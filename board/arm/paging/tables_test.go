package paging_test

import (
	"errors"
	"testing"

	"gasp/board/arm/paging"
)

func newTables(room int) *paging.Tables {
	t := &paging.Tables{First: make([]uint32, paging.Entries), Room: make([]uint32, room*paging.Pages), Base: 0x80008000}
	for i := range t.First {
		t.First[i] = uint32(i)<<20 | uint32(paging.Device)
	}
	return t
}

// translate is what the processor makes of an address: the entry's address and its bits, a
// page's as a section has them.
func translate(t *paging.Tables, addr uint32) (to uint32, texCB, ap, xn uint32, present bool) {
	e := t.First[addr>>20]
	switch e & 3 {
	case 2:
		return e&^0xfffff | addr&0xfffff, e>>12&7<<2 | e>>2&3, e>>15&1<<2 | e>>10&3, e >> 4 & 1, true
	case 1:
		n := (e&^0x3ff - t.Base) / 4
		p := t.Room[n+addr>>12&0xff]
		if p&2 == 0 {
			return 0, 0, 0, 0, false
		}
		return p&^0xfff | addr&0xfff, p>>6&7<<2 | p>>2&3, p>>9&1<<2 | p>>4&3, p & 1, true
	}
	return 0, 0, 0, 0, false
}

func check(t *testing.T, tables *paging.Tables, addr uint32, r paging.Rights) {
	t.Helper()
	to, texCB, ap, xn, present := translate(tables, addr)
	if r == paging.Absent {
		if present {
			t.Errorf("%#x is mapped", addr)
		}
		return
	}
	e := uint32(r)
	if !present || to != addr || texCB != e>>12&7<<2|e>>2&3 || ap != e>>15&1<<2|e>>10&3 || xn != e>>4&1 {
		t.Errorf("%#x: leads to %#x, TEX:C:B %#x, AP %d, XN %d, present %v; want rights %#x", addr, to, texCB, ap, xn, present, e)
	}
}

// Rights that meet within a section get pages there; whole sections stay sections.
func TestRightsMeet(t *testing.T) {
	tables := newTables(4)
	for _, s := range []struct {
		start, end uint64
		r          paging.Rights
	}{
		{0x80000000, 0x90000000, paging.ReadWrite},
		{0x80210000, 0x80512000, paging.Code},
		{0x80512000, 0x80600000, paging.ReadOnly},
		{0x80700000, 0x80701000, paging.Absent},
	} {
		if err := tables.Set(s.start, s.end, s.r); err != nil {
			t.Fatal(err)
		}
	}
	for addr, r := range map[uint32]paging.Rights{
		0x02020040: paging.Device, 0x80000000: paging.ReadWrite, 0x8020fffc: paging.ReadWrite,
		0x80210000: paging.Code, 0x80300000: paging.Code, 0x80511ffc: paging.Code,
		0x80512000: paging.ReadOnly, 0x805ffffc: paging.ReadOnly, 0x80600000: paging.ReadWrite,
		0x80700ffc: paging.Absent, 0x80701000: paging.ReadWrite, 0x8fffffff: paging.ReadWrite, 0x90000000: paging.Device,
	} {
		check(t, tables, addr, r)
	}
	if tables.First[0x803]&3 != 2 {
		t.Error("a section with one right has a table")
	}
}

// A section that has pages keeps them when all get the same rights, and what is absent among them.
func TestGuardStays(t *testing.T) {
	tables := newTables(1)
	if err := errors.Join(tables.Set(0x80001000, 0x80002000, paging.Code), tables.Set(0x80005000, 0x80006000, paging.Absent)); err != nil {
		t.Fatal(err)
	}
	for _, r := range []paging.Rights{paging.Uncached, paging.ReadWrite} {
		if err := tables.Set(0x80000000, 0x80100000, r); err != nil {
			t.Fatal(err)
		}
		check(t, tables, 0x80001000, r)
		check(t, tables, 0x80005ffc, paging.Absent)
		check(t, tables, 0x800ff000, r)
	}
}

func TestNoTableLeft(t *testing.T) {
	tables := newTables(1)
	if err := tables.Set(0x80001000, 0x80002000, paging.Absent); err != nil {
		t.Fatal(err)
	}
	if err := tables.Set(0x80101000, 0x80102000, paging.Absent); !errors.Is(err, paging.ErrNoTable) {
		t.Fatalf("got %v", err)
	}
	check(t, tables, 0x80101000, paging.Device)
	check(t, tables, 0x80001000, paging.Absent)
}
