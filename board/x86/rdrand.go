//go:build tamago && amd64

package x86

import _ "unsafe" // go:linkname

// The processor's RDRAND instruction, once it has been tried.
var (
	rdrandState = rdrandUntried
	lastRandom  uint64
)

const (
	rdrandUntried = iota
	rdrandWorks
	rdrandBroken

	rdrandTries   = 10 // Intel Digital Random Number Generator Software Implementation Guide, 5.2.1
	rdrandSamples = 8
	rdrandChanges = 5 // of 7 possible, as in Linux arch/x86/kernel/cpu/rdrand.c
)

// cpu_amd64.s
func hasRDRAND() bool
func rdrand() (v uint64, ok bool)

//go:linkname fromRDRAND gasp/board/machine.cpuEntropy
func fromRDRAND(b []byte) bool {
	if rdrandState == rdrandUntried {
		rdrandState = tryRDRAND()
	}
	for i := 0; i < len(b) && rdrandState == rdrandWorks; i += 8 {
		v, ok := nextRDRAND()
		if !ok {
			rdrandState = rdrandBroken
		}
		for j := range b[i:min(i+8, len(b))] {
			b[i+j] = byte(v >> (8 * j))
		}
	}
	return rdrandState == rdrandWorks
}

// nextRDRAND retries what gives nothing, or the same value again: some processors
// always return all ones after a sleep.
func nextRDRAND() (uint64, bool) {
	for range rdrandTries {
		if v, ok := rdrand(); ok && v != lastRandom {
			lastRandom = v
			return v, true
		}
	}
	return 0, false
}

func tryRDRAND() int {
	if !hasRDRAND() {
		return rdrandBroken
	}
	changes, last := 0, uint64(0)
	for i := range rdrandSamples {
		v, ok := rdrand()
		if !ok {
			continue
		}
		if i > 0 && v != last {
			changes++
		}
		last = v
	}
	if changes < rdrandChanges {
		return rdrandBroken
	}
	return rdrandWorks
}
