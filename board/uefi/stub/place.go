//go:build tamago && (amd64 || arm64)

package stub

import (
	"debug/elf"
	"encoding/binary"
	"runtime/goos"
	"unsafe"

	"gasp/board/uefi"
)

// The ELF header (gABI, chapter 4) is part of the image: in front of the code.
const (
	headerRoom = 0x1000

	headersOffset = 32 // e_phoff
	headersCount  = 56 // e_phnum
	headerSize    = 56 // of a program header
	headerVaddr   = 16 // p_vaddr
	headerFilesz  = 32 // p_filesz
	headerMemsz   = 40 // p_memsz
)

const (
	pageSize    = 4096
	maxSegments = 8

	placeAlign = 2 << 20 // of the image's place (boot_amd64.s of board/x86, boot_arm64.s of board/arm64)

	// staleHeader is where cpuinit looks whether another loader has put a raw image there (board/arm64/boot_arm64.s), and where an image
	// of before may have been. The start of the place is its tables.
	staleHeader = 64
)

// A segment is a PT_LOAD of the image: where it is linked for, what of it is in the
// file, what it takes in memory.
type segment struct{ start, file, size uint64 }

// A move is one step of putting the image into its place: n bytes from one address to
// another, zeros if from is 0. One of no bytes is the last, and to is where to go on.
type move struct{ to, from, n uint64 }

// The image may lie anywhere, its place may be the firmware's as long as that runs. So a
// copy waits in memory that is neither, the staging area, with the code that moves it.
// That area is, from its start on:
const (
	areaCode        = 0      // the last steps (code_*.s)
	areaDescriptors = 0x400  // tables that they need
	areaMoves       = 0x800  // list of moves
	areaDeviceTree  = 0xf08  // what the entry point gets as the address of one
	areaBlock       = 0x1000 // what is handed over
	areaImage       = areaBlock + (uint64(unsafe.Sizeof(uefi.HandOver{}))+pageSize-1)&^(pageSize-1)
)

// A placement is where all goes.
type placement struct {
	delta    uint64
	segments [maxSegments]segment
	n        int
	start    uint64 // what the image is linked for: tables of the board's, and the image behind them
	end      uint64
	place    uint64 // where start goes
	area     uint64 // the staging area
}

// placeOf is where an address goes that the image is linked for.
func (p *placement) placeOf(linked uint64) uint64 { return linked - p.start + p.place }

// placeEnd is the end of the place.
func (p *placement) placeEnd() uint64 { return p.placeOf(p.end) }

// find looks at the image, looks whether its place can be had, and fills the staging
// area. It says what is wrong and returns false.
func (p *placement) find(t *systemTable, image *loadedImage, h *uefi.HandOver, delta uintptr) bool {
	p.delta, p.start = uint64(delta), uint64(goos.RamStart)
	if !p.readHeaders() {
		t.say("gasp: the image has no ELF header")
		return false
	}
	if _, status := t.findMemory(h); status != success {
		t.say("gasp: the firmware's memory map does not fit: GetMemoryMap returns ")
		t.sayNumber(uint64(status))
		return false
	}
	if !p.findPlace(t, h) {
		return false
	}
	p.moveTree(t, h)
	p.loadArchive(t, image, h)
	if !p.allocate(t) {
		t.say("gasp: no memory to wait in")
		return false
	}
	p.stage()
	return true
}

// findPlace takes any place that has room: the image is mapped to where it is linked for. Best is one that nobody else gets meanwhile, below 4 GiB: the
// memory for devices is part of the image, and some reach no further. If there is none, it is memory that the firmware
// has now, and gives up when it leaves; this copy of the image, for one.
func (p *placement) findPlace(t *systemTable, h *uefi.HandOver) bool {
	size := p.end - p.start + placeAlign
	for _, limit := range placeLimits {
		at := limit
		if call(t.boot.allocatePages, allocateMaxAddress, loaderData, uintptr(pages(size)), address(&at), 0) == success {
			p.place = (at + placeAlign - 1) &^ (placeAlign - 1)
			return true
		}
	}
	if p.place = h.Place(p.end-p.start, placeAlign, placeLimits[0]+1); p.place != 0 {
		return true
	}
	t.say("gasp: the firmware has no memory for the image, in one piece, of bytes: ")
	t.sayNumber(size)
	return false
}

// readHeaders finds the segments by the ELF header of the loaded copy.
func (p *placement) readHeaders() bool {
	le := binary.LittleEndian
	header := unsafe.Slice((*byte)(pointer(textStart()-headerRoom)), headerRoom)
	if string(header[:len(elf.ELFMAG)]) != elf.ELFMAG {
		return false
	}
	offset, count := le.Uint64(header[headersOffset:]), int(le.Uint16(header[headersCount:]))
	for i := range count {
		at := offset + uint64(i)*headerSize
		if at > headerRoom-headerSize {
			return false
		}
		b := header[at:]
		if elf.ProgType(le.Uint32(b)) != elf.PT_LOAD {
			continue
		}
		if p.n == maxSegments {
			return false
		}
		s := segment{le.Uint64(b[headerVaddr:]), le.Uint64(b[headerFilesz:]), le.Uint64(b[headerMemsz:])}
		p.segments[p.n] = s
		p.n++
		p.end = max(p.end, s.start+s.size)
	}
	return p.n > 0
}

// EFI_ALLOCATE_TYPE (7.2.1), and the kinds of memory that are asked for (table 7.6).
const (
	allocateMaxAddress = 1
	loaderCode         = 1
	loaderData         = 2
)

// maxAllocations is how many pieces of one size can lie over the image's place, and more.
const maxAllocations = 20

// outside allocates memory of a kind that ends at a limit, and not in the image's place;
// it returns 0 if there is none. What lies in the way stays taken, so that the next piece is
// another.
func (p *placement) outside(t *systemTable, kind uintptr, size, limit uint64) (at uint64) {
	for range maxAllocations {
		at = limit
		if call(t.boot.allocatePages, allocateMaxAddress, kind, uintptr(pages(size)), address(&at), 0) != success {
			return 0
		}
		if at+size <= p.place || at >= p.placeEnd() {
			return at
		}
	}
	return 0
}

// allocate finds the staging area, in memory that code may be executed in.
func (p *placement) allocate(t *systemTable) bool {
	size := uint64(areaImage)
	for _, s := range p.segments[:p.n] {
		size += pages(s.file) * pageSize
	}
	p.area = p.outside(t, loaderCode, size, areaLimit)
	return p.area != 0
}

// stage fills the staging area but for the block.
func (p *placement) stage() {
	moves := p.moves()
	moves.add(p.place, 0, staleHeader)
	at := p.area + areaImage
	for _, s := range p.segments[:p.n] {
		copyTo(at, s.start+p.delta, s.file)
		moves.add(p.placeOf(s.start), at, s.file)
		moves.add(p.placeOf(s.start+s.file), 0, s.size-s.file)
		at += pages(s.file) * pageSize
	}
	moves.add(p.placeOf(uint64(address(&uefi.Given))-p.delta), p.area+areaBlock, uint64(unsafe.Sizeof(uefi.Given)))
	moves.add(p.area+areaBlock, 0, uint64(unsafe.Sizeof(uefi.Given))) // there may be a key in it
	moves.end(p.placeOf(uint64(cpuEntry()) - p.delta))
	copyTo(p.area+areaCode, uint64(lastSteps()), areaDescriptors-areaCode)
	prepare(p.area)
}

// moves is a list of moves that is written.
type moves struct{ next *move }

func (p *placement) moves() moves { return moves{(*move)(pointer(p.area + areaMoves))} }

func (m *moves) add(to, from, n uint64) {
	if n > 0 {
		*m.next = move{to, from, n}
		m.next = (*move)(unsafe.Add(unsafe.Pointer(m.next), unsafe.Sizeof(move{})))
	}
}

func (m *moves) end(entry uint64) { *m.next = move{to: entry} }

// enter leaves for the image. The firmware is gone.
func (p *placement) enter(h *uefi.HandOver) {
	*(*uint64)(pointer(p.area + areaDeviceTree)) = h.DeviceTree
	copyTo(p.area+areaBlock, uint64(address(h)), uint64(unsafe.Sizeof(*h)))
	*h = uefi.HandOver{}
	leave(uintptr(p.area))
}

func copyTo(to, from, n uint64) {
	copy(unsafe.Slice((*byte)(pointer(to)), int(n)), unsafe.Slice((*byte)(pointer(from)), int(n)))
}

func pages(n uint64) uint64 { return (n + pageSize - 1) / pageSize }

// pointer is a pointer to an address that no variable has.
func pointer[T uint64 | uintptr](at T) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&at)) }

// Where things are in the loaded copy (entry_*.s).
func textStart() uintptr
func cpuEntry() uintptr
func lastSteps() uintptr

// leave takes the last steps: from the firmware's world to the image's entry point.
func leave(area uintptr)
