//go:build tamago && arm

package arm

import (
	"unsafe"

	"gasp/board/machine"
)

// The command line comes from one of two: an emulator puts it at the start of RAM (QEMU -device
// loader), U-Boot's bootelf gives its arguments as main has
// them, the address of the image being the first one.

// argc and argv are R0 and R1 as the image found them (boot_arm.s).
var argc, argv uint32

const maxArguments = 256

// given is the command line, copied: what gives it lies in memory that others get.
var given struct {
	asked bool
	n     int
	text  [machine.MaxCommandLine]byte
}

//go:linkname loaderCommandLine gasp/board/machine.loaderCommandLine
//go:nosplit
func loaderCommandLine() string {
	g := &given
	if !g.asked {
		g.asked = true
		if !copyHandOver() {
			copyArguments()
		}
	}
	return unsafe.String(&g.text[0], g.n)
}

// The block at the start of RAM: its magic, the size of the text and its CRC-32 (IEEE 802.3),
// little-endian, and the text.
const (
	handOverMagic  = 0x70736167 // "gasp"
	handOverHeader = 12
	handOverMost   = seedAt - handOver - handOverHeader
)

//go:nosplit
func copyHandOver() bool {
	p := uintptr(handOver)
	if load(p) != handOverMagic {
		return false
	}
	store(p, 0) // it is this start's
	n, sum := load(p+4), load(p+8)
	if n > min(handOverMost, uint32(len(given.text))) {
		return false
	}
	crc := ^uint32(0)
	for i := uintptr(0); i < uintptr(n); i++ {
		c := byteAt(p + handOverHeader + i)
		given.text[i] = c
		crc ^= uint32(c)
		for range 8 {
			crc = crc>>1 ^ 0xedb88320&-(crc&1)
		}
	}
	if ^crc != sum {
		return false
	}
	given.n = int(n)
	return true
}

//go:nosplit
func copyArguments() {
	if argc < 2 || argc > maxArguments || argv%4 != 0 || !inRAM(argv, argc*4) {
		return
	}
	if !isNumber(load(uintptr(argv))) {
		return // what another loader left in the registers
	}
	for i := uint32(1); i < argc; i++ {
		p := load(uintptr(argv + i*4))
		if i > 1 && given.n < len(given.text) {
			given.text[given.n] = ' '
			given.n++
		}
		for ; inRAM(p, 1) && given.n < len(given.text); p++ {
			c := byteAt(uintptr(p))
			if c == 0 {
				break
			}
			given.text[given.n] = c
			given.n++
		}
	}
}

// isNumber tells whether there is a hexadecimal number at p, as bootelf's address.
//
//go:nosplit
func isNumber(p uint32) bool {
	const most = len("0xffffffff")
	for i := range uint32(most + 1) {
		if !inRAM(p+i, 1) {
			return false
		}
		switch c := byteAt(uintptr(p + i)); {
		case c == 0:
			return i > 0
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'f', c == 'x' && i == 1:
		default:
			return false
		}
	}
	return false
}

// inRAM is for addresses that a loader gave: it puts nothing elsewhere.
//
//go:nosplit
func inRAM(addr, n uint32) bool { return addr >= ramBase && -addr >= n }

//go:nosplit
func load(p uintptr) uint32 { return *(*uint32)(*(*unsafe.Pointer)(unsafe.Pointer(&p))) }

//go:nosplit
func store(p uintptr, v uint32) { *(*uint32)(*(*unsafe.Pointer)(unsafe.Pointer(&p))) = v }

//go:nosplit
func byteAt(p uintptr) byte { return *(*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&p))) }

// loaderArchive: no loader of these boards puts files beside the image.
//
//go:linkname loaderArchive gasp/board/machine.loaderArchive
func loaderArchive(int) (b []byte, ok bool) { return nil, false }
