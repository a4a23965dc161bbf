package source

import (
	"cmp"
	"container/heap"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"gasp/internal/keys"
	"gasp/netlog/wire"
)

var sealedSender = netip.MustParseAddrPort("10.0.2.16:6665")

func testKey(t testing.TB, name string) keys.Key {
	t.Helper()
	var seed [32]byte
	copy(seed[:], name)
	k, err := keys.Generate(rand.NewChaCha8(seed), name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// model is a device that keeps the rules of docs/protocol.md, as simply as they can be kept.
type model struct {
	sealer  *wire.Sealer
	number  uint64
	ring    []wire.Record // all records; the numbers of those kept back have the level 7
	size    uint64        // how many of the newest it can still send
	handed  uint64        // the numbers below were sent, or passed over
	acked   uint64
	believe wire.Answer
	answer  time.Time // when the last one came
	started time.Time
	asked   time.Time // when it sent the last Want
	pause   time.Duration
	sent    time.Time
	wanted  []uint64
	resent  map[uint64]time.Time
	dying   bool
	over    bool
	beat    time.Duration
	oneWay  bool
	several bool // it has another log host, the first one
	out     func([]byte)
}

const modelBeat = time.Second

func newModel(k *keys.Key, boot byte, now time.Time, out func([]byte)) *model {
	return &model{sealer: wire.NewSealer(&k.Secret, &[wire.BootSize]byte{boot, 'b', 'o', 'o', 't'}), size: 4096, started: now,
		resent: map[uint64]time.Time{}, beat: modelBeat, out: out}
}

func (d *model) log(level uint8, now time.Time, text string) {
	d.ring = append(d.ring, wire.Record{Level: level, Seq: uint64(len(d.ring)), Time: d.uptime(now), Text: []byte(text)})
}

func (d *model) uptime(now time.Time) uint64 { return uint64(now.Sub(d.started) / time.Microsecond) }

func (d *model) oldest() uint64 {
	if n := uint64(len(d.ring)); n > d.size {
		return n - d.size
	}
	return 0
}

// send sends what the numbers are, as many datagrams as that takes.
func (d *model) send(now time.Time, want bool, numbers ...uint64) {
	b := d.sealer.Begin(make([]byte, 0, wire.MaxSealed))
	for _, n := range numbers {
		size, r := wire.SpanItemSize, wire.Record{}
		if n >= d.oldest() && d.ring[n].Level < 7 {
			r = d.ring[n]
			size = wire.RecordItemSize(&r)
		}
		if d.sealer.Items(b)+size > wire.MaxSealed-wire.SealedOverhead {
			d.seal(b, now, want)
			b = d.sealer.Begin(make([]byte, 0, wire.MaxSealed))
		}
		switch {
		case n < d.oldest():
			b = wire.AppendSpanItem(b, wire.ItemGone, n, n)
		case d.ring[n].Level == 7:
			b = wire.AppendSpanItem(b, wire.ItemHeldBack, n, n)
		default:
			b = wire.AppendRecordItem(b, &r)
		}
	}
	d.seal(b, now, want)
}

func (d *model) seal(b []byte, now time.Time, want bool) {
	d.number++
	s := wire.Status{Time: d.uptime(now), Next: d.handed, Oldest: d.oldest(), Heartbeat: uint16(d.beat / (time.Second / 10)),
		Want: want, Dying: d.dying, Over: d.over && d.handed == uint64(len(d.ring)), Proof: d.believe.Session}
	if d.several {
		s.Proof = [wire.BootSize]byte([]byte("another's session"))
		b = wire.AppendProofItem(b, &[wire.BootSize]byte{1})
		b = wire.AppendProofItem(b, &d.believe.Session)
	}
	d.sent = now
	d.out(d.sealer.Seal(b, d.number, &s))
}

// tick does what is due.
func (d *model) tick(now time.Time) {
	heard := d.believe.Number > 0
	if d.number == 0 {
		d.asked, d.pause = now, 50*time.Millisecond
		d.send(now, true)
		return
	}
	if d.handed < uint64(len(d.ring)) && (heard || d.oneWay || d.dying || now.Sub(d.started) >= time.Second) {
		from := d.handed
		const atOnce = 200
		d.handed = min(from+atOnce, uint64(len(d.ring)))
		d.send(now, false, numbersFrom(from, d.handed)...)
	}
	if len(d.wanted) > 0 {
		var again []uint64
		for _, n := range d.wanted {
			if now.Sub(d.resent[n]) >= 20*time.Millisecond && n < d.handed {
				again = append(again, n)
				d.resent[n] = now
			}
		}
		d.wanted = nil
		if len(again) > 0 {
			d.send(now, false, again...)
		}
	}
	quiet := now.Sub(d.answer)
	if (d.acked < d.handed || !heard) && quiet >= 50*time.Millisecond && now.Sub(d.asked) >= d.pause {
		d.asked, d.pause = now, min(2*d.pause, time.Second)
		d.send(now, true)
	}
	if now.Sub(d.sent) >= d.beat {
		d.send(now, false)
	}
}

func (d *model) hear(b []byte, now time.Time) {
	a, err := d.sealer.OpenAnswer(slices.Clone(b))
	if err != nil || !a.Newer(&d.believe) {
		return
	}
	if a.Runs > 0 && a.Upto > a.Wanted[0].First || a.Heard > d.number && a.Heard != wire.LastNumber {
		panic(fmt.Sprintf("the log host has heard %d of %d, and wants what it has: %+v", a.Heard, d.number, a))
	}
	d.believe, d.answer, d.pause = a, now, 50*time.Millisecond
	d.acked = max(d.acked, a.Upto)
	d.wanted = nil
	for _, r := range a.Wanted[:a.Runs] {
		d.wanted = append(d.wanted, numbersFrom(r.First, min(r.Last+1, uint64(len(d.ring))))...)
	}
}

// crash logs a report, its headline at once and alone.
func (d *model) crash(now time.Time, lines int) {
	d.dying = true
	d.number = wire.FirstCrashNumber - 1
	first := uint64(len(d.ring))
	h := wire.Headline{Boot: bootA, Cause: []byte("panic: oh"), HasPC: true, PC: 5, HasLast: first > 0, Last: first - 1, Unsent: first - d.handed}
	d.log(0, now, string(wire.AppendHeadline(nil, &h, wire.HeadlineMax)))
	d.send(now, false, first)
	for i := range lines {
		d.log(0, now, fmt.Sprint(wire.ReportPrefix, "line ", i))
	}
	d.log(0, now, string(wire.AppendEnd(nil, &wire.End{Boot: bootA, Records: uint64(lines) + 2})))
	d.over = true
}

func (d *model) done() bool { return d.acked == uint64(len(d.ring)) && d.handed == uint64(len(d.ring)) }

func numbersFrom(from, to uint64) (list []uint64) {
	for ; from < to; from++ {
		list = append(list, from)
	}
	return list
}

// network carries datagrams both ways, each to its function, and loses, doubles and delays them.
type network struct {
	random               *rand.Rand
	loss, double, jitter float64
	late                 time.Duration // how much later a delayed one comes, at most
	queue                flights
	count                int
}

type flight struct {
	at    time.Time
	order int
	do    func(now time.Time)
}

type flights []flight

func (f flights) Len() int { return len(f) }
func (f flights) Less(a, b int) bool {
	return cmp.Or(f[a].at.Compare(f[b].at), cmp.Compare(f[a].order, f[b].order)) < 0
}
func (f flights) Swap(a, b int) { f[a], f[b] = f[b], f[a] }
func (f *flights) Push(x any)   { *f = append(*f, x.(flight)) }
func (f *flights) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}

// carry sends one datagram, and says whether a copy of it arrives.
func (n *network) carry(now time.Time, do func(now time.Time)) (arrives bool) {
	for copies := 1 + b2i(n.random.Float64() < n.double); copies > 0; copies-- {
		if n.random.Float64() < n.loss {
			continue
		}
		at := now.Add(time.Millisecond)
		if n.random.Float64() < n.jitter {
			at = at.Add(time.Duration(n.random.Int64N(int64(n.late))))
		}
		n.count++
		heap.Push(&n.queue, flight{at, n.count, do})
		arrives = true
	}
	return arrives
}

// run lets what is on the way up to a time arrive.
func (n *network) run(to time.Time) {
	for len(n.queue) > 0 && !n.queue[0].at.After(to) {
		f := heap.Pop(&n.queue).(flight)
		f.do(f.at)
	}
}

// world is a device, a network and a table.
type world struct {
	network
	table   *Table
	journal *journal
	device  *model
	now     time.Time
	from    netip.AddrPort
	heard   [][]byte // what the device sent
}

// newWorld returns one in which a device has just started. Its network is good.
func newWorld(t testing.TB, seed uint64, o Options) *world {
	t.Helper()
	k := testKey(t, "device")
	w := &world{network: network{random: rand.New(rand.NewPCG(seed, 1)), late: 60 * time.Millisecond}, journal: new(journal), now: start, from: sealedSender}
	if o.Keys == nil {
		o.Keys = []keys.Key{k}
	}
	var secret [32]byte
	secret[0] = byte(seed)
	o.Random = rand.NewChaCha8(secret)
	o.Answer = func(via int, to netip.AddrPort, b []byte) {
		if to == w.from {
			b = slices.Clone(b)
			w.carry(w.now, func(now time.Time) { w.device.hear(b, now) })
		}
	}
	w.table = NewTable(w.journal, o)
	w.boot(&k, 'a')
	return w
}

func (w *world) boot(k *keys.Key, boot byte) {
	w.device = newModel(k, boot, w.now, func(b []byte) {
		b = slices.Clone(b)
		w.heard = append(w.heard, b)
		w.carry(w.now, func(now time.Time) { w.arrive(now, w.from, b) })
	})
}

func (w *world) arrive(now time.Time, from netip.AddrPort, b []byte) {
	w.table.Datagram(&Datagram{At: now, From: from, Data: b, Size: len(b)})
}

// pass lets time pass, and the device and the table do what is due.
func (w *world) pass(d time.Duration) {
	const step = 5 * time.Millisecond
	for end := w.now.Add(d); w.now.Before(end); w.now = w.now.Add(step) {
		w.run(w.now)
		w.device.tick(w.now)
		if w.now.Sub(start)%(25*time.Millisecond) == 0 {
			w.table.Tick(w.now)
		}
	}
}

// until lets time pass until the device is done, at most so long.
func (w *world) until(d time.Duration) {
	for end := w.now.Add(d); !w.device.done() && w.now.Before(end); {
		w.pass(25 * time.Millisecond)
	}
}
