package webtarget

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
)

// period is how long a body goes on before it repeats itself: a prime, so that no number of whole segments is one.
const period = 4093

// body is an endless reader.
type body struct {
	bytes [period]byte
	pos   int
}

// Body is the endless body of a seed.
func Body(seed uint64) io.Reader {
	b := new(body)
	random := rand.NewPCG(seed, period)
	for i := 0; i < period; i += 8 {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], random.Uint64())
		copy(b.bytes[i:], word[:])
	}
	return b
}

func (b *body) Read(p []byte) (n int, err error) {
	for n < len(p) {
		c := copy(p[n:], b.bytes[b.pos:])
		n += c
		b.pos = (b.pos + c) % period
	}
	return n, nil
}
