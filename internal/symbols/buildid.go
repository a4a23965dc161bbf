package symbols

import (
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"errors"
)

// ErrNoBuildID is returned for an image by which no report can be known.
var ErrNoBuildID = errors.New("has no GNU build id (link it with -B gobuildid, as mkimage does)")

const (
	noteGNUBuildID = 3 // NT_GNU_BUILD_ID, elf(5)
	// maxBuildID is how long a build id is at most, in bytes, as the machine has it
	// (board/machine/buildid.go); maxNotes is how large a section of notes is that is read.
	maxBuildID = 32
	maxNotes   = 64 << 10
)

// buildOf returns the GNU build id of an image in hexadecimal digits: what a report's headline has
// behind build=.
func buildOf(file *elf.File) (string, error) {
	for _, s := range file.Sections {
		if s.Type != elf.SHT_NOTE || s.Size > maxNotes {
			continue
		}
		data, err := s.Data()
		if err != nil {
			continue
		}
		if id := noteID(data); len(id) > 0 {
			return hex.EncodeToString(id), nil
		}
	}
	return "", ErrNoBuildID
}

// noteID finds the build id among notes (elf(5), "Notes").
func noteID(b []byte) []byte {
	const header = 12
	for len(b) >= header {
		name, desc, kind := uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[4:])), binary.LittleEndian.Uint32(b[8:])
		b = b[header:]
		padded := (name + 3) &^ 3
		if padded > uint64(len(b)) || desc > uint64(len(b))-padded {
			return nil
		}
		if string(b[:name]) == "GNU\x00" && kind == noteGNUBuildID && desc > 0 && desc <= maxBuildID {
			return b[padded : padded+desc]
		}
		b = b[min(uint64(len(b)), padded+(desc+3)&^3):]
	}
	return nil
}

// validBuild says whether a build id can be one, so that it is safe as a file's name too.
func validBuild(id string) bool {
	digits, err := hex.DecodeString(id)
	return err == nil && len(digits) > 0 && len(digits) <= maxBuildID && hex.EncodeToString(digits) == id
}
