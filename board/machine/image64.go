//go:build tamago && !arm

package machine

import "encoding/binary"

// Where a 64-bit ELF file has what image.go reads.
const (
	headersOffset = 32 // e_phoff
	headersCount  = 56 // e_phnum
	headerSize    = 56 // of one program header
	headerFlags   = 4  // p_flags
	headerVaddr   = 16 // p_vaddr
	headerMemsz   = 40 // p_memsz
)

func address(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
