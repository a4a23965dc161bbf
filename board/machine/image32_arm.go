//go:build tamago

package machine

import "encoding/binary"

// Where a 32-bit ELF file has what image.go reads.
const (
	headersOffset = 28 // e_phoff
	headersCount  = 44 // e_phnum
	headerSize    = 32 // of one program header
	headerFlags   = 24 // p_flags
	headerVaddr   = 8  // p_vaddr
	headerMemsz   = 20 // p_memsz
)

func address(b []byte) uint64 { return uint64(binary.LittleEndian.Uint32(b)) }
