package source

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"

	"golang.org/x/sys/unix"
)

// nothing is a Sink that does nothing with what it is told.
type nothing struct{ records uint64 }

func (n *nothing) Record(*Record)                { n.records++ }
func (*nothing) Note(*Note)                      {}
func (*nothing) CrashBegin(*Crash)               {}
func (*nothing) CrashRecord(*Crash, *Record)     {}
func (*nothing) CrashDatagram(*Crash, *Datagram) {}
func (*nothing) Repeated(*Crash, time.Time)      {}
func (*nothing) CrashEnd(*Crash)                 {}

// stream is the datagrams of several senders, one after the other, each in the order of its numbers.
type stream struct {
	table  *Table
	sink   nothing
	sent   []Datagram
	record wire.Record
	encode func(dst []byte, r *wire.Record) []byte
	now    time.Time
	count  uint64
}

// newStream returns one of lines of 100 bytes that come 5 µs apart.
func newStream(senders int, encode func([]byte, *wire.Record) []byte) *stream {
	s := &stream{encode: encode, now: start, record: wire.Record{Level: 6, Text: []byte(strings.Repeat("x", 100))}}
	s.table = NewTable(&s.sink, Options{})
	for i := range senders {
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 2, byte(i)}), 6665)
		s.sent = append(s.sent, Datagram{From: from, Data: make([]byte, 0, wire.MaxDatagram)})
	}
	return s
}

func (s *stream) next() {
	d := &s.sent[s.count%uint64(len(s.sent))]
	s.record.Seq = s.count / uint64(len(s.sent))
	s.record.Time = 1_000_000 + 5*s.count
	s.now = s.now.Add(5 * time.Microsecond)
	d.At, d.Data = s.now, s.encode(d.Data[:0], &s.record)
	d.Size = len(d.Data)
	s.table.Datagram(d)
	s.count++
}

// cpuTime is what the process took so far. On a busy host it says more than the time that passed.
func cpuTime() time.Duration {
	var u unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func bench(b *testing.B, encode func([]byte, *wire.Record) []byte) {
	s := newStream(16, encode)
	b.ReportAllocs()
	began := cpuTime()
	for b.Loop() {
		s.next()
	}
	b.ReportMetric(float64(cpuTime()-began)/float64(b.N), "cpu-ns/op")
	if s.sink.records != s.count {
		b.Fatalf("%d of %d records", s.sink.records, s.count)
	}
}

// The time of making the datagram is in it.
func BenchmarkExtendedDatagram(b *testing.B) { bench(b, wire.AppendExtended) }
func BenchmarkBasicDatagram(b *testing.B)    { bench(b, wire.AppendBasic) }

// BenchmarkExtendedDatagramBehindGaps loses one of each sender's records in a hundred, so that all others wait
// for it.
func BenchmarkExtendedDatagramBehindGaps(b *testing.B) {
	s := newStream(16, wire.AppendExtended)
	b.ReportAllocs()
	began := cpuTime()
	for b.Loop() {
		s.next()
		if s.count/16%100 == 99 {
			s.count += 16
		}
	}
	b.ReportMetric(float64(cpuTime()-began)/float64(b.N), "cpu-ns/op")
}

// BenchmarkMakingExtended is that time.
func BenchmarkMakingExtended(b *testing.B) {
	s := newStream(16, wire.AppendExtended)
	began := cpuTime()
	for b.Loop() {
		s.count++
		s.record.Seq = s.count
		s.sent[0].Data = s.encode(s.sent[0].Data[:0], &s.record)
	}
	b.ReportMetric(float64(cpuTime()-began)/float64(b.N), "cpu-ns/op")
}

func TestADatagramInItsOrderAllocatesNothing(t *testing.T) {
	for name, encode := range map[string]func([]byte, *wire.Record) []byte{"extended": wire.AppendExtended, "basic": wire.AppendBasic} {
		s := newStream(16, encode)
		for range 16 * beforeRecords {
			s.next()
		}
		if n := testing.AllocsPerRun(1000, s.next); n != 0 {
			t.Errorf("%s: %v allocations a datagram", name, n)
		}
	}
}
