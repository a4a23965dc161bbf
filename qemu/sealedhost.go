package qemu

import (
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"sync"
	"time"

	"gasp/netlog/wire"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// SealedHost is a log host for one boot of a machine that seals what it logs: it believes what proves itself, answers,
// and asks for what is missing. The path to it may lose, double and delay datagrams, and the one back. Set the fields
// and give Receive to a Wire as its Deliver, before Start.
type SealedHost struct {
	Key  wire.Key
	Wire *Wire
	// Rate is how many of a hundred datagrams are lost, so many are doubled, and so many come late, in either direction.
	Rate int
	Seed uint64

	mu       sync.Mutex
	random   *mathrand.Rand
	opener   *wire.Opener
	boot     [wire.BootSize]byte
	session  [wire.BootSize]byte
	window   wire.Window
	from     Datagram // the newest: whom to answer
	records  map[uint64]wire.Record
	told     map[uint64]wire.ItemKind // numbers of records that do not come
	upto     uint64
	next     uint64 // numbers below are known to exist
	status   wire.Status
	number   uint64
	due      bool
	fresh    int
	news     time.Time
	answered time.Time
	repeat   time.Duration
	counts   SealedCounts
	words    []string // of the last level
}

// SealedCounts are a SealedHost's statistics, in datagrams but for Gone.
type SealedCounts struct {
	Datagrams int // believed
	Strange   int // not sealed, not for this key, or of another boot
	Unproved  int // of a machine that had not heard the log host
	Copies    int
	Answers   int
	Lost      int // either way
	Gone      int // records that the machine does not have any more
	HeldBack  int // records that it keeps back
}

const (
	answerPause  = 5 * time.Millisecond // between two answers
	answerAfter  = 50 * time.Millisecond
	answerMost   = 32 // datagrams
	firstAgain   = 100 * time.Millisecond
	longestAgain = time.Second
	latest       = 5 * time.Millisecond
)

// Receive takes a datagram.
func (h *SealedHost) Receive(d Datagram) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.random == nil {
		h.random = mathrand.New(mathrand.NewPCG(h.Seed, 0))
		h.records, h.told = map[uint64]wire.Record{}, map[uint64]wire.ItemKind{}
		rand.Read(h.session[:])
		go h.tick()
	}
	h.travel(func() { h.take(d) })
}

// travel does what the path does to one datagram that arrives by f.
func (h *SealedHost) travel(f func()) {
	hits := func() bool { return h.random.IntN(100) < h.Rate }
	copies := 1
	if hits() {
		copies = 2
	}
	for range copies {
		switch {
		case hits():
			h.counts.Lost++
		case hits():
			time.AfterFunc(time.Duration(h.random.Int64N(int64(latest))), func() {
				h.mu.Lock()
				defer h.mu.Unlock()
				f()
			})
		default:
			f()
		}
	}
}

// tick answers when it is time, as long as there is a machine.
func (h *SealedHost) tick() {
	for {
		time.Sleep(answerPause)
		h.mu.Lock()
		err := h.answer(time.Now())
		h.mu.Unlock()
		if errors.Is(err, ErrDetached) {
			return
		}
	}
}

func (h *SealedHost) take(d Datagram) {
	head, err := wire.ParseSealedHeader(d.Payload)
	if err != nil || head.Answer || head.ID != h.Key.ID() || h.opener != nil && head.Boot != h.boot {
		h.counts.Strange++
		return
	}
	if h.opener == nil {
		h.opener, h.boot = wire.NewOpener(&h.Key, &head.Boot), head.Boot
	}
	status, items, err := h.opener.Open(nil, d.Payload)
	if err != nil {
		h.counts.Strange++
		return
	}
	if !h.window.Fresh(head.Number) {
		h.counts.Copies++
		return
	}
	h.window.Take(head.Number)
	h.from, h.due = d, h.due || status.Want
	if !status.Proves(items, &h.session) {
		h.counts.Unproved++
		h.due = true
	} else {
		h.believe(head.Number, &status, items)
	}
	h.answer(time.Now())
}

func (h *SealedHost) believe(number uint64, status *wire.Status, items []byte) {
	h.counts.Datagrams++
	if number == h.window.Top() { // not a late one's
		h.status = *status
	}
	h.next = max(h.next, status.Next)
	if h.fresh++; h.fresh == 1 {
		h.news = time.Now()
	}
	for len(items) > 0 {
		item, rest, err := wire.NextItem(items)
		if err != nil {
			h.counts.Strange++
			return
		}
		items = rest
		switch item.Kind {
		case wire.ItemRecord:
			h.records[item.Record.Seq] = item.Record
			h.next = max(h.next, item.Record.Seq+1)
		case wire.ItemHeldBack, wire.ItemGone:
			h.next = max(h.next, item.Last+1)
			for n := max(item.First, h.upto); n <= item.Last; n++ {
				if !h.knows(n) {
					h.told[n] = item.Kind
				}
			}
		case wire.ItemLastWords:
			h.words = append(h.words, string(item.Record.Text))
		}
	}
	before := h.upto
	for h.knows(h.upto) {
		h.upto++
	}
	if h.upto > before {
		h.repeat = 0
	}
	h.due = h.due || h.upto < h.next && h.repeat == 0
}

func (h *SealedHost) knows(n uint64) bool {
	_, there := h.records[n]
	return there || h.told[n] != 0
}

// answer sends an answer if one is due.
func (h *SealedHost) answer(now time.Time) error {
	since := now.Sub(h.answered)
	switch {
	case h.opener == nil || since < answerPause:
		return nil
	case h.due, h.fresh >= answerMost, h.fresh > 0 && now.Sub(h.news) >= answerAfter:
	case h.upto < h.next && since >= max(h.repeat, firstAgain):
		h.repeat = min(2*max(h.repeat, firstAgain), longestAgain)
	default:
		return h.Wire.attached()
	}
	h.answered, h.due, h.fresh = now, false, 0
	h.number++
	h.counts.Answers++
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
	frame := answerFrame(h.from, h.opener.AppendAnswer(nil, &a))
	h.travel(func() {
		if h.Wire.offer(frame) != nil {
			h.counts.Lost++
		}
	})
	return h.Wire.attached()
}

// answerFrame is a frame that answers datagram d with payload.
func answerFrame(d Datagram, payload []byte) []byte {
	mac := d.TargetMAC
	if slices.Equal(mac, []byte(header.EthernetBroadcastAddress)) {
		mac = Host{Addr: d.Target.Addr()}.Hardware()
	}
	from, to := tcpip.AddrFromSlice(d.Target.Addr().AsSlice()), tcpip.AddrFromSlice(d.Source.Addr().AsSlice())
	length := uint16(header.UDPMinimumSize + len(payload))
	udp := header.UDP(append(make([]byte, header.UDPMinimumSize), payload...))
	udp.Encode(&header.UDPFields{SrcPort: d.Target.Port(), DstPort: d.Source.Port(), Length: length})
	udp.SetChecksum(^udp.CalculateChecksum(checksum.Checksum(payload, header.PseudoHeaderChecksum(header.UDPProtocolNumber, from, to, length))))
	if d.Target.Addr().Is6() {
		ip := make(header.IPv6, header.IPv6MinimumSize)
		ip.Encode(&header.IPv6Fields{PayloadLength: length, TransportProtocol: header.UDPProtocolNumber, HopLimit: 64, SrcAddr: from, DstAddr: to})
		return slices.Concat(linkHeader(mac, d.SourceMAC, d.VLAN, header.IPv6ProtocolNumber), []byte(ip), []byte(udp))
	}
	ip := make(header.IPv4, header.IPv4MinimumSize)
	ip.Encode(&header.IPv4Fields{TTL: 64, Protocol: uint8(header.UDPProtocolNumber), TotalLength: header.IPv4MinimumSize + length, SrcAddr: from, DstAddr: to})
	ip.SetChecksum(^ip.CalculateChecksum())
	return slices.Concat(linkHeader(mac, d.SourceMAC, d.VLAN, header.IPv4ProtocolNumber), []byte(ip), []byte(udp))
}

// Counts returns the statistics so far.
func (h *SealedHost) Counts() SealedCounts {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.counts
	for _, kind := range h.told {
		if kind == wire.ItemGone {
			c.Gone++
		} else {
			c.HeldBack++
		}
	}
	return c
}

// Missing is how many of the records that are known to exist the log host knows nothing of.
func (h *SealedHost) Missing() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := h.upto; i < h.next; i++ {
		if !h.knows(i) {
			n++
		}
	}
	return n
}

// Status is that of the newest datagram that was believed.
func (h *SealedHost) Status() wire.Status {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.status
}

// Log is all that was received: the headline of a crash, then the others in the order of their numbers.
func (h *SealedHost) Log() *Log {
	h.mu.Lock()
	defer h.mu.Unlock()
	var log Log
	headline := func(r wire.Record) bool {
		head, ok := wire.ParseHeadline(r.Text)
		return ok && head.Form == wire.Crash
	}
	for _, first := range []bool{true, false} {
		heldBack := uint64(0)
		for n := range h.next {
			if h.told[n] == wire.ItemHeldBack {
				heldBack++
			}
			if r, ok := h.records[n]; ok {
				r.Skip, heldBack = heldBack, 0
				if headline(r) == first {
					log.add(Record{r, true}, r.Text, 1)
				}
			}
		}
	}
	for _, words := range h.words {
		log.Stray = append(log.Stray, words)
	}
	if h.counts.Strange > 0 {
		log.Problems = append(log.Problems, fmt.Sprintf("%d datagrams are not of this machine's key and boot", h.counts.Strange))
	}
	return &log
}
