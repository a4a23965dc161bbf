package source

const (
	// beforeRecords is how many records from before a crash its report repeats.
	beforeRecords = 32
	// beforeText is how many bytes of each.
	beforeText = 1024
)

// before remembers the last ordinary records of one sender.
type before struct {
	records [beforeRecords]Record
	count   int // since the start
}

func (b *before) add(r *Record) {
	slot := &b.records[b.count%beforeRecords]
	text := append(slot.Text[:0], r.Text[:min(len(r.Text), beforeText)]...)
	*slot = *r
	slot.Text, slot.Dict = text, nil
	b.count++
}

// list returns copies, the oldest first.
func (b *before) list() (list []*Record) {
	for i := max(0, b.count-beforeRecords); i < b.count; i++ {
		list = append(list, b.records[i%beforeRecords].clone())
	}
	return list
}
