//go:build tamago

package x86

import _ "unsafe" // go:linkname

// A source of entropy fills b with random bytes from a device, or fails.
type source interface{ Read(b []byte) error }

// The sources there are: the processor's RDRAND instruction, once it has been tried,
// and a device.
var (
	rdrandState = rdrandUntried
	entropyOf   source
	lastRandom  uint64
	// deviceRandom is where a device puts it: not on a stack, where it would escape to
	// the heap.
	deviceRandom [32]byte
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

// UseEntropy makes a device a source of entropy.
func UseEntropy(s source) { entropyOf = s }

// entropy fills b, at most 32 bytes, with entropy of all sources that work, XORed,
// and reports whether there was one. The kernel under the runtime calls it.
//
//go:linkname entropy runtime/goos.Entropy
func entropy(b []byte) bool {
	b = b[:min(len(b), len(deviceRandom))]
	clear(b)
	ok := fromRDRAND(b)
	if !ok {
		clear(b)
	}
	if entropyOf != nil && entropyOf.Read(deviceRandom[:len(b)]) == nil {
		ok = true
		for i := range b {
			b[i] ^= deviceRandom[i]
		}
		clear(deviceRandom[:])
	}
	return ok
}

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

// random fills b, at most 32 bytes, with what is different on each boot and each
// machine: entropy, or else what the clock says.
func random(b []byte) {
	if entropy(b) {
		return
	}
	x := tsc() ^ uint64(clock.wallStart)
	for i := range b {
		// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators)
		x += 0x9e3779b97f4a7c15
		z := (x ^ x>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		b[i] = byte(z ^ z>>31)
	}
}
