package wire

import (
	"crypto/cipher"
	"encoding/binary"

	"golang.org/x/crypto/chacha20poly1305"
)

// ciphers are what both ends of the sealed format have, for one boot of a device.
type ciphers struct {
	id      [IDSize]byte
	boot    [BootSize]byte
	records cipher.AEAD
	answers cipher.AEAD
	nonce   [chacha20poly1305.NonceSize]byte
}

func newCiphers(key *Key, boot *[BootSize]byte) ciphers {
	c := ciphers{id: key.ID(), boot: *boot}
	records, answers := key.bootKeys(boot)
	c.records, _ = chacha20poly1305.New(records[:])
	c.answers, _ = chacha20poly1305.NewX(answers[:])
	return c
}

// nonceOf is the nonce of a datagram of records: its number, in the last bytes. It stays so until the next one is asked for.
func (c *ciphers) nonceOf(number uint64) []byte {
	clear(c.nonce[:])
	binary.BigEndian.PutUint64(c.nonce[len(c.nonce)-8:], number)
	return c.nonce[:]
}
