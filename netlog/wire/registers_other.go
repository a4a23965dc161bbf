//go:build !amd64

package wire

func (b *Block) put(values []uint64) {
	for i, v := range values {
		appendValue(b.text[:b.ends[i]-valueDigits-len("0x")], v)
	}
}
