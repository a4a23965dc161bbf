//go:build tamago

package machine

import (
	"io"
	"os"
	_ "unsafe" // go:linkname
)

// A source of entropy fills b with random bytes from a device, or fails.
type source interface{ Read(b []byte) error }

// The sources there are besides the processor: a device.
var (
	entropyOf source
	// deviceRandom is where a device puts it: not on a stack, where it would escape to
	// the heap.
	deviceRandom [32]byte
)

// UseEntropy makes a device a source of entropy.
func UseEntropy(s source) { entropyOf = s }

// entropy fills b, at most 32 bytes, with entropy of all sources that work, XORed,
// and reports whether there was one. The kernel under the runtime calls it, on one processor at a time: a device serves one
// caller.
//
//go:linkname entropy runtime/goos.Entropy
func entropy(b []byte) bool {
	b = b[:min(len(b), len(deviceRandom))]
	clear(b)
	ok := cpuEntropy(b)
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

// unguessable fills b with random numbers, and reports whether it could: it is for goroutines, which get them of the kernel.
func unguessable(b []byte) bool {
	if Bare {
		return entropy(b)
	}
	f, err := os.OpenFile("/dev/random", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	if i, err := f.Stat(); err != nil || i.Mode()&os.ModeCharDevice == 0 {
		return false // an archive may have put a file there
	}
	if _, err = f.Write(b[:1]); err == nil { // it asks all sources anew: a device may have come
		_, err = io.ReadFull(f, b)
	}
	return err == nil
}

// random fills b with what is different on each boot and each machine: random numbers, or else what the clock says.
func random(b []byte) {
	if unguessable(b) {
		return
	}
	x := counter() ^ uint64(bootTime)
	for i := range b {
		// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators)
		x += 0x9e3779b97f4a7c15
		z := (x ^ x>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		b[i] = byte(z ^ z>>31)
	}
}
