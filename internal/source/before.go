package source

import "slices"

const (
	// beforeRecords is how many records from before a crash its report repeats.
	beforeRecords = 32
	// beforeFew is how many are kept of a sender that is not settled.
	beforeFew = 4
	// beforeText is how many bytes of each.
	beforeText = 1024
)

// before remembers the last ordinary records of one sender, as far as its memory allows.
type before struct {
	records []Record
	oldest  int
}

// add remembers r, one of at most so many.
func (b *before) add(m *memory, r *Record, most int) {
	if len(b.records) < most && m.take(recordOverhead) {
		if b.oldest > 0 {
			b.records = slices.Concat(b.records[b.oldest:], b.records[:b.oldest])
			b.oldest = 0
		}
		b.records = append(b.records, Record{})
		b.put(m, len(b.records)-1, r)
		return
	}
	if len(b.records) == 0 {
		return
	}
	b.put(m, b.oldest, r)
	b.oldest = (b.oldest + 1) % len(b.records)
}

// put puts a copy of r in a place, cut to the memory there is.
func (b *before) put(m *memory, i int, r *Record) {
	slot := &b.records[i]
	room := slot.Text[:0]
	text := r.Text[:min(len(r.Text), beforeText)]
	if len(text) > cap(room) {
		if m.take(len(text) - cap(room)) {
			room = make([]byte, 0, len(text))
		} else {
			text = text[:cap(room)]
		}
	}
	*slot = *r
	slot.Text, slot.Dict, slot.Release = append(room, text...), nil, ""
}

// list returns copies, the oldest first.
func (b *before) list() (list []*Record) {
	for i := range b.records {
		list = append(list, b.records[(b.oldest+i)%len(b.records)].clone())
	}
	return list
}

func (b *before) forget(m *memory) {
	for i := range b.records {
		m.giveBack(recordOverhead + cap(b.records[i].Text))
	}
	*b = before{}
}
