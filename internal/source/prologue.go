package source

import "time"

// A sender's first record is shown at once. Networks reorder, so earlier ones may follow it; then it was not the
// first, and what is between is missing like anything else.

// maxPrologue is how many runs of numbers before the first record are told apart. With more, nothing is named.
const maxPrologue = 32

// prologue is what came behind the first record that was heard, and has a smaller number.
type prologue struct {
	until time.Time // so long it may come
	got   spans
	last  uint64 // the greatest number before the first record that was heard
}

func (o *order) beginPrologue(at time.Time) {
	o.prologue = prologue{until: at.Add(ReorderWindow), got: spans{max: maxPrologue}, last: o.first - 1}
}

// precedes takes note of a record from before the first one. Records with a message id are left out: of those the
// numbers do not tell what was sent.
func (o *order) precedes(r *Record) {
	if p := &o.prologue; !r.At.After(p.until) && !r.messageID().known {
		if !p.got.add(Span{r.Seq - min(r.Skip, r.Seq), r.Seq}) {
			p.got.runs, p.until = nil, time.Time{}
		}
	}
}

// endPrologue names what is missing between those records, once that is certain.
func (o *order) endPrologue(now time.Time, certain bool) {
	p := &o.prologue
	if len(p.got.runs) == 0 || !certain && !now.After(p.until) {
		return
	}
	o.first = p.got.runs[0].First
	holes := p.got.holes(Span{o.first, p.last})
	p.got.runs = nil
	for _, s := range holes {
		o.machine.missing(now, s.First, s.Last, s.Last-s.First+1)
	}
}
