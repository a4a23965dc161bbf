package kernel

// HWCap is what Linux tells programs of an arm64 CPU (AT_HWCAP, arch/arm64/include/uapi/asm/hwcap.h), as far as Go asks,
// by its registers ID_AA64ISAR0_EL1 and ID_AA64PFR0_EL1 (Arm ARM, D19.2). Each field has four bits; what a CPU has more
// of it counts up, and 15 means that there is no FP or SIMD.
//
//go:nosplit
func HWCap(isar0, pfr0 uint64) (c uintptr) {
	const none, signExtended = 0, 15
	field := func(r uint64, shift uint) uint64 { return r >> shift & 15 }
	has := func(bit uint, ok bool) {
		if ok {
			c |= 1 << bit
		}
	}
	has(0, field(pfr0, 16) != signExtended) // FP
	has(1, field(pfr0, 20) != signExtended) // ASIMD
	has(3, field(isar0, 4) >= 1)            // AES
	has(4, field(isar0, 4) >= 2)            // PMULL
	has(5, field(isar0, 8) > none)          // SHA1
	has(6, field(isar0, 12) >= 1)           // SHA2
	has(7, field(isar0, 16) > none)         // CRC32
	has(8, field(isar0, 20) >= 2)           // ATOMICS
	has(11, true)                           // CPUID: the identification registers can be read
	has(17, field(isar0, 32) > none)        // SHA3
	has(21, field(isar0, 12) >= 2)          // SHA512
	has(24, field(pfr0, 48) > none)         // DIT
	return c
}
