package symbols

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"sort"
)

// table is the Go linker's table of functions, in the layout of Go 1.20 and newer: pcHeader, _func
// and pcvalue in src/runtime/symtab.go and runtime2.go. debug/gosym reads it too, without what is
// inlined.
type table struct {
	text                                 uint64 // address that offsets of functions count from
	quantum                              uint64 // the least size of an instruction, bytes: addresses count in these
	count                                int
	names, units, files, values, pclines []byte
	inlines                              []byte // go:func.*, nil if not found
}

const (
	tableMagic  = 0xfffffff1
	headerWords = 8  // behind its first eight bytes, each of the size of a pointer
	funcSize    = 44 // of _func without what follows it
	// indexes into a function's tables (src/internal/abi/symtab.go)
	pcdataInlTree   = 2
	funcdataInlTree = 3
	inlinedCallSize = 16
	// maxSteps is how many changes of one value within a function are followed.
	maxSteps = 1 << 20
)

// readTable returns nil if the image has no such table.
func readTable(file *elf.File, symbols []name) (*table, error) {
	section := file.Section(".gopclntab")
	if section == nil {
		section = file.Section(".data.rel.ro.gopclntab")
	}
	text := file.Section(".text")
	if section == nil || text == nil || section.Type == elf.SHT_NOBITS {
		return nil, nil
	}
	data, err := section.Data()
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errTable, err)
	}
	t, err := newTable(data, text.Addr)
	if err != nil {
		return nil, err
	}
	for _, s := range symbols {
		switch s.name {
		case "runtime.text":
			t.text = s.address
		case "go:func.*":
			if offset := s.address - section.Addr; s.address >= section.Addr && offset < uint64(len(data)) {
				t.inlines = data[offset:min(offset+max(s.size, 1), uint64(len(data)))]
			}
		}
	}
	return t, nil
}

func newTable(data []byte, text uint64) (*table, error) {
	le := binary.LittleEndian
	if len(data) < 8 || le.Uint32(data) != tableMagic {
		return nil, fmt.Errorf("%w: not of Go 1.20 or newer", errTable)
	}
	quantum, pointer := data[6], int(data[7])
	if quantum != 1 && quantum != 4 || pointer != 4 && pointer != 8 || len(data) < 8+headerWords*pointer {
		return nil, fmt.Errorf("%w: instructions of %d bytes, pointers of %d", errTable, quantum, pointer)
	}
	word := func(i int) uint64 {
		if pointer == 4 {
			return uint64(le.Uint32(data[8+4*i:]))
		}
		return le.Uint64(data[8+8*i:])
	}
	part := func(i int) []byte { return data[min(word(i), uint64(len(data))):] }
	// nfunc, nfiles, textStart, funcname, cu, filetab, pctab, pcln
	t := &table{text: text, quantum: uint64(quantum), names: part(3), units: part(4), files: part(5), values: part(6), pclines: part(7)}
	count := word(0)
	const entry = 8 // of functab: two offsets
	if count > uint64(len(t.pclines))/entry || count*entry+4 > uint64(len(t.pclines)) {
		return nil, fmt.Errorf("%w: %d functions", errTable, count)
	}
	t.count = int(count)
	return t, nil
}

// goFunction is an entry of the table.
type goFunction struct {
	entry, end uint64
	name       string
	data       []byte // _func and what follows it
}

func (t *table) entry(n int) uint64 {
	return t.text + uint64(binary.LittleEndian.Uint32(t.pclines[8*n:]))
}

func (t *table) function(n int) (f goFunction, err error) {
	offset := binary.LittleEndian.Uint32(t.pclines[8*n+4:])
	if uint64(offset)+funcSize > uint64(len(t.pclines)) {
		return f, errTable
	}
	f = goFunction{entry: t.entry(n), end: t.entry(n + 1), data: t.pclines[offset:]}
	f.name, err = text(t.names, uint64(f.uint32(4)))
	return f, err
}

func (f *goFunction) uint32(offset int) uint32 { return binary.LittleEndian.Uint32(f.data[offset:]) }

// find returns the function that an address is in.
func (t *table) find(pc uint64) (f goFunction, ok bool) {
	n := sort.Search(t.count, func(n int) bool { return t.entry(n) > pc }) - 1
	if n < 0 {
		return f, false
	}
	f, err := t.function(n)
	return f, err == nil && pc < f.end && f.name != ""
}

// frames is what is at an address, the innermost inlined function first.
func (t *table) frames(pc uint64) []Frame {
	f, ok := t.find(pc)
	if !ok {
		return nil
	}
	var list []Frame
	for at := pc; len(list) < maxInlined; {
		frame := Frame{Function: f.name, Entry: f.entry, Offset: pc - f.entry}
		frame.File, frame.Line = t.place(&f, at)
		inlined, parent, ok := t.inlined(&f, at)
		if ok {
			frame.Function, frame.Inlined = inlined, true
		}
		list = append(list, frame)
		if !ok {
			break
		}
		at = parent
	}
	list[len(list)-1].Inlined = false
	return list
}

// place is the file and line of an address in f.
func (t *table) place(f *goFunction, pc uint64) (file string, line int) {
	const pcfile, pcln, cuOffset = 20, 24, 32
	number, ok := t.value(f, f.uint32(pcfile), pc)
	if !ok || number < 0 {
		return "", 0
	}
	if at := 4 * (uint64(f.uint32(cuOffset)) + uint64(number)); at+4 <= uint64(len(t.units)) {
		file, _ = text(t.files, uint64(binary.LittleEndian.Uint32(t.units[at:])))
	}
	if n, ok := t.value(f, f.uint32(pcln), pc); ok && n > 0 {
		line = int(n)
	}
	return file, line
}

// inlined is the innermost function inlined at an address, and an address of the call of it.
func (t *table) inlined(f *goFunction, pc uint64) (function string, parent uint64, ok bool) {
	const npcdata, nfuncdata = 28, 43
	if t.inlines == nil || f.uint32(npcdata) <= pcdataInlTree || f.data[nfuncdata] <= funcdataInlTree {
		return "", 0, false
	}
	tree := funcSize + 4*(uint64(f.uint32(npcdata))+funcdataInlTree)
	if tree+4 > uint64(len(f.data)) {
		return "", 0, false
	}
	index, ok := t.value(f, f.uint32(funcSize+4*pcdataInlTree), pc)
	offset := binary.LittleEndian.Uint32(f.data[tree:])
	if !ok || index < 0 || offset == ^uint32(0) {
		return "", 0, false
	}
	at := uint64(offset) + inlinedCallSize*uint64(index)
	if at+inlinedCallSize > uint64(len(t.inlines)) {
		return "", 0, false
	}
	call := t.inlines[at:]
	function, err := text(t.names, uint64(binary.LittleEndian.Uint32(call[4:])))
	parent = f.entry + uint64(binary.LittleEndian.Uint32(call[8:]))
	return function, parent, err == nil && function != "" && parent < f.end
}

// value looks a value up in one of a function's tables: pairs of a difference of the value, in zigzag
// form, and of the address up to which it holds, both as varints.
func (t *table) value(f *goFunction, offset uint32, pc uint64) (value int32, ok bool) {
	if offset == 0 || uint64(offset) >= uint64(len(t.values)) {
		return 0, false
	}
	p := t.values[offset:]
	value = -1
	for at, step := f.entry, 0; step < maxSteps; step++ {
		delta, n := binary.Uvarint(p)
		if n <= 0 || delta == 0 && step > 0 {
			return 0, false
		}
		value += int32(-(delta & 1) ^ delta>>1)
		p = p[n:]
		length, n := binary.Uvarint(p)
		if n <= 0 {
			return 0, false
		}
		p = p[n:]
		if at += length * t.quantum; pc < at {
			return value, true
		}
	}
	return 0, false
}

// text is the string at an offset, which a zero byte ends.
func text(b []byte, offset uint64) (string, error) {
	const longest = 64 << 10
	if offset >= uint64(len(b)) {
		return "", errTable
	}
	b = b[offset:min(uint64(len(b)), offset+longest)]
	end := bytes.IndexByte(b, 0)
	if end < 0 {
		return "", errTable
	}
	return string(b[:end]), nil
}
