package main

var registerFiles = []registerFile{{"general", holdRegisters}, {"vector", holdVectors}}

// holdRegisters fills the general registers.
//
//go:noescape
func holdRegisters(seed, turns uint64) (lost uint64)

// holdVectors does so with V0 to V31, FPCR (bit 32) and FPSR (bit 33).
//
//go:noescape
func holdVectors(seed, turns uint64) (lost uint64)
