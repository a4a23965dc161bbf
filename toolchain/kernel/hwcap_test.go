package kernel

import "testing"

// TestHWCap: the registers of CPUs as their manuals have them, and extremes.
func TestHWCap(t *testing.T) {
	tests := []struct {
		cpu         string
		isar0, pfr0 uint64
		want        uintptr
	}{
		{"Cortex-A53", 0x0000000000011120, 0x0000000000002222, 0x8fb},          // fp asimd aes pmull sha1 sha2 crc32 cpuid
		{"Cortex-A53 without cryptography", 0x0000000000010000, 0x2222, 0x883}, // fp asimd crc32 cpuid
		{"Cortex-A76", 0x0000100010211120, 0x1100000010111112, 0x9fb},          // and atomics
		{"all of it", 0x0221111110212120, 0x0001000000110011, 0x12209fb},
		{"no floating point", 0, 0xff2222, 0x800},
	}
	for _, tt := range tests {
		if got := HWCap(tt.isar0, tt.pfr0); got != tt.want {
			t.Errorf("%s: %#x, want %#x", tt.cpu, got, tt.want)
		}
	}
}
