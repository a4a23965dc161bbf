package main

import "golang.org/x/sys/cpu"

// registerFiles are those that this processor has.
var registerFiles = []registerFile{{"general", holdRegisters}, {"XMM", holdXMM}}

func init() {
	if cpu.X86.HasAVX {
		registerFiles = append(registerFiles, registerFile{"YMM", holdYMM})
	}
}

// holdRegisters fills the general registers with values that follow from seed,
// counts down from turns, and returns a bit for each that has changed.
//
//go:noescape
func holdRegisters(seed, turns uint64) (lost uint64)

// holdXMM is holdRegisters for X0 to X15 and MXCSR (bit 16).
//
//go:noescape
func holdXMM(seed, turns uint64) (lost uint64)

// holdYMM is holdRegisters for Y0 to Y15. The processor must have AVX.
//
//go:noescape
func holdYMM(seed, turns uint64) (lost uint64)
