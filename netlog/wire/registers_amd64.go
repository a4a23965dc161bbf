package wire

// putValues writes count values before their ends (registers_amd64.s).
//
//go:noescape
func putValues(text *byte, size int, ends *int, values *uint64, count int)

func (b *Block) put(values []uint64) {
	if len(values) > 0 {
		putValues(&b.text[0], len(b.text), &b.ends[0], &values[0], min(len(values), len(b.ends)))
	}
}
