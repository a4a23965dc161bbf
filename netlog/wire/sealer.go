package wire

import "encoding/binary"

// A Sealer is the device's end of the sealed format, for one boot. Its methods allocate nothing and
// store no pointers; a crash path that has interrupted one of them may use it too, under numbers of
// its own.
type Sealer struct{ ciphers }

// NewSealer returns the sealer of a boot. Its id has to be random: two boots with the same one seal
// with the same key.
func NewSealer(key *Key, boot *[BootSize]byte) *Sealer { return &Sealer{newCiphers(key, boot)} }

// ID is the device id.
func (s *Sealer) ID() [IDSize]byte { return s.id }

// Boot is the boot id.
func (s *Sealer) Boot() [BootSize]byte { return s.boot }

// SealedOverhead is what a sealed datagram has besides its items, in bytes.
const SealedOverhead = headerRecords + statusSize + tagSize

// Begin appends to dst[:0] what stands before the items. They follow, up to MaxSealed less
// SealedOverhead bytes of them, then Seal.
func (s *Sealer) Begin(dst []byte) []byte {
	dst = appendSealedHeader(dst[:0], kindRecords, &s.id, &s.boot)
	var empty [headerRecords - offsetNumber + statusSize]byte
	return append(dst, empty[:]...)
}

// Items is the bytes of items in a datagram that was begun.
func (s *Sealer) Items(b []byte) int { return len(b) - headerRecords - statusSize }

// Seal writes number and status into a datagram that was begun, and seals it where it is. The buffer
// needs room for the tag, 16 bytes. A number may be used once in a boot.
func (s *Sealer) Seal(b []byte, number uint64, status *Status) []byte {
	binary.BigEndian.PutUint64(b[offsetNumber:], number)
	status.put(b[headerRecords:])
	return s.records.Seal(b[:headerRecords], s.nonceOf(number), b[headerRecords:], b[:headerRecords])
}

// OpenAnswer opens an answer where it is, and tells what it says. ErrForged says that it is not for
// this boot, or not from its log host.
func (s *Sealer) OpenAnswer(b []byte) (a Answer, err error) {
	h, err := ParseSealedHeader(b)
	if err != nil {
		return a, err
	}
	if !h.Answer || h.ID != s.id || h.Boot != s.boot {
		return a, ErrForged
	}
	plain, err := s.answers.Open(b[headerAnswer:headerAnswer], b[offsetSession:headerAnswer], b[headerAnswer:], b[:headerAnswer])
	if err != nil {
		return a, ErrForged
	}
	a.Session, a.Number = h.Session, h.Number
	return a, a.parse(plain)
}
