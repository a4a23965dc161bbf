// Package rngb draws random numbers from RNGB, the generator of i.MX 6ULL and 6ULZ: a true one that seeds a pseudo-random one. Sources:
// i.MX 6ULL Applications Processor Reference Manual, Rev. 1 (IMX6ULLRM), chapter 44, by way of TamaGo v1.26.0 (soc/nxp/rngb), and Linux,
// drivers/char/hw_random/imx-rngc.c, for order, time limits and what may be tried again.
package rngb

import (
	"encoding/binary"
	"errors"

	"gasp/drivers/reg"
)

// Base is where the registers are, Size their size in bytes.
const (
	Base = 0x02284000
	Size = 0x4000
)

// Registers and bits.
const (
	rngCMD = 0x04
	rngCR  = 0x08
	rngSR  = 0x0c
	rngESR = 0x10
	rngOUT = 0x14

	cmdST = 1 << 0 // self-test
	cmdGS = 1 << 1 // make a seed
	cmdCI = 1 << 4 // clear the interrupt
	cmdCE = 1 << 5 // clear the error
	cmdSR = 1 << 6 // reset

	crAR   = 1 << 4 // a new seed when it is time
	crMask = 3 << 5 // no interrupts

	srSTDN  = 1 << 4
	srSDN   = 1 << 5
	srLevel = 0xf << 8 // words in the FIFO
	srERR   = 1 << 16
	srSTPF  = 7 << 21 // self-tests that failed

	esrSTAT = 1 << 3 // the true numbers were no good: another seed may be
)

// Limits of waits, in ns, and of tries.
const (
	selfTestMost = 10_000_000 // Linux: 2.5 ms
	seedMost     = 200_000_000
	wordMost     = 1_000_000 // a FIFO's worth of words takes some us
	seedTries    = 10
	maxRepeats   = 2
	maxLooks     = 1 << 21 // of a wait, on a clock that stands still
)

// Errors of Read.
var (
	ErrSelfTest = errors.New("RNGB: its self-test fails")
	ErrSeed     = errors.New("RNGB: it makes no seed")
	ErrNumbers  = errors.New("RNGB: it gives no numbers")
	ErrRepeats  = errors.New("RNGB: it repeats its numbers")
)

// Read fills b with random bytes, and gives none if it fails. now is a clock in ns. It takes a fifth of a second for a seed at the most, ten times
// over if it must try again, and 1 ms for four bytes. After one it may be called again.
func Read(r reg.Space, now func() int64, b []byte) error {
	g := generator{r, now}
	err := g.start()
	if err == nil {
		err = g.fill(b)
	}
	if err != nil {
		clear(b)
	}
	return err
}

type generator struct {
	reg.Space
	now func() int64
}

func (g *generator) start() error {
	g.Write32(rngCMD, cmdSR|cmdCE|cmdCI)
	g.Write32(rngCR, crMask)
	g.Write32(rngCMD, cmdST)
	if sr, ok := g.await(srSTDN, selfTestMost); !ok || sr&(srERR|srSTPF) != 0 {
		return ErrSelfTest
	}
	for range seedTries {
		g.Write32(rngCMD, cmdCI|cmdCE)
		g.Write32(rngCMD, cmdGS)
		sr, ok := g.await(srSDN|srERR, seedMost)
		if !ok {
			return ErrSeed
		}
		if sr&srERR == 0 {
			g.Write32(rngCR, crMask|crAR)
			return nil
		}
		if g.Read32(rngESR) != esrSTAT {
			return ErrSeed
		}
	}
	return ErrSeed
}

// fill draws words. Two that are equal, one after the other, come by chance once in 4 milliards; a generator that is stuck gives nothing
// else (FIPS 140-2, 4.9.2).
func (g *generator) fill(b []byte) error {
	last, repeats := uint32(0), 0
	for i := 0; i < len(b); {
		sr, ok := g.await(srLevel|srERR, wordMost)
		if !ok || sr&srERR != 0 {
			return ErrNumbers
		}
		v := g.Read32(rngOUT)
		if v == last {
			if repeats++; repeats > maxRepeats {
				return ErrRepeats
			}
			continue
		}
		last = v
		var word [4]byte
		binary.LittleEndian.PutUint32(word[:], v)
		i += copy(b[i:], word[:])
	}
	return nil
}

// await waits for one of the bits of SR.
func (g *generator) await(bits uint32, most int64) (sr uint32, ok bool) {
	start := g.now()
	for range maxLooks {
		if sr = g.Read32(rngSR); sr&bits != 0 {
			return sr, true
		}
		if g.now()-start > most {
			break
		}
	}
	return sr, false
}
