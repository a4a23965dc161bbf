package netlog

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

var (
	deviceKey  = wire.Key([]byte("0123456789abcdefghijklmnopqrstuv"))
	deviceBoot = [wire.BootSize]byte([]byte("a random boot id"))
)

// A path is what lies between device and log host: it loses, doubles and delays frames of either direction.
// Times are the fake clock's.
type path struct {
	random *rand.Rand
	// rate is how many of a hundred frames are lost, so many are doubled, and so many come late.
	rate  int
	queue []travelling
}

type travelling struct {
	at    int64
	frame []byte
}

const (
	pathDelay = 200 * time.Microsecond
	lateDelay = 5 * time.Millisecond
)

func (p *path) send(now int64, frame []byte) {
	hits := func() bool { return p.rate > 0 && p.random.IntN(100) < p.rate }
	copies := 1
	if hits() {
		copies = 2
	}
	for range copies {
		if hits() {
			continue
		}
		at := now + int64(pathDelay)
		if hits() {
			at += p.random.Int64N(int64(lateDelay))
		}
		i, _ := slices.BinarySearchFunc(p.queue, at+1, func(t travelling, at int64) int { return cmp.Compare(t.at, at) })
		p.queue = slices.Insert(p.queue, i, travelling{at, slices.Clone(frame)})
	}
}

// arrived takes the next frame that is there by now.
func (p *path) arrived(now int64) (travelling, bool) {
	if len(p.queue) == 0 || p.queue[0].at > now {
		return travelling{}, false
	}
	t := p.queue[0]
	p.queue = p.queue[1:]
	return t, true
}

// A logHost believes, keeps and answers as a receiver of the sealed format does.
type logHost struct {
	t       *testing.T
	opener  *wire.Opener
	session [wire.BootSize]byte
	number  uint64
	window  wire.Window
	silent  bool                 // it answers nothing
	lie     func(*wire.Answer)   // makes the answers false
	seen    func(s seenDatagram) // gets each genuine datagram

	records  map[uint64]wire.Record
	heldBack map[uint64]bool
	gone     map[uint64]bool
	last     []string // words of the last level
	upto     uint64
	next     uint64 // numbers below are known to exist
	oldest   uint64
	status   wire.Status

	datagrams, unproved, copies, forged, unsealed int

	fresh    int // datagrams since the last answer
	news     int64
	answered int64
	repeat   time.Duration
	due      bool
}

// A seenDatagram is a genuine datagram as it was read.
type seenDatagram struct {
	at     int64
	number uint64
	status wire.Status
	items  []wire.Item
}

func newLogHost(t *testing.T) *logHost {
	return &logHost{t: t, opener: wire.NewOpener(&deviceKey, &deviceBoot), session: [wire.BootSize]byte([]byte("session of a day")),
		records: map[uint64]wire.Record{}, heldBack: map[uint64]bool{}, gone: map[uint64]bool{}}
}

func (h *logHost) receive(at int64, payload []byte) {
	if !wire.IsSealed(payload) {
		h.unsealed++
		return
	}
	if len(payload) > wire.MaxSealed {
		h.t.Errorf("a datagram of %d bytes", len(payload))
	}
	header, err := wire.ParseSealedHeader(payload)
	if err != nil {
		h.forged++
		return
	}
	status, items, err := h.opener.Open(nil, payload)
	if err != nil {
		h.forged++
		return
	}
	if !h.window.Fresh(header.Number) {
		h.copies++
		return
	}
	h.window.Take(header.Number)
	h.datagrams++
	proved := status.Proves(items, &h.session)
	read := seenDatagram{at: at, number: header.Number, status: status}
	for len(items) > 0 {
		var item wire.Item
		if item, items, err = wire.NextItem(items); err != nil {
			h.t.Fatalf("datagram %d: %v", header.Number, err)
		}
		read.items = append(read.items, item)
	}
	if h.seen != nil {
		h.seen(read)
	}
	h.due = h.due || status.Want
	if !proved {
		h.unproved++
		h.due = true
		if !h.silent {
			return
		}
	}
	if header.Number == h.window.Top() { // not a late one's
		h.status = status
	}
	h.next, h.oldest = max(h.next, status.Next), max(h.oldest, status.Oldest)
	h.fresh++
	if h.news == 0 {
		h.news = at
	}
	for _, item := range read.items {
		h.take(item)
	}
	before := h.upto
	for h.knows(h.upto) {
		h.upto++
	}
	if h.upto > before {
		h.repeat = 0
	}
	if h.upto < h.next && h.repeat == 0 {
		h.due = true
	}
}

func (h *logHost) take(item wire.Item) {
	switch item.Kind {
	case wire.ItemRecord:
		r := item.Record
		if old, ok := h.records[r.Seq]; ok && string(old.Text) != string(r.Text) {
			h.t.Errorf("record %d came as %q and as %q", r.Seq, old.Text, r.Text)
		}
		if h.heldBack[r.Seq] {
			h.t.Errorf("record %d came and was said to be held back", r.Seq)
		}
		h.records[r.Seq] = r
		h.next = max(h.next, r.Seq+1)
	case wire.ItemHeldBack, wire.ItemGone:
		if item.Last-item.First > 1<<20 {
			h.t.Fatalf("a run of numbers from %d to %d", item.First, item.Last)
		}
		for n := item.First; n <= item.Last; n++ {
			if _, ok := h.records[n]; item.Kind == wire.ItemHeldBack {
				if ok {
					h.t.Errorf("record %d came and is said to be held back", n)
				}
				h.heldBack[n] = true
			} else if !ok && !h.heldBack[n] {
				h.gone[n] = true
			}
		}
		h.next = max(h.next, item.Last+1)
	case wire.ItemLastWords:
		h.last = append(h.last, string(item.Record.Text))
	}
}

func (h *logHost) knows(n uint64) bool {
	_, ok := h.records[n]
	return ok || h.heldBack[n] || h.gone[n]
}

// answer is what the log host says by now, nil for nothing.
func (h *logHost) answer(now int64) []byte {
	since := now - h.answered
	missing := h.upto < h.next
	switch {
	case h.silent || h.datagrams == 0:
		return nil
	case h.answered != 0 && since < int64(5*time.Millisecond):
		return nil
	case h.due, h.fresh >= 32, h.news != 0 && now-h.news >= int64(50*time.Millisecond):
	case missing && since >= int64(max(h.repeat, 100*time.Millisecond)):
		h.repeat = min(2*max(h.repeat, 100*time.Millisecond), time.Second)
	default:
		return nil
	}
	h.answered, h.due, h.fresh, h.news = now, false, 0, 0
	h.number++
	a := wire.Answer{Session: h.session, Number: h.number, Heard: h.window.Top(), Upto: h.upto}
	for n := h.upto; n < h.next && a.Runs < wire.MaxWanted; n++ {
		if h.knows(n) {
			continue
		}
		if a.Runs > 0 && a.Wanted[a.Runs-1].Last+1 == n {
			a.Wanted[a.Runs-1].Last = n
		} else {
			a.Wanted[a.Runs] = wire.Run{First: n, Last: n}
			a.Runs++
		}
	}
	if h.lie != nil {
		h.lie(&a)
	}
	return h.opener.AppendAnswer(nil, &a)
}

// fromHost is a frame from the log host with this payload.
func fromHost(payload []byte) []byte { return fromTarget(target(), payload) }

// fromTarget is a frame from a target to who sends to it.
func fromTarget(of Target, payload []byte) []byte {
	length := uint16(8 + len(payload))
	udp := append(make([]byte, 8), payload...)
	header.UDP(udp).Encode(&header.UDPFields{SrcPort: of.Port, DstPort: of.SourcePort, Length: length})
	from, to := tcpip.AddrFromSlice(of.Dest.AsSlice()), tcpip.AddrFromSlice(of.Source.AsSlice())
	kind, ip := header.IPv4ProtocolNumber, make([]byte, 20)
	if of.Source.Is6() {
		kind, ip = header.IPv6ProtocolNumber, make([]byte, 40)
		header.IPv6(ip).Encode(&header.IPv6Fields{PayloadLength: length, TransportProtocol: 17, HopLimit: 64, SrcAddr: from, DstAddr: to})
		header.UDP(udp).SetChecksum(^header.UDP(udp).CalculateChecksum(checksum.Checksum(payload, header.PseudoHeaderChecksum(17, from, to, length))))
	} else {
		header.IPv4(ip).Encode(&header.IPv4Fields{TTL: 64, Protocol: 17, TotalLength: 20 + length, SrcAddr: from, DstAddr: to})
		header.IPv4(ip).SetChecksum(^header.IPv4(ip).CalculateChecksum())
	}
	frame := make([]byte, 14)
	header.Ethernet(frame).Encode(&header.EthernetFields{SrcAddr: tcpip.LinkAddress(hostMAC[:]), DstAddr: tcpip.LinkAddress(ourMAC[:]), Type: kind})
	if of.VLAN != 0 {
		frame = slices.Insert(frame, 12, 0x81, 0, byte(of.VLAN>>8), byte(of.VLAN))
	}
	return slices.Concat(frame, ip, udp)
}

// A hostDevice is a device whose cable leads to a log host.
type hostDevice struct {
	fakeDevice
	clock *fakeClock
	host  *logHost
	to    Target
	there path
	back  path
	sent  int
}

func newHostDevice(t *testing.T, c *fakeClock) *hostDevice {
	d := &hostDevice{clock: c, host: newLogHost(t), to: target()}
	d.cable = func(frame []byte) {
		d.sent++
		d.there.send(d.clock.ns, frame)
	}
	return d
}

func (d *hostDevice) Receive(buf []byte) (int, error) {
	for {
		t, ok := d.there.arrived(d.clock.ns)
		if !ok {
			break
		}
		if s, ok := openSent(d.host.t, t.frame); ok && s.vlan == d.to.VLAN {
			d.host.receive(t.at, s.payload)
		}
		d.answer(t.at)
	}
	d.answer(d.clock.ns)
	if t, ok := d.back.arrived(d.clock.ns); ok {
		return copy(buf, t.frame), nil
	}
	return 0, nil
}

func (d *hostDevice) answer(at int64) {
	if a := d.host.answer(at); a != nil {
		d.back.send(at, fromTarget(d.to, a))
	}
}

func seeded(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, binary.BigEndian.Uint64([]byte("a path  "))))
}

// sealedUp is a logger that seals, and its log host behind a path that loses so many of a hundred frames. Change
// may change what Start gets.
func sealedUp(t *testing.T, rate int, seed uint64, change func(*Options)) (*Logger, *hostDevice, *fakeClock) {
	t.Helper()
	return sealedTo(t, target(), rate, seed, change)
}

func sealedTo(t *testing.T, to Target, rate int, seed uint64, change func(*Options)) (*Logger, *hostDevice, *fakeClock) {
	t.Helper()
	l, c := New(0), &fakeClock{ns: 1_000_000, step: int64(10 * time.Microsecond)}
	d := newHostDevice(t, c)
	d.to = to
	for _, p := range []*path{&d.there, &d.back} {
		p.rate, p.random = rate, seeded(seed)
		seed++
	}
	l.SetClock(c.now)
	l.SetRegisterNames(registerNames)
	o := Options{Key: &deviceKey, BootID: deviceBoot, Boot: bootID, BuildID: "beef", Heartbeat: 5 * time.Second}
	if change != nil {
		change(&o)
	}
	if err := l.Start(d, to, o); err != nil {
		t.Fatal(err)
	}
	return l, d, c
}

// run lets time pass until done, a minute at the most.
func run(t *testing.T, l *Logger, c *fakeClock, done func() bool) {
	t.Helper()
	for end := c.ns + int64(time.Minute); !done(); {
		if c.pass(5 * time.Millisecond); c.ns > end {
			t.Fatalf("after a minute it is not done: %+v", l.Stats())
		}
		l.Poll()
	}
}

// pace is what goroutines that log do: they wait when they are too fast.
func pace(l *Logger, c *fakeClock) {
	for l.outpaces() {
		c.pass(100 * time.Microsecond)
		l.Poll()
	}
}

// allThere checks that the log host knows all numbers, and has the text of each line.
func allThere(t *testing.T, h *logHost, l *Logger, lines int) {
	t.Helper()
	if h.upto != l.ring.head.Load() || len(h.gone) > 0 || h.forged > 0 || h.unsealed > 0 {
		t.Errorf("the log host knows of %d of %d records, %d gone, %d forged, %d unsealed", h.upto, l.ring.head.Load(), len(h.gone), h.forged, h.unsealed)
	}
	seen := 0
	for n := range h.upto {
		var i int
		if _, err := fmt.Sscanf(string(h.records[n].Text), "line %d", &i); err == nil {
			if i != seen {
				t.Fatalf("record %d is line %d, expected was %d", n, i, seen)
			}
			seen++
		}
	}
	if seen != lines {
		t.Errorf("%d of %d lines arrived", seen, lines)
	}
}

// report reads the crash report that the log host has.
func (h *logHost) report(t *testing.T) (m merged, ok bool) {
	t.Helper()
	headed, ended, last := false, false, uint64(0)
	for n, r := range h.records {
		if head, ok := wire.ParseHeadline(r.Text); ok && head.Form == wire.Crash {
			if headed {
				t.Error("two headlines")
			}
			m.headline, m.first, headed = head, n, true
		}
		if e, ok := wire.ParseEnd(r.Text); ok {
			m.end, last, ended = e, n, true
		}
	}
	if !headed || !ended {
		return m, false
	}
	for n := m.first; n <= last; n++ {
		switch r, ok := h.records[n]; {
		case !ok:
			m.missing = append(m.missing, n)
		case n > m.first && n < last:
			m.lines = append(m.lines, strings.TrimPrefix(string(r.Text), wire.ReportPrefix))
		}
	}
	for n := range m.first {
		if r, ok := h.records[n]; ok {
			m.ordinary = append(m.ordinary, string(r.Text))
		}
	}
	if m.end.Records != last-m.first+1 || m.end.Lost != uint64(len(m.missing)) {
		t.Errorf("end says %d records, %d lost; there are %d numbers, %d missing", m.end.Records, m.end.Lost, last-m.first+1, len(m.missing))
	}
	return m, true
}
