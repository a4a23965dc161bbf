// Package symbols says what stands at an address of an image: the function with those inlined into
// it, file and line, and the source line if that can be read. It knows images by their build id.
//
// It reads ELF files (System V gABI, chapter 4) with the tables of the Go linker (pclntab,
// src/runtime/symtab.go) and, where they were kept, DWARF 4 or 5. An image is untrusted: what is
// contradictory in it is an error or an unknown address, and bounds say how much of it is read.
package symbols

import (
	"cmp"
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// The bounds of what is read of an image.
const (
	// maxSection is how large a section may be, unpacked, in bytes.
	maxSection = 512 << 20
	// maxNames is how many symbols are read.
	maxNames = 1 << 20
	// maxInlined is how many functions may be inlined into each other at one place.
	maxInlined = 256
)

var (
	// ErrFormat is returned for a file that is no ELF file for a processor that images are built for.
	ErrFormat = errors.New("not an ELF file for x86-64, 64-bit ARM or 32-bit ARM")
	// ErrTooLarge is returned for an image with a section that is too large to be read.
	ErrTooLarge = fmt.Errorf("a section is larger than %d MiB", maxSection>>20)
	// ErrNothing is returned for an image that neither has pclntab nor DWARF.
	ErrNothing = errors.New("has neither a Go function table nor DWARF")
	errTable   = errors.New("the Go function table is damaged")
)

// Frame is a function at a place.
type Frame struct {
	// Function is the name as the linker has it.
	Function string `json:"function"`
	// File and Line are where it is, empty and 0 if that is not known.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Entry is the address of the function, and Offset how far behind that the place is, in bytes.
	// Both are those of the function that it is inlined into, if Inlined.
	Entry  uint64 `json:"-"`
	Offset uint64 `json:"-"`
	// Inlined says that the next frame of the same address is the function that has this one inside.
	Inlined bool `json:"inlined,omitempty"`
}

// Image is the symbols of one image. It is for one goroutine.
type Image struct {
	// Build is the build id, as Build returns it.
	Build string
	// Lacks says what the image does not have, and how to get it; "" if nothing.
	Lacks string

	table  *table
	debug  *debug
	byName map[string][]uint64 // addresses of functions by their name as it is printed
	names  []name              // by address
	closer io.Closer
}

// name is an ELF symbol.
type name struct {
	address, size uint64
	name          string
}

// Open reads the image of a path.
func Open(path string) (*Image, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	image, err := Read(file)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	image.closer = file
	return image, nil
}

// Close closes the file that Open opened.
func (i *Image) Close() error {
	if i.closer == nil {
		return nil
	}
	return i.closer.Close()
}

// Read reads an image.
func Read(r io.ReaderAt) (*Image, error) {
	file, err := open(r)
	if err != nil {
		return nil, err
	}
	i := new(Image)
	if i.Build, err = buildOf(file); err != nil {
		return nil, err
	}
	symbols, err := readNames(file)
	if err != nil {
		return nil, err
	}
	i.names = symbols
	if i.table, err = readTable(file, symbols); err != nil {
		return nil, err
	}
	data, err := readDWARF(file)
	if err != nil {
		return nil, err
	}
	if data != nil {
		i.debug = newDebug(data)
	}
	switch {
	case i.table == nil && i.debug == nil:
		return nil, ErrNothing
	case i.table == nil:
		i.Lacks = "it has no Go function table: inlined functions and lines are DWARF's"
	case i.debug == nil && i.table.inlines == nil:
		i.Lacks = "it was built without DWARF and symbols, so inlined functions are not known; build the image with mkimage -debug"
	case i.debug == nil:
		i.Lacks = "it was built without DWARF, files and lines are those of the Go function table; mkimage -debug keeps it"
	}
	i.index()
	return i, nil
}

// classes are those of the processors that images are built for.
var classes = map[elf.Machine]elf.Class{elf.EM_X86_64: elf.ELFCLASS64, elf.EM_AARCH64: elf.ELFCLASS64, elf.EM_ARM: elf.ELFCLASS32}

// open checks the file's header and its sections' sizes.
func open(r io.ReaderAt) (*elf.File, error) {
	file, err := elf.NewFile(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFormat, err)
	}
	class, known := classes[file.Machine]
	if !known || file.Class != class || file.Data != elf.ELFDATA2LSB {
		return nil, fmt.Errorf("%w, but %v %v %v", ErrFormat, file.Class, file.Data, file.Machine)
	}
	for _, s := range file.Sections {
		if s.Type != elf.SHT_NOBITS && s.Size > maxSection {
			return nil, fmt.Errorf("%w: %s", ErrTooLarge, s.Name)
		}
	}
	return file, nil
}

// readNames returns the functions and objects of the symbol table by address, none if it was stripped.
func readNames(file *elf.File) ([]name, error) {
	symbols, err := file.Symbols()
	if errors.Is(err, elf.ErrNoSymbols) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("symbol table: %w", err)
	}
	var names []name
	for _, s := range symbols[:min(len(symbols), maxNames)] {
		if kind := elf.ST_TYPE(s.Info); s.Name != "" && (kind == elf.STT_FUNC || kind == elf.STT_OBJECT || kind == elf.STT_NOTYPE) && s.Section != elf.SHN_UNDEF {
			names = append(names, name{s.Value, s.Size, s.Name})
		}
	}
	slices.SortStableFunc(names, func(a, b name) int { return cmp.Compare(a.address, b.address) })
	return names, nil
}

func readDWARF(file *elf.File) (*dwarf.Data, error) {
	if file.Section(".debug_info") == nil && file.Section(".zdebug_info") == nil {
		return nil, nil
	}
	data, err := file.DWARF()
	if err != nil {
		return nil, fmt.Errorf("DWARF: %w", err)
	}
	return data, nil
}

// index finds the functions by their names.
func (i *Image) index() {
	i.byName = make(map[string][]uint64)
	add := func(function string, entry uint64) {
		printed := Printed(function)
		if !slices.Contains(i.byName[printed], entry) {
			i.byName[printed] = append(i.byName[printed], entry)
		}
	}
	if i.table != nil {
		for n := range i.table.count {
			if function, err := i.table.function(n); err == nil {
				add(function.name, function.entry)
			}
		}
		return
	}
	for _, s := range i.names {
		add(s.name, s.address)
	}
}

// Entries returns the addresses of the functions that a report calls by this name: several if they
// differ in their type parameters only.
func (i *Image) Entries(printed string) []uint64 { return i.byName[printed] }

// Frames returns what is at an address, the innermost inlined function first; nil if that is no code
// of the image. To find the call of which pc is the return address, ask for pc-1.
func (i *Image) Frames(pc uint64) []Frame {
	var frames []Frame
	if i.debug != nil {
		frames = i.debug.frames(pc)
	}
	// DWARF knows no lines of assembly and of what the compiler makes.
	if i.table != nil && (len(frames) == 0 || slices.ContainsFunc(frames, func(f Frame) bool { return f.File == "" })) {
		frames = i.table.frames(pc)
	}
	return frames
}

// Data returns the name of the variable, constant or function at an address and the offset in it;
// "" if the image's symbol table has none there.
func (i *Image) Data(address uint64) (symbol string, offset uint64) {
	n, found := slices.BinarySearchFunc(i.names, address, func(s name, a uint64) int { return cmp.Compare(s.address, a) })
	if !found {
		n--
	}
	for ; n >= 0 && i.names[n].address <= address; n-- {
		if s := i.names[n]; address-s.address < s.size {
			return s.name, address - s.address
		}
		if i.names[n].size > 0 {
			break
		}
	}
	return "", 0
}

// Printed is how the Go runtime prints a function's name: without the shapes of type parameters, and
// with "panic" for runtime.gopanic (funcNamePiecesForPrint in src/runtime/symtab.go).
func Printed(function string) string {
	if function == "runtime.gopanic" {
		return "panic"
	}
	i, j := strings.IndexByte(function, '['), strings.LastIndexByte(function, ']')
	if i < 0 || j <= i {
		return function
	}
	return function[:i] + "[...]" + function[j+1:]
}
