package qemu

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
)

// lineFile in the run's directory is the command line of a machine whose type has a Line.
const lineFile = "line"

// lineBlock is how it lies in memory: a magic, the size of the text and its CRC-32, little-endian, and the text
// (board/arm/handover.go).
func lineBlock(line string) []byte {
	b := binary.LittleEndian.AppendUint32([]byte("gasp"), uint32(len(line)))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(line)))
	return append(b, line...)
}

// seedFile is the Machine's Seed, behind a magic, as it lies at seedOffset behind the Line (board/arm/seed.go).
const (
	seedFile   = "seed"
	seedOffset = 0xfc0
	seedSize   = 32
)

func (m *Machine) writeLine(dir string) error {
	if m.Seed != nil {
		if err := os.WriteFile(filepath.Join(dir, seedFile), append([]byte("seed"), m.Seed...), 0o600); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, lineFile), lineBlock(m.Cmdline), 0o600)
}
