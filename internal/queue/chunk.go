package queue

import (
	"time"
	"unsafe"

	"gasp/internal/source"
)

const (
	// chunkSize is how many bytes of a queue are handed over and kept for reuse at a time.
	chunkSize = 128 << 10
	// arenaSize is how many of them are what its items point to, unless it is one large item.
	arenaSize = chunkSize / 4
	// maxFree is how many empty chunks are kept.
	maxFree = 16
)

// chunk is events in their order, each in the slice of its type, and the bytes that they point to.
type chunk struct {
	events    []event
	records   []source.Record
	notes     []source.Note
	crashes   []source.Crash
	datagrams []source.Datagram
	times     []time.Time
	calls     []func()
	barriers  []chan struct{} // to be closed when all of it was handed over
	bytes     []byte          // never grows, for the items point into it
	size      int
}

// event says what was called, and with which items. That of a report has its snapshot in the same
// turn: the first such event with the first one in crashes.
type event uint8

const (
	record event = iota
	note
	crashBegin
	crashRecord
	crashDatagram
	repeated
	crashEnd
	called
)

// What events take besides the bytes that they point to.
const (
	recordSize   = int(unsafe.Sizeof(source.Record{})) + 1
	noteSize     = int(unsafe.Sizeof(source.Note{})) + 1
	crashSize    = int(unsafe.Sizeof(source.Crash{})) + 1
	datagramSize = int(unsafe.Sizeof(source.Datagram{}))
	timeSize     = int(unsafe.Sizeof(time.Time{}))
	callSize     = 64
)

// keep copies bytes; there is room in the chunk, or they get memory of their own.
func (c *chunk) keep(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	if c.bytes == nil {
		c.bytes = make([]byte, 0, arenaSize)
	}
	if len(b) > cap(c.bytes)-len(c.bytes) {
		return append([]byte(nil), b...)
	}
	start := len(c.bytes)
	c.bytes = append(c.bytes, b...)
	return c.bytes[start:len(c.bytes):len(c.bytes)]
}

func (c *chunk) record(e event, r *source.Record) {
	c.events = append(c.events, e)
	c.records = append(c.records, *r)
	last := &c.records[len(c.records)-1]
	last.Text, last.Dict = c.keep(r.Text), c.keep(r.Dict)
}

func (c *chunk) note(n *source.Note) {
	c.events = append(c.events, note)
	c.notes = append(c.notes, *n)
	last := &c.notes[len(c.notes)-1]
	last.Payload = c.keep(n.Payload)
}

func (c *chunk) crash(e event, r *source.Crash) {
	c.events = append(c.events, e)
	c.crashes = append(c.crashes, r.Snapshot())
}

func (c *chunk) datagram(d *source.Datagram) {
	c.events = append(c.events, crashDatagram)
	c.datagrams = append(c.datagrams, *d)
	c.datagrams[len(c.datagrams)-1].Data = c.keep(d.Data)
}

func (c *chunk) call(call func()) {
	c.events = append(c.events, called)
	c.calls = append(c.calls, call)
}

// hand calls the sink as it was called with what is in the chunk.
func (c *chunk) hand(to source.Sink) {
	var records, notes, crashes, datagrams, times, calls int
	for _, e := range c.events {
		switch e {
		case record:
			to.Record(&c.records[records])
			records++
		case note:
			to.Note(&c.notes[notes])
			notes++
		case called:
			c.calls[calls]()
			calls++
		case crashBegin:
			to.CrashBegin(&c.crashes[crashes])
			crashes++
		case crashRecord:
			to.CrashRecord(&c.crashes[crashes], &c.records[records])
			crashes++
			records++
		case crashDatagram:
			to.CrashDatagram(&c.crashes[crashes], &c.datagrams[datagrams])
			crashes++
			datagrams++
		case repeated:
			to.Repeated(&c.crashes[crashes], c.times[times])
			crashes++
			times++
		case crashEnd:
			to.CrashEnd(&c.crashes[crashes])
			crashes++
		}
	}
}

// empty makes the chunk ready for reuse. What held memory of its own is let go.
func (c *chunk) empty() {
	clear(c.records)
	clear(c.notes)
	clear(c.crashes)
	clear(c.datagrams)
	clear(c.calls)
	clear(c.barriers)
	*c = chunk{events: c.events[:0], records: c.records[:0], notes: c.notes[:0], crashes: c.crashes[:0], datagrams: c.datagrams[:0],
		times: c.times[:0], calls: c.calls[:0], barriers: c.barriers[:0], bytes: c.bytes[:0]}
}
