package symbols

import (
	"cmp"
	"debug/dwarf"
	"slices"
	"sort"
)

// debug is an image's DWARF, read unit by unit as addresses are asked for.
type debug struct {
	data  *dwarf.Data
	units []unitRange // by low
	read  map[dwarf.Offset]*unit
}

// unitRange is a piece of code of a compilation unit.
type unitRange struct {
	low, high uint64
	entry     *dwarf.Entry
}

// unit is what was read of a compilation unit.
type unit struct {
	functions []scope // by address; a function of several pieces is there for each
	rows      []row   // by address
	files     []*dwarf.LineFile
}

// row is a piece of code that is of one line.
type row struct {
	low, high uint64
	file      *dwarf.LineFile
	line      int
}

// scope is a function or one that is inlined, at one piece of its code.
type scope struct {
	low, high uint64
	entry     uint64 // of the function: its first piece
	name      string
	call      int // file and line of the call, if inlined
	callLine  int
	inside    []scope
}

// The bounds of what is read of one image.
const (
	maxRanges = 1 << 20 // pieces of units, and of the functions of one unit
	maxDepth  = maxInlined
	// maxHops is how many entries may refer to each other before one has a name.
	maxHops = 8
)

func newDebug(data *dwarf.Data) *debug {
	d := &debug{data: data, read: make(map[dwarf.Offset]*unit)}
	for r := data.Reader(); len(d.units) < maxRanges; {
		entry, err := r.Next()
		if err != nil || entry == nil {
			break
		}
		if entry.Tag == dwarf.TagCompileUnit {
			ranges, err := data.Ranges(entry)
			if err == nil {
				for _, pair := range ranges {
					d.units = append(d.units, unitRange{pair[0], pair[1], entry})
				}
			}
		}
		r.SkipChildren()
	}
	slices.SortStableFunc(d.units, func(a, b unitRange) int { return cmp.Compare(a.low, b.low) })
	return d
}

// frames is what is at an address, the innermost inlined function first; nil if that is no code that
// DWARF tells of.
func (d *debug) frames(pc uint64) []Frame {
	n := sort.Search(len(d.units), func(n int) bool { return d.units[n].low > pc }) - 1
	if n < 0 || pc >= d.units[n].high {
		return nil
	}
	u := d.unit(d.units[n].entry)
	n = sort.Search(len(u.functions), func(n int) bool { return u.functions[n].low > pc }) - 1
	if n < 0 || pc >= u.functions[n].high || u.functions[n].name == "" {
		return nil
	}
	f := &u.functions[n]
	file, line := u.place(pc)
	frames := []Frame{{Function: f.name, File: file, Line: line, Entry: f.entry, Offset: pc - f.entry}}
	for inner := at(f.inside, pc); inner != nil && len(frames) < maxDepth; inner = at(inner.inside, pc) {
		// The outer one's place is the call, the inner one's what was the place so far.
		outer := &frames[0]
		frame := Frame{Function: inner.name, File: outer.File, Line: outer.Line, Entry: f.entry, Offset: pc - f.entry, Inlined: true}
		outer.File, outer.Line = u.file(inner.call), inner.callLine
		frames = slices.Insert(frames, 0, frame)
	}
	return frames
}

// at returns the scope that an address is in.
func at(scopes []scope, pc uint64) *scope {
	for n := range scopes {
		if s := &scopes[n]; pc >= s.low && pc < s.high {
			return s
		}
	}
	return nil
}

func (u *unit) file(index int) string {
	if index < 0 || index >= len(u.files) || u.files[index] == nil {
		return ""
	}
	return u.files[index].Name
}

// place is the file and line of an address.
func (u *unit) place(pc uint64) (file string, line int) {
	n := sort.Search(len(u.rows), func(n int) bool { return u.rows[n].low > pc }) - 1
	if n < 0 || pc >= u.rows[n].high || u.rows[n].file == nil {
		return "", 0
	}
	return u.rows[n].file.Name, u.rows[n].line
}

// readRows reads all lines of a unit: LineReader.SeekPC goes through them for each address.
func readRows(r *dwarf.LineReader) (rows []row) {
	var last, next dwarf.LineEntry
	for begun := false; len(rows) < maxRanges && r.Next(&next) == nil; last, begun = next, !next.EndSequence {
		if begun && last.Address < next.Address {
			rows = append(rows, row{last.Address, next.Address, last.File, last.Line})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.low, b.low) })
	return rows
}

func (d *debug) unit(entry *dwarf.Entry) *unit {
	if u := d.read[entry.Offset]; u != nil {
		return u
	}
	u := new(unit)
	d.read[entry.Offset] = u
	if lines, err := d.data.LineReader(entry); err == nil && lines != nil {
		u.rows = readRows(lines)
		u.files = lines.Files() // all are known once the rows are read
	}
	r := d.data.Reader()
	r.Seek(entry.Offset)
	if unit, err := r.Next(); err == nil && unit != nil && unit.Children {
		w := walk{debug: d, reader: r, left: maxRanges}
		u.functions = w.scopes(0)
		slices.SortStableFunc(u.functions, func(a, b scope) int { return cmp.Compare(a.low, b.low) })
	}
	return u
}

// walk reads the functions of a unit.
type walk struct {
	*debug
	reader *dwarf.Reader
	left   int // scopes that may still be read
}

// scopes reads the children of an entry up to its end.
func (w *walk) scopes(depth int) (list []scope) {
	for w.left > 0 {
		entry, err := w.reader.Next()
		if err != nil || entry == nil || entry.Tag == 0 {
			break
		}
		inlined := entry.Tag == dwarf.TagInlinedSubroutine
		var inside []scope
		switch {
		case !entry.Children:
		case inlined || entry.Tag == dwarf.TagSubprogram || entry.Tag == dwarf.TagLexDwarfBlock:
			if depth > maxDepth {
				w.left = 0
				return list
			}
			inside = w.scopes(depth + 1)
		default:
			w.reader.SkipChildren()
		}
		switch {
		case entry.Tag == dwarf.TagLexDwarfBlock:
			list = append(list, inside...)
		case inlined || entry.Tag == dwarf.TagSubprogram:
			list = append(list, w.pieces(entry, inside)...)
		}
	}
	return list
}

// pieces makes a scope of each piece of a function's code.
func (w *walk) pieces(entry *dwarf.Entry, inside []scope) (list []scope) {
	ranges, err := w.data.Ranges(entry)
	if err != nil || len(ranges) == 0 {
		return nil
	}
	s := scope{name: w.name(entry), inside: inside, entry: ranges[0][0], call: -1}
	if entry.Tag == dwarf.TagInlinedSubroutine {
		file, _ := entry.Val(dwarf.AttrCallFile).(int64)
		line, _ := entry.Val(dwarf.AttrCallLine).(int64)
		s.call, s.callLine = int(file), int(line)
	}
	for _, pair := range ranges {
		if w.left--; w.left < 0 {
			break
		}
		s.low, s.high = pair[0], pair[1]
		list = append(list, s)
	}
	return list
}

// name is an entry's own, or that of the one that it is made from.
func (w *walk) name(entry *dwarf.Entry) string {
	for range maxHops {
		if name, ok := entry.Val(dwarf.AttrName).(string); ok {
			return name
		}
		origin, ok := entry.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset)
		if !ok {
			if origin, ok = entry.Val(dwarf.AttrSpecification).(dwarf.Offset); !ok {
				return ""
			}
		}
		r := w.data.Reader()
		r.Seek(origin)
		next, err := r.Next()
		if err != nil || next == nil {
			return ""
		}
		entry = next
	}
	return ""
}
