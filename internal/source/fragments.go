package source

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"time"

	"gasp/netlog/wire"
)

// What is refused of fragments, beside wire.ErrFragment.
var (
	// ErrMemory is shown with a fragment for which there was no room.
	ErrMemory = errors.New("too many incomplete messages")
	// ErrFragmentTotal is shown with one that says of its message another length than those before.
	ErrFragmentTotal = errors.New("fragment of a message that had another length before")
	// ErrFragmentOverlap is shown with one that says something else where others were already.
	ErrFragmentOverlap = errors.New("fragment that contradicts one before it")
)

// fragments puts the messages of one sender together. What is kept of a message is what came of it:
// announcing 64 KiB costs nothing.
type fragments struct {
	memory  *memory
	partial []*partial // the oldest first
}

// partial is a message of which something is missing.
type partial struct {
	record Record
	total  int
	pieces []piece // by offset, apart from each other
	got    int     // bytes in them
}

type piece struct {
	offset int
	data   []byte
}

// pieceOverhead is what a piece takes besides its bytes.
const pieceOverhead = 64

func (p *piece) end() int { return p.offset + len(p.data) }

// add takes a fragment and returns the record once it is whole.
func (f *fragments) add(d *wire.Datagram, r *Record) (*Record, error) {
	i := slices.IndexFunc(f.partial, func(p *partial) bool { return p.record.Seq == r.Seq && p.record.Time == r.Time })
	if i < 0 {
		if len(f.partial) >= maxPartial || !f.memory.take(recordOverhead) {
			return nil, ErrMemory
		}
		i = len(f.partial)
		f.partial = append(f.partial, &partial{record: *r, total: d.FragTotal})
	}
	p := f.partial[i]
	if p.total != d.FragTotal {
		return nil, ErrFragmentTotal
	}
	p.record.At = r.At
	if err := p.add(f.memory, piece{d.FragOffset, d.Body}); err != nil {
		return nil, err
	}
	if p.got < p.total {
		return nil, nil
	}
	f.remove(i)
	p.record.Text, p.record.Dict = wire.ParseBody(p.body(nil), nil)
	return &p.record, nil
}

// add puts in what is new of a piece, or nothing if it contradicts another one.
func (p *partial) add(m *memory, n piece) error {
	var fresh [maxPieces]piece // what is between those that are there
	count, from := 0, n.offset
	for i := range p.pieces {
		old := &p.pieces[i]
		low, high := max(n.offset, old.offset), min(n.end(), old.end())
		if low >= high {
			continue
		}
		if !bytes.Equal(n.data[low-n.offset:high-n.offset], old.data[low-old.offset:high-old.offset]) {
			return ErrFragmentOverlap
		}
		if from < low {
			fresh[count] = piece{from, n.data[from-n.offset : low-n.offset]}
			count++
		}
		from = high
	}
	if from < n.end() {
		if count == maxPieces {
			return ErrMemory
		}
		fresh[count] = piece{from, n.data[from-n.offset:]}
		count++
	}
	if len(p.pieces)+count > maxPieces {
		return ErrMemory
	}
	for _, part := range fresh[:count] {
		if !m.take(len(part.data) + pieceOverhead) {
			return ErrMemory
		}
		part.data = bytes.Clone(part.data)
		p.got += len(part.data)
		i, _ := slices.BinarySearchFunc(p.pieces, part.offset, func(p piece, offset int) int { return p.offset - offset })
		p.pieces = slices.Insert(p.pieces, i, part)
	}
	return nil
}

// body is the message, with a mark in place of every hole.
func (p *partial) body(mark func(body []byte, hole int) []byte) (body []byte) {
	next := 0
	for _, piece := range p.pieces {
		if piece.offset > next {
			body = mark(body, piece.offset-next)
		}
		body = append(body, piece.data...)
		next = piece.end()
	}
	if next < p.total {
		body = mark(body, p.total-next)
	}
	return body
}

func (f *fragments) remove(i int) {
	p := f.partial[i]
	f.memory.giveBack(recordOverhead + p.got + len(p.pieces)*pieceOverhead)
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
		p.record.Text, p.record.Dict = wire.ParseBody(p.body(markHole), nil)
		p.record.Damaged = true
		hand(&p.record)
	}
}

func markHole(body []byte, hole int) []byte {
	body = append(body, "[... "...)
	body = strconv.AppendInt(body, int64(hole), 10)
	return append(body, " bytes missing ...]"...)
}
