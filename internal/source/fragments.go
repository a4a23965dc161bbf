package source

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"gasp/netlog/wire"
)

// ErrMemory is shown with a fragment for which there was no room.
var ErrMemory = errors.New("too many incomplete messages")

// fragments puts the messages of one sender together.
type fragments struct {
	budget  *budget
	partial []*partial // the oldest first
}

// partial is a message of which something is missing.
type partial struct {
	record Record
	body   []byte
	got    spans
}

// add takes a fragment and returns the record once it is whole.
func (f *fragments) add(d *wire.Datagram, r *Record) (*Record, error) {
	i := slices.IndexFunc(f.partial, func(p *partial) bool {
		return p.record.Seq == r.Seq && p.record.Time == r.Time && len(p.body) == d.FragTotal
	})
	if i < 0 {
		if len(f.partial) >= maxPartial || !f.budget.take(d.FragTotal) {
			return nil, ErrMemory
		}
		i = len(f.partial)
		f.partial = append(f.partial, &partial{record: *r, body: make([]byte, d.FragTotal), got: spans{max: maxPieces}})
	}
	p := f.partial[i]
	p.record.At = r.At
	if !p.got.add(Span{uint64(d.FragOffset), uint64(d.FragOffset + len(d.Body) - 1)}) {
		return nil, ErrMemory
	}
	copy(p.body[d.FragOffset:], d.Body)
	if len(p.holes()) > 0 {
		return nil, nil
	}
	f.remove(i)
	p.record.Text, p.record.Dict = wire.ParseBody(p.body, nil)
	return &p.record, nil
}

func (p *partial) holes() []Span { return p.got.holes(Span{0, uint64(len(p.body) - 1)}) }

func (f *fragments) remove(i int) {
	f.budget.giveBack(len(f.partial[i].body))
	f.partial = slices.Delete(f.partial, i, i+1)
}

// expire gives up the messages whose last fragment came no later than limit, and hands them on with
// their holes marked.
func (f *fragments) expire(limit time.Time, hand func(*Record)) {
	for i := 0; i < len(f.partial); {
		p := f.partial[i]
		if p.record.At.After(limit) {
			i++
			continue
		}
		f.remove(i)
		p.record.Text, p.record.Dict = wire.ParseBody(p.marked(), nil)
		p.record.Damaged = true
		hand(&p.record)
	}
}

// marked is the body with a note in place of every hole.
func (p *partial) marked() (body []byte) {
	next := uint64(0)
	for _, hole := range p.holes() {
		body = append(body, p.body[next:hole.First]...)
		body = append(body, "[... "...)
		body = strconv.AppendUint(body, hole.Last-hole.First+1, 10)
		body = append(body, " bytes missing ...]"...)
		next = hole.Last + 1
	}
	return append(body, p.body[next:]...)
}
