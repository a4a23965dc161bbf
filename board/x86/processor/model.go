// Package processor tells what is special of some x86-64 processors, by what CPUID says of them.
package processor

// A Maker is who made a processor.
type Maker uint8

// The makers of which there is something to know.
const (
	Other Maker = iota
	Intel
	AMD
)

// A Model is a kind of processor: DisplayFamily and DisplayModel of the Intel SDM (volume 2, CPUID), which are AMD's family and
// model, too (AMD APM volume 3, appendix E.3.2).
type Model struct {
	Maker  Maker
	Family uint32
	Model  uint32
}

// Identify decodes CPUID: EBX, ECX and EDX of leaf 0, which are the maker's name, and EAX of leaf 1.
func Identify(b, c, d, signature uint32) Model {
	const extends = 0xf // family from which on the extended fields count
	m := Model{Family: signature >> 8 & 0xf, Model: signature >> 4 & 0xf}
	switch [3]uint32{b, d, c} {
	case [3]uint32{0x756e6547, 0x49656e69, 0x6c65746e}: // GenuineIntel
		m.Maker = Intel
	case [3]uint32{0x68747541, 0x69746e65, 0x444d4163}: // AuthenticAMD
		m.Maker = AMD
	}
	if m.Family == extends || m.Family == 6 && m.Maker == Intel {
		m.Model |= signature >> 16 & 0xf << 4
	}
	if m.Family == extends {
		m.Family += signature >> 20 & 0xff
	}
	return m
}

// FirmwareHasBank0 tells that the control register of machine check bank 0 is an alias of one that is firmware's, and must not be
// written: P6 and Core before Nehalem (Intel SDM volume 3, 16.3.2.1; Linux arch/x86/kernel/cpu/mce/core.c).
func (m Model) FirmwareHasBank0() bool {
	const nehalem = 0x1a
	return m.Maker == Intel && m.Family == 6 && m.Model < nehalem
}

// HaltMayStopTimer tells that firmware may have set the processor up to stop the local APIC's timer when all cores halt (C1E), by two
// bits of a register that only these have: AMD's erratum 400 (Revision Guide for AMD Family 10h Processors; Linux
// arch/x86/kernel/cpu/amd.c, amd_erratum_400).
func (m Model) HaltMayStopTimer() bool {
	const revisionF = 0x40 // of the first family
	return m.Maker == AMD && (m.Family == 0xf && m.Model >= revisionF || m.Family == 0x10)
}
