package queue

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// patience is how long a test waits for anything.
const patience = 20 * time.Second

var (
	at   = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	from = source.Origin{Addr: netip.MustParseAddrPort("10.0.2.15:6665"), Settled: true}
)

func numbered(seq uint64, text string) *source.Record {
	return &source.Record{Record: wire.Record{Seq: seq, Text: []byte(text)}, From: from, At: at, Extended: true}
}

// teller is a sink that writes down what it is told, and waits before each when it is held.
type teller struct {
	held           sync.Mutex
	mu             sync.Mutex
	lines          []string
	flushes        int
	reopens, ended int
	last           source.Record
}

func (s *teller) say(text string) {
	s.held.Lock()
	s.held.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, text)
}

func (s *teller) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

func (s *teller) Record(r *source.Record) {
	s.last = *r
	s.last.Text, s.last.Dict = bytes.Clone(r.Text), bytes.Clone(r.Dict)
	s.say(fmt.Sprintf("record %d %s", r.Seq, r.Text))
}
func (s *teller) Note(n *source.Note) {
	s.say(fmt.Sprintf("note %s %s %s", n.From.Host(), n.Kind, n.Text()))
}
func (s *teller) CrashBegin(c *source.Crash) { s.say(fmt.Sprintf("begin %d %d", c.ID, c.Received)) }
func (s *teller) CrashRecord(c *source.Crash, r *source.Record) {
	s.say(fmt.Sprintf("of %d %d: %d %s", c.ID, c.Received, r.Seq, r.Text))
}
func (s *teller) CrashDatagram(c *source.Crash, d *source.Datagram) {
	s.say(fmt.Sprintf("datagram of %d %d: %s", c.ID, c.Received, d.Data))
}
func (s *teller) Repeated(c *source.Crash, at time.Time) {
	s.say(fmt.Sprintf("repeated %d %d %v", c.ID, c.Repeats, at.Unix()))
}
func (s *teller) CrashEnd(c *source.Crash) { s.say("end " + c.Verdict()) }
func (s *teller) Flush()                   { s.mu.Lock(); s.flushes++; s.mu.Unlock() }
func (s *teller) Reopen()                  { s.mu.Lock(); s.reopens++; s.mu.Unlock() }
func (s *teller) Close()                   { s.mu.Lock(); s.ended++; s.mu.Unlock() }

// tell calls everything that a sink has, changing what it hands over at once.
func tell(to source.Sink) {
	text, dict := []byte("text"), []byte("A=b\n")
	r := numbered(1, "")
	r.Text, r.Dict = text, dict
	to.Record(r)
	copy(text, "XXXX")
	to.Note(&source.Note{From: from, At: at, Kind: source.Bad, Payload: text, Size: 4, Err: errors.New("odd")})
	copy(text, "YYYY")
	c := &source.Crash{ID: 7, From: from, Began: at, Received: 1}
	to.CrashBegin(c)
	c.Received = 2
	to.CrashRecord(c, r)
	copy(text, "ZZZZ")
	to.CrashDatagram(c, &source.Datagram{At: at, Data: text})
	c.Received, c.Repeats = 3, 2
	to.Repeated(c, at)
	c.Complete = true
	to.CrashEnd(c)
	*c = source.Crash{}
	copy(text, "____")
}

const told = `record 1 text
note 10.0.2.15 bad -- bad datagram of 4 bytes: odd: XXXX
begin 7 1
of 7 2: 1 YYYY
datagram of 7 2: ZZZZ
repeated 7 2 1795435200
end complete: 3 records`

func TestEverythingIsHandedOnAsItWas(t *testing.T) {
	for _, reports := range []bool{true, false} {
		s := new(teller)
		q := New(s, Options{Name: "x", Reports: reports})
		tell(q)
		q.Do(func() { s.say("done") })
		if !q.Flush(patience) {
			t.Fatal("not flushed")
		}
		want := told + "\ndone"
		if !reports {
			want = strings.ReplaceAll(strings.ReplaceAll(want, "of 7 2: 1 YYYY\n", ""), "datagram of 7 2: ZZZZ\n", "")
		}
		if got := s.all(); got != want {
			t.Errorf("reports %v: told\n%s\nwant\n%s", reports, got, want)
		}
		if q.Waiting() != 0 || q.Lost() != 0 || q.Name() != "x" || s.flushes == 0 {
			t.Errorf("%d bytes wait, %d lost, %d flushes", q.Waiting(), q.Lost(), s.flushes)
		}
		if !q.Close(patience) || s.ended != 1 {
			t.Errorf("closed %d times", s.ended)
		}
		q.Record(numbered(9, "too late"))
		if q.Lost() != 1 {
			t.Error("what came after the end is not counted")
		}
	}
}

// A field that is added to a record must get through, and what it points to must be copied.
func TestEveryFieldOfARecordGetsThrough(t *testing.T) {
	var r source.Record
	fill(t, reflect.ValueOf(&r).Elem(), "Record")
	s := new(teller)
	q := New(s, Options{})
	q.Record(&r)
	q.Close(patience)
	if !reflect.DeepEqual(r, s.last) {
		t.Errorf("handed on was\n%+v, want\n%+v", s.last, r)
	}
}

// fill sets every field to something other than zero, and knows those that are copied.
func fill(t *testing.T, v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.Struct:
		switch v.Type() {
		case reflect.TypeFor[time.Time]():
			v.Set(reflect.ValueOf(at))
			return
		case reflect.TypeFor[netip.AddrPort]():
			v.Set(reflect.ValueOf(from.Addr))
			return
		}
		for i := range v.NumField() {
			fill(t, v.Field(i), name+"."+v.Type().Field(i).Name)
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString("x")
	case reflect.Slice:
		if name != "Record.Record.Text" && name != "Record.Record.Dict" {
			t.Errorf("%s: does the queue copy what it points to?", name)
		}
		v.SetBytes([]byte("bytes"))
	default:
		switch {
		case v.CanUint():
			v.SetUint(3)
		case v.CanInt():
			v.SetInt(3)
		default:
			t.Errorf("%s is a %v: does the queue copy it?", name, v.Kind())
		}
	}
}

// missing is how many records a line says are missing.
func missing(line string) (n uint64) {
	_, text, _ := strings.Cut(line, " overflow ")
	fmt.Sscanf(text, "-- %d record", &n)
	return n
}

func TestSinkThatBlocksForEverHoldsNobodyUp(t *testing.T) {
	s := new(teller)
	s.held.Lock()
	const limit = 1 << 20
	q := New(s, Options{Limit: limit})
	other := source.Origin{Addr: netip.MustParseAddrPort("10.0.2.16:6665")}
	text := strings.Repeat("x", 1000)
	const count = 3 * limit / 1000
	for seq := range uint64(count) {
		r := numbered(seq, text)
		if seq%3 == 0 {
			r.From = other
		}
		q.Record(r)
		if q.Waiting() > limit {
			t.Fatalf("%d bytes wait, want %d at most", q.Waiting(), limit)
		}
	}
	lost := q.Lost()
	if lost < count/2 || lost > count {
		t.Fatalf("%d of %d lost", lost, count)
	}
	// A report still has room.
	c := &source.Crash{ID: 1, From: from, Complete: true, Received: 1}
	q.CrashBegin(c)
	q.CrashEnd(c)
	if q.Lost() != lost {
		t.Error("there was no room for a report")
	}
	if q.Flush(time.Millisecond) || q.Close(time.Millisecond) {
		t.Error("it says that all is handed on")
	}
	s.held.Unlock()
	<-q.done
	var shown, said uint64
	for _, line := range s.lines {
		if strings.HasPrefix(line, "record ") {
			shown++
		}
		said += missing(line)
	}
	if shown+said != count || said != lost {
		t.Errorf("%d shown and %d said to be missing, %d counted; %d came", shown, said, lost, count)
	}
}

func TestOverflowIsSaidBeforeWhatFollows(t *testing.T) {
	s := new(teller)
	s.held.Lock()
	q := New(s, Options{Limit: 2000})
	q.Record(numbered(1, strings.Repeat("a", 900)))
	q.Record(numbered(2, strings.Repeat("b", 900))) // no room
	q.Record(numbered(3, "c"))                      // once full, it stays so
	s.held.Unlock()
	q.Flush(patience)
	q.Record(numbered(4, "d"))
	q.Close(patience)
	want := "record 1 " + strings.Repeat("a", 900) + "\nnote 10.0.2.15 overflow -- 2 records not stored here, the sink was too slow\nrecord 4 d"
	if got := s.all(); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

func TestManySendersLeftOutAreCountedTogether(t *testing.T) {
	s := new(teller)
	s.held.Lock()
	q := New(s, Options{Limit: 1})
	const senders = maxOrigins + 100
	for n := range senders {
		r := numbered(1, "x")
		r.From.Addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(n >> 8), byte(n)}), 1)
		q.Record(r)
	}
	if len(q.left.counts) > maxOrigins+1 {
		t.Errorf("%d senders are told apart", len(q.left.counts))
	}
	s.held.Unlock()
	q.Close(patience)
	var said uint64
	for _, line := range s.lines {
		said += missing(line)
	}
	if said != senders {
		t.Errorf("%d said to be missing, want %d", said, senders)
	}
}

// The memory for what waits is bounded too, whatever the mixture.
func TestMemoryIsBounded(t *testing.T) {
	const limit = 4 << 20
	for name, push := range map[string]func(q *Queue){
		"empty":  func(q *Queue) { q.Record(numbered(1, "")) },
		"short":  func(q *Queue) { q.Record(numbered(1, strings.Repeat("x", 100))) },
		"long":   func(q *Queue) { q.Record(numbered(1, strings.Repeat("x", 1000))) },
		"large":  func(q *Queue) { q.Record(numbered(1, strings.Repeat("x", 70_000))) },
		"huge":   func(q *Queue) { q.Record(numbered(1, strings.Repeat("x", 140_000))) },
		"notes":  func(q *Queue) { q.Note(&source.Note{From: from}) },
		"report": func(q *Queue) { q.CrashRecord(&source.Crash{ID: 1, From: from}, numbered(1, "line")) },
		"datagrams": func(q *Queue) {
			q.CrashDatagram(&source.Crash{ID: 1, From: from}, &source.Datagram{Data: make([]byte, 1000)})
		},
	} {
		s := new(teller)
		s.held.Lock()
		q := New(s, Options{Limit: limit, Reports: true})
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for q.Lost() == 0 {
			push(q)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 2*limit {
			t.Errorf("%s: %d bytes are used for %d that wait", name, used, q.Waiting())
		} else {
			t.Logf("%s: %d bytes are used for %d that wait", name, used, q.Waiting())
		}
		s.held.Unlock()
		q.Close(patience)
	}
}

func TestReopen(t *testing.T) {
	s := new(teller)
	q := New(s, Options{})
	q.Reopen()
	q.Flush(patience)
	q.Close(patience)
	if s.reopens != 1 {
		t.Errorf("reopened %d times", s.reopens)
	}
}

// nothing is a sink that does nothing.
type nothing struct{ source.Sinks }

func TestRecordsAllocateNothing(t *testing.T) {
	q := New(nothing{}, Options{})
	defer q.Close(patience)
	r := numbered(1, strings.Repeat("x", 100))
	n := &source.Note{From: from, At: at, Kind: source.Bad, Payload: r.Text}
	round := func() {
		for range 1000 {
			q.Record(r)
			q.Note(n)
		}
		q.Flush(patience)
	}
	for range 2 * maxFree {
		round()
	}
	// Flush itself allocates its channel and timer.
	if per := testing.AllocsPerRun(50, round) / 2000; per > 0.02 {
		t.Errorf("%v allocations an event", per)
	}
}

func BenchmarkRecord(b *testing.B) {
	q := New(nothing{}, Options{})
	defer q.Close(patience)
	r := numbered(1, strings.Repeat("x", 100))
	b.ReportAllocs()
	for i := range b.N {
		q.Record(r)
		if i%1000 == 999 {
			q.Flush(patience)
		}
	}
	q.Flush(patience)
	if q.Lost() > 0 {
		b.Errorf("%d lost", q.Lost())
	}
}
