// Package trng draws a seed from the true random number generator of CAAM, which i.MX 6UltraLite has. Sources: TamaGo v1.26.0
// (soc/nxp/caam), which cites the i.MX6UL Security Reference Manual, for registers and access; Linux, drivers/crypto/caam/ctrl.c
// (kick_trng) and regs.h (struct rng4tst), for what is set and what is tried again.
package trng

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"gasp/drivers/reg"
)

// Base is where the registers of CAAM are, Size the size of those used, in bytes.
const (
	Base = 0x02140000
	Size = 0x1000
)

// Registers and bits.
const (
	rtMCTL   = 0x600
	rtSDCTL  = 0x610
	rtFRQMIN = 0x618
	rtFRQMAX = 0x61c
	rtENT0   = 0x640
	words    = 16 // RTENT0 to RTENT15: reading the last one begins a new block

	mctlRaw    = 1 << 0 // SAMP_MODE: what is sampled is kept as it is, for the statistics as well
	mctlACC    = 1 << 5 // the words can be read
	mctlRSTDEF = 1 << 6
	mctlENTVAL = 1 << 10
	mctlERR    = 1 << 12 // the statistics, or the oscillator's frequency; writing it clears it
	mctlPRGM   = 1 << 16

	frqmaxOff = 1 << 20 // no limit
)

// How it samples, as Linux has it, and what is tried if the statistics are bad: a longer time between two samples.
const (
	samples   = 2500
	delay     = 3200 // of the system's clock
	delayStep = 400
	delayTop  = 4800
)

// blocks are how many blocks of 512 raw bits make a seed of 256.
const blocks = 2

// Limits of waits.
const (
	blockMost  = 1_000_000_000 // ns; Linux saw 60 ms
	maxLooks   = 1 << 22       // on a clock that stands still
	maxRepeats = 2             // words that are equal to the one before
)

// Errors of Seed.
var (
	ErrAccess  = errors.New("CAAM: its generator is not ours")
	ErrEntropy = errors.New("CAAM: its generator gives no numbers that pass its tests")
	ErrRepeats = errors.New("CAAM: its generator repeats its numbers")
)

// Seed makes a seed. now is a clock in ns. It takes a quarter of a second, and five seconds at the most. The registers belong to
// the secure world: in the other one it is ErrAccess.
func Seed(r reg.Space, now func() int64) (seed [sha256.Size]byte, err error) {
	err = ErrEntropy
	for d := uint32(delay); d <= delayTop && err == ErrEntropy; d += delayStep {
		seed, err = try(r, now, d)
	}
	r.Write32(rtMCTL, r.Read32(rtMCTL)&^mctlACC)
	return seed, err
}

func try(r reg.Space, now func() int64, delay uint32) (seed [sha256.Size]byte, err error) {
	r.Write32(rtMCTL, mctlPRGM|mctlRSTDEF|mctlERR)
	if r.Read32(rtMCTL)&mctlPRGM == 0 {
		return seed, ErrAccess
	}
	r.Write32(rtSDCTL, delay<<16|samples)
	r.Write32(rtFRQMIN, delay/4)
	r.Write32(rtFRQMAX, frqmaxOff)
	r.Write32(rtMCTL, mctlACC|mctlRaw)
	var raw [4 * words * blocks]byte
	defer clear(raw[:])
	last, repeats := uint32(0), 0
	for i := range words * blocks {
		if i%words == 0 && !await(r, now) {
			return seed, ErrEntropy
		}
		v := r.Read32(rtENT0 + uint32(i%words)*4)
		if v == last {
			if repeats++; repeats > maxRepeats {
				return seed, ErrRepeats
			}
		}
		last = v
		binary.LittleEndian.PutUint32(raw[4*i:], v)
	}
	return sha256.Sum256(raw[:]), nil
}

// await waits for a block.
func await(r reg.Space, now func() int64) bool {
	start := now()
	for range maxLooks {
		switch mctl := r.Read32(rtMCTL); {
		case mctl&mctlERR != 0:
			return false
		case mctl&mctlENTVAL != 0:
			return true
		}
		if now()-start > blockMost {
			break
		}
	}
	return false
}
