package main

var registerFiles = []registerFile{{"general", holdGeneral}, {"VFP", holdVFP}}

// holdRegisters puts seed + n into number n of R0 to R9, R11 and R14, counts turns down, and
// stores what they are then.
//
//go:noescape
func holdRegisters(seed, turns uint32, after *[12]uint32)

// holdDoubles loads D0 to D31, counts turns down, and stores what they are then. FPSCR rounds
// down meanwhile, and is returned.
//
//go:noescape
func holdDoubles(turns uint32, before, after *[32]uint64) (fpscr uint32)

func holdGeneral(seed, turns uint64) (lost uint64) {
	var after [12]uint32
	holdRegisters(uint32(seed), uint32(turns), &after)
	for n, v := range after {
		if v != uint32(seed)+uint32(n) {
			lost |= 1 << n
		}
	}
	return lost
}

// holdVFP has bit 32 for FPSCR.
func holdVFP(seed, turns uint64) (lost uint64) {
	const rounding, down = 3 << 22, 2 << 22 // ARM ARM ARMv7-A, B4.1.58
	var before, after [32]uint64
	for n := range before {
		before[n] = seed + uint64(n)
	}
	if fpscr := holdDoubles(uint32(turns), &before, &after); fpscr&rounding != down {
		lost |= 1 << len(after)
	}
	for n, v := range after {
		if v != before[n] {
			lost |= 1 << n
		}
	}
	return lost
}
