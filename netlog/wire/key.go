package wire

import (
	"encoding/hex"
	"errors"

	"golang.org/x/crypto/chacha20"
)

// KeySize is the size of a device key in bytes.
const KeySize = 32

// IDSize is the size of a device id in bytes.
const IDSize = 8

// BootSize is the size in bytes of a boot id, and of a log host's session.
const BootSize = 16

// Key is a device key: what a device and its log host share, and nobody else has.
type Key [KeySize]byte

// ErrKey reports a key that is not 64 hexadecimal digits.
var ErrKey = errors.New("device key: want 64 hexadecimal digits")

// ParseKey reads a key as 64 hexadecimal digits. The error does not repeat what was read.
func ParseKey(s string) (k Key, err error) {
	if len(s) != hex.EncodedLen(KeySize) {
		return Key{}, ErrKey
	}
	if _, err := hex.Decode(k[:], []byte(s)); err != nil {
		return Key{}, ErrKey
	}
	return k, nil
}

// Labels of what is derived from a key. A boot id is random, so that it is none of them.
var (
	labelID      = [BootSize]byte([]byte("gasp device id\x00\x00"))
	labelRecords = [BootSize]byte([]byte("records to host\x00"))
	labelAnswers = [BootSize]byte([]byte("answers to boot\x00"))
)

// ID is the public name of a key, which travels in the clear: the first bytes of what HChaCha20
// makes of the key and the label "gasp device id".
func (k *Key) ID() (id [IDSize]byte) {
	name := k.derive(&labelID)
	copy(id[:], name[:])
	return id
}

// derive is HChaCha20 (draft-irtf-cfrg-xchacha-03, 2.2): a key for one use, of which the other ones
// and k cannot be told.
func (k *Key) derive(use *[BootSize]byte) (derived Key) {
	out, err := chacha20.HChaCha20(k[:], use[:])
	if err == nil { // sizes are right, so there is none
		copy(derived[:], out)
	}
	return derived
}

// bootKeys are the keys of one boot, a direction each.
func (k *Key) bootKeys(boot *[BootSize]byte) (records, answers Key) {
	b := k.derive(boot)
	return b.derive(&labelRecords), b.derive(&labelAnswers)
}
