package runtime

import "internal/chacha8rand"

// Random numbers for the program, getrandom(2): a generator (C2SP chacha8rand) that
// gets new entropy from the board every so often.

// gaspReseed is how many bytes the generator makes between two seeds.
const gaspReseed = 64 << 10

var gaspGenerator struct {
	chacha8rand.State
	seeded bool
	left   uint64 // bytes until the next seed
}

// gaspRandom fills n bytes at p. It fails as long as there was no entropy.
func gaspRandom(p, n uint64) uint64 {
	r := &gaspGenerator
	b := gaspUserBytes(p, n)
	for i := 0; i < len(b); i += 8 {
		if r.left < 8 && !gaspSeed() {
			return gaspError(_EIO)
		}
		gaspPutRandom(b[i:min(i+8, len(b))])
	}
	return uint64(len(b))
}

// gaspPutRandom writes up to 8 bytes of the generator.
func gaspPutRandom(b []byte) {
	r := &gaspGenerator
	v, ok := r.Next()
	for !ok {
		r.Refill()
		v, ok = r.Next()
	}
	r.left -= min(r.left, 8)
	for i := range b {
		b[i] = byte(v >> (8 * i))
	}
}

// gaspSeed mixes entropy into what the generator says next, and starts it anew
// with that. Once there was some, it can do without.
func gaspSeed() bool {
	r := &gaspGenerator
	var seed, fresh [32]byte
	switch {
	case goosEntropy(fresh[:]):
	case !r.seeded:
		return false
	default:
		clear(fresh[:])
	}
	if r.seeded {
		for i := 0; i < len(seed); i += 8 {
			gaspPutRandom(seed[i : i+8])
		}
	}
	for i := range seed {
		seed[i] ^= fresh[i]
	}
	r.Init(seed)
	r.seeded, r.left = true, gaspReseed
	clear(seed[:])
	clear(fresh[:])
	return true
}

const _EIO = 5
