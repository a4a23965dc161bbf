package pvh

import (
	"encoding/binary"
	"testing"
)

const (
	start, size = 0x1000000, 0x40000

	mapAt, listAt, cmdlineAt = 0x5000, 0x6000, 0x7000
)

type region struct {
	from, size uint64
	kind       uint64
}

// A loader lays down a memory map and modules, and makes start_info of them.
type loader struct {
	memory  [0x10000]byte
	info    [Size]byte
	entries uint32
	modules uint32
}

func load(regions []region, modules []region) *loader {
	l := &loader{}
	le := binary.LittleEndian
	for i, r := range regions {
		e := l.memory[mapAt+i*MapEntrySize:]
		le.PutUint64(e, r.from)
		le.PutUint64(e[8:], r.size)
		le.PutUint64(e[16:], r.kind)
	}
	for i, m := range modules {
		e := l.memory[listAt+i*ModuleSize:]
		le.PutUint64(e, m.from)
		le.PutUint64(e[8:], m.size)
	}
	le.PutUint32(l.info[infoMagic:], magic)
	le.PutUint32(l.info[infoVersion:], 1)
	le.PutUint32(l.info[infoModules:], uint32(len(modules)))
	le.PutUint64(l.info[infoModuleList:], listAt)
	le.PutUint64(l.info[infoCmdline:], cmdlineAt)
	le.PutUint64(l.info[infoMap:], mapAt)
	le.PutUint32(l.info[infoMapEntries:], uint32(len(regions)))
	return l
}

func (l *loader) at(addr, n uint64) []byte {
	if addr == 0 || addr > uint64(len(l.memory)) || n > uint64(len(l.memory))-addr {
		return nil
	}
	return l.memory[addr:][:n]
}

var (
	low   = region{0, 0x9fc00, typeRAM}
	pcRAM = region{0x100000, 0xfef0000, typeRAM}
)

// free tells whether [start, start+size) is RAM that nothing of the loader's lies in.
func free(i Info, l *loader) bool {
	ram, ok := i.RAM(l.at)
	i.RemoveLoaded(l.at, &ram)
	return ok && ram.Has(start, start+size)
}

func TestFree(t *testing.T) {
	for _, tt := range []struct {
		name    string
		regions []region
		modules []region
		want    bool
	}{
		{"as QEMU's q35", []region{low, {0x9fc00, 0x400, 2}, {0xf0000, 0x10000, 2}, pcRAM, {0xfff0000, 0x10000, 3}}, nil, true},
		{"after a reset, with garbage above the type", []region{low, {pcRAM.from, pcRAM.size, 0x5a5a5a5a_00000001}}, nil, true},
		{"no RAM there", []region{low, {0x100000, 0xf00000, typeRAM}}, nil, false},
		{"RAM ends in it", []region{{0x100000, 0xf20000, typeRAM}}, nil, false},
		{"RAM starts in it", []region{{0x1020000, 0x1000000, typeRAM}}, nil, false},
		{"reserved", []region{{0x100000, 0xfef0000, 2}}, nil, false},
		{"a reserved piece over it", []region{pcRAM, {0x1010000, 0x1000, 2}}, nil, false},
		{"a region beyond the end of the address space", []region{{start, ^uint64(0), typeRAM}}, nil, false},
		{"no memory map", nil, nil, false},
		{"a module elsewhere", []region{pcRAM}, []region{{0x8000000, 0x100000, 0}}, true},
		{"a module ends before it", []region{pcRAM}, []region{{start - 0x1000, 0x1000, 0}}, true},
		{"a module starts behind it", []region{pcRAM}, []region{{start + size, 0x1000, 0}}, true},
		{"a module ends in it", []region{pcRAM}, []region{{start - 0x1000, 0x1001, 0}}, false},
		{"a module starts in it", []region{pcRAM}, []region{{start + size - 1, 1, 0}}, false},
		{"a module around it", []region{pcRAM}, []region{{0x100000, ^uint64(0), 0}}, false},
		{"the second module in it", []region{pcRAM}, []region{{0x8000000, 0x1000, 0}, {start, 0x1000, 0}}, false},
		{"too many modules", []region{pcRAM}, make([]region, MaxModules+1), false},
		{"too large a map", make([]region, MaxMapEntries+1), nil, false},
	} {
		l := load(tt.regions, tt.modules)
		if got := free(l.info[:], l); got != tt.want {
			t.Errorf("%s: free is %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestFreeOnlyWithWhatCanBeRead(t *testing.T) {
	for _, tt := range []struct {
		name string
		off  int
		v    uint64
		want bool
	}{
		{"as it is", infoRSDP, 0, true},
		{"wrong magic", infoMagic, 1, false},
		{"version 0 has no memory map", infoVersion, 0, false},
		{"memory map that cannot be read", infoMap, 1 << 40, false},
		{"module list that cannot be read", infoModuleList, 1 << 40, false},
		{"command line in it", infoCmdline, start + 5, false},
		{"command line in front of it", infoCmdline, start - 1, false},
	} {
		l := load([]region{pcRAM}, []region{{0x8000000, 0x1000, 0}})
		if tt.off == infoVersion {
			binary.LittleEndian.PutUint32(l.info[tt.off:], uint32(tt.v))
		} else {
			binary.LittleEndian.PutUint64(l.info[tt.off:], tt.v)
		}
		if got := free(l.info[:], l); got != tt.want {
			t.Errorf("%s: free is %v, want %v", tt.name, got, tt.want)
		}
	}
	if free(nil, load(nil, nil)) {
		t.Error("nothing is free memory")
	}
}

func FuzzFree(f *testing.F) {
	l := load([]region{low, pcRAM}, []region{{0x8000000, 0x1000, 0}})
	f.Add(l.info[:], l.memory[mapAt:mapAt+48], l.memory[listAt:listAt+32])
	f.Fuzz(func(t *testing.T, info, memoryMap, modules []byte) {
		l := load(nil, nil)
		copy(l.memory[mapAt:listAt], memoryMap)
		copy(l.memory[listAt:cmdlineAt], modules)
		free(info, l)
	})
}
