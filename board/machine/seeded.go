//go:build tamago

package machine

import "math/rand/v2"

// Seeded makes random numbers of a seed that a loader has left (C2SP chacha8rand). The zero value has none, and makes none.
type Seeded struct {
	generator rand.ChaCha8
	have      bool
}

// SeedSize is how many bytes a seed has at the least.
const SeedSize = 32

// Take takes the seed out of b: nobody else is to see it. A shorter one is none; of a longer one all bytes count.
func (s *Seeded) Take(b []byte) {
	var seed [SeedSize]byte
	for i, v := range b {
		seed[i%SeedSize] ^= v
	}
	if len(b) >= SeedSize {
		s.generator.Seed(seed)
		s.have = true
	}
	clear(seed[:])
	clear(b)
}

// Mix XORs random numbers into b, and reports whether it has any.
func (s *Seeded) Mix(b []byte) bool {
	if !s.have {
		return false
	}
	for v, i := uint64(0), 0; i < len(b); i++ {
		if i%8 == 0 {
			v = s.generator.Uint64()
		}
		b[i] ^= byte(v)
		v >>= 8
	}
	return true
}
