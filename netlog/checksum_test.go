package netlog

import (
	"math/rand/v2"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
)

func TestSumIsTheInternetChecksum(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	b := make([]byte, 1600)
	for n := range len(b) {
		for i := range n {
			b[i] = [...]byte{0, 0xff, byte(random.Uint32())}[random.IntN(3)]
		}
		if got, want := sum(b[:n]), checksum.Checksum(b[:n], 0); got != want && (got%0xffff != 0 || want%0xffff != 0) {
			t.Fatalf("%d bytes: %#x, want %#x", n, got, want)
		}
		if got, want := sum(b[:n]), sumPortably(b[:n]); got != want {
			t.Fatalf("%d bytes: %#x, want %#x", n, got, want)
		}
	}
}

func BenchmarkSum(b *testing.B) {
	p := make([]byte, 115)
	for b.Loop() {
		sum(p)
	}
}
