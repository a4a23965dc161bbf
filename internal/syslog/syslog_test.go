package syslog

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gasp/internal/plainline"
	"gasp/internal/queue"
	"gasp/internal/source"
	"gasp/netlog/wire"
)

// patience is how long a test waits for anything.
const patience = 20 * time.Second

var (
	at   = time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.UTC)
	from = source.Origin{Addr: netip.MustParseAddrPort("10.0.2.15:6665")}
)

func record(text string) *source.Record {
	return &source.Record{Record: wire.Record{Level: 4, Facility: 1, Seq: 7, Time: 1_500_000, Text: []byte(text)}, From: from, At: at, Extended: true}
}

func TestTargets(t *testing.T) {
	for text, want := range map[string]string{
		"udp://loghost:514": "udp loghost:514", "tcp://[::1]:6514": "tcp [::1]:6514", "tcp://10.0.0.1:1": "tcp 10.0.0.1:1",
		"loghost:514": "", "udp://loghost": "", "tcp://:514": "", "http://x:1": "", "udp://x:0": "", "udp://x:70000": "", "udp://a@x:1": "", "udp://x:1/": "", "": "", "tcp://x:514\n": "",
	} {
		to, err := ParseTarget(text)
		if got := strings.TrimSpace(to.Network + " " + to.Address); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, want %q: %v", text, got, want, err)
		}
		if err == nil && to.String() != text {
			t.Errorf("%q is shown as %q", text, to.String())
		}
	}
}

func TestMessages(t *testing.T) {
	const time = "2026-11-23T12:00:00.123456Z "
	full := record("two\nlines\x1b]")
	full.Late, full.Damaged, full.Report, full.Form, full.From.Device, full.Facility = true, true, true, wire.Kept, "rack 7\xff", 255
	long := record(strings.Repeat("x", maxMessage+10))
	c := &source.Crash{ID: 3, From: from, Last: at, Complete: true, Received: 5}
	var got []string
	f := newFormat()
	s := &plainline.Sink{Take: func(l *plainline.Line) { got = append(got, string(f.append(nil, l))) }}
	s.Record(record("hello"))
	s.Record(full)
	s.Record(&source.Record{Record: wire.Record{Text: []byte("plain")}, From: from, At: at})
	s.Record(long)
	s.Note(&source.Note{From: from, At: at, Kind: source.Reboot})
	s.Note(&source.Note{At: at, Kind: source.Overflow, Count: 1})
	s.CrashEnd(c)
	for i, want := range []string{
		"<12>1 " + time + `10.0.2.15 gasp - record [gasp@32473 format="extended" seq="7" uptime_us="1500000"] hello`,
		"<12>1 " + time + `rack_7_ gasp - record [gasp@32473 format="extended" seq="7" uptime_us="1500000" late="1" damaged="1" report="kept"] two\x0alines\x1b]`,
		"<6>1 " + time + `10.0.2.15 gasp - record [gasp@32473 format="basic"] plain`,
		"<12>1 " + time + `10.0.2.15 gasp - record [gasp@32473 format="extended" seq="7" uptime_us="1500000"] ` + strings.Repeat("x", maxMessage) + " [... 10 bytes not forwarded]",
		"<5>1 " + time + "10.0.2.15 gasp - reboot - -- rebooted: its numbers or its clock start again",
		"<3>1 " + time + "- gasp - overflow - -- 1 record not stored here, the sink was too slow",
		"<2>1 " + time + `10.0.2.15 gasp - report-end [gasp@32473 report="crash" id="3"] -- crash report complete: 5 records`,
	} {
		if got[i] != want {
			t.Errorf("message is\n%s\nwant\n%s", got[i], want)
		}
	}
}

// host is a log host that takes TCP connections.
type host struct {
	t *testing.T
	net.Listener
}

func newHost(t *testing.T, address string) *host {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &host{t, l}
}

func (h *host) accept() (net.Conn, *bufio.Reader) {
	h.t.Helper()
	h.Listener.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	conn, err := h.Accept()
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	conn.SetReadDeadline(time.Now().Add(patience))
	return conn, bufio.NewReader(conn)
}

// next reads one message and returns its text.
func next(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	length, err := r.ReadString(' ')
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, " "))
	if err != nil {
		t.Fatalf("%q is no length", length)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(b), "] ")
	if !ok {
		_, text, _ = strings.Cut(string(b), " - -- ")
	}
	return text
}

// start returns a queue before one that forwards to an address.
func start(t *testing.T, ctx context.Context, network, address string, limit int) (q *queue.Queue, f *Forward, said func() string) {
	var mu sync.Mutex
	var lines []string
	f = New(ctx, Target{network, address}, func(text string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, text)
	})
	f.retry.First = time.Millisecond
	return queue.New(f, queue.Options{Limit: limit}), f, func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(lines, "\n")
	}
}

func TestLogHostThatIsNotThereYet(t *testing.T) {
	h := newHost(t, "127.0.0.1:0")
	address := h.Addr().String()
	h.Close()
	q, f, said := start(t, t.Context(), "tcp", address, 0)
	for i := range 100 {
		q.Record(record(fmt.Sprint(i)))
	}
	_, r := newHost(t, address).accept()
	for i := range 100 {
		if got := next(t, r); got != fmt.Sprint(i) {
			t.Fatalf("%q came, want %d", got, i)
		}
	}
	if !q.Close(patience) || f.Lost() != 0 || q.Lost() != 0 {
		t.Errorf("%d and %d lost", f.Lost(), q.Lost())
	}
	if text := said(); strings.Contains(text, "tried again") != strings.HasSuffix(text, "works again") {
		t.Errorf("said %q", text)
	}
}

func TestLogHostThatClosesAndComesBack(t *testing.T) {
	h := newHost(t, "127.0.0.1:0")
	address := h.Addr().String()
	q, f, said := start(t, t.Context(), "tcp", address, 0)
	q.Record(record("one"))
	conn, r := h.accept()
	if got := next(t, r); got != "one" {
		t.Fatalf("%q came", got)
	}
	h.Close()
	conn.Close()
	q.Record(record("two"))
	q.Record(record("three"))
	_, r = newHost(t, address).accept()
	for _, want := range []string{"two", "three"} {
		if got := next(t, r); got != want {
			t.Fatalf("%q came, want %q", got, want)
		}
	}
	if !q.Close(patience) || f.Lost() != 0 || !strings.Contains(said(), "the other side closed the connection") {
		t.Errorf("%d lost, said %q", f.Lost(), said())
	}
}

func TestLogHostThatStalls(t *testing.T) {
	h := newHost(t, "127.0.0.1:0")
	const limit = 1 << 20
	q, f, _ := start(t, t.Context(), "tcp", h.Addr().String(), limit)
	// It accepts, and reads nothing until the queue had to leave something out.
	text := strings.Repeat("x", 1000)
	sent := 0
	for q.Lost() == 0 && sent < 1_000_000 {
		q.Record(record(text))
		sent++
		if q.Waiting() > limit {
			t.Fatalf("%d bytes wait", q.Waiting())
		}
	}
	for range 1000 {
		q.Record(record(text))
		sent++
	}
	_, r := h.accept()
	got, missing := 0, 0
	count := regexp.MustCompile(`^(\d+) records? not stored here`)
	for got+missing < sent {
		line := next(t, r)
		if m := count.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[1])
			missing += n
		} else if line == text {
			got++
		} else {
			t.Fatalf("%q came", line)
		}
	}
	if missing == 0 || uint64(missing) != q.Lost() || got+missing != sent {
		t.Errorf("%d sent, %d came, %d said to be missing, %d counted", sent, got, missing, q.Lost())
	}
	q.Record(record("last"))
	if line := next(t, r); line != "last" {
		t.Errorf("%q came", line)
	}
	if !q.Close(patience) || f.Lost() != 0 {
		t.Errorf("%d lost", f.Lost())
	}
}

func TestEndDoesNotWaitForALogHostThatStallsOrIsNotThere(t *testing.T) {
	stalls := newHost(t, "127.0.0.1:0")
	gone := newHost(t, "127.0.0.1:0")
	gone.Close()
	for _, address := range []string{stalls.Addr().String(), gone.Addr().String()} {
		ctx, cancel := context.WithCancel(t.Context())
		q, f, _ := start(t, ctx, "tcp", address, 0)
		const count = 16000 // more than the kernel takes for a connection that nobody reads
		for range count {
			q.Record(record(strings.Repeat("x", 700)))
		}
		if q.Close(time.Millisecond) {
			t.Errorf("%s: all is forwarded", address)
		}
		cancel()
		if !q.Close(patience) {
			t.Errorf("%s: not closed though it is to wait no more", address)
		}
		if f.Lost() == 0 || f.Lost() > count {
			t.Errorf("%s: %d lost of %d", address, f.Lost(), count)
		}
	}
}

func TestDatagrams(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := conn.LocalAddr().String()
	read := func() string {
		t.Helper()
		b := make([]byte, 1<<16)
		conn.SetReadDeadline(time.Now().Add(patience))
		n, _, err := conn.ReadFrom(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	q, f, said := start(t, t.Context(), "udp", address, 0)
	q.Record(record("one"))
	if got := read(); !strings.HasPrefix(got, "<12>1 2026-11-23T12:00:00.123456Z 10.0.2.15 gasp - record [") || !strings.HasSuffix(got, "] one") {
		t.Errorf("%q came", got)
	}
	q.Record(record(strings.Repeat("\x00", 60_000)))
	if got := read(); !strings.HasSuffix(got, " bytes not forwarded]") {
		t.Errorf("at the end of a long one is %q", got[len(got)-100:])
	}
	// Nobody is there: what was sent is lost, and told by the next one.
	conn.Close()
	q.Record(record("two"))
	q.Flush(patience)
	for began := time.Now(); f.Lost() == 0; {
		q.Record(record("three"))
		q.Flush(patience)
		if time.Since(began) > patience {
			t.Fatal("nothing was refused")
		}
	}
	if conn, err = net.ListenPacket("udp", address); err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	q.Record(record("four"))
	for {
		if got := read(); strings.HasSuffix(got, "] four") {
			break
		}
	}
	if !q.Close(patience) || !strings.Contains(said(), "connection refused; it is tried again") {
		t.Errorf("said %q", said())
	}
}

// sunk is one that forwards to a host that takes everything.
func sunk(t testing.TB) *Forward {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		if conn, err := l.Accept(); err == nil {
			io.Copy(io.Discard, conn)
		}
	}()
	f := New(t.Context(), Target{"tcp", l.Addr().String()}, func(text string) { t.Error(text) })
	return f
}

func TestRecordsAllocateNothing(t *testing.T) {
	f, r := sunk(t), record(strings.Repeat("x", 100))
	round := func() {
		for range 100 {
			f.Record(r)
		}
		f.Flush()
	}
	round()
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations for 100 records", n)
	}
	f.Close()
}

func BenchmarkRecord(b *testing.B) {
	f, r := sunk(b), record(strings.Repeat("x", 100))
	b.ReportAllocs()
	for range b.N {
		f.Record(r)
	}
	f.Close()
}
