package source

import (
	"cmp"
	"container/heap"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"gasp/internal/keys"
	"gasp/internal/sealedmodel"
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

// newDevice makes one with the key.
func newDevice(k *keys.Key, boot byte, now time.Time, out func([]byte)) *sealedmodel.Device {
	return sealedmodel.New(&k.Secret, &[wire.BootSize]byte{boot, 'b', 'o', 'o', 't'}, now, out)
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
	device  *sealedmodel.Device
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
			w.carry(w.now, func(now time.Time) {
				if err := w.device.Hear(b, now); err != nil {
					panic(err)
				}
			})
		}
	}
	w.table = NewTable(w.journal, o)
	w.boot(&k, 'a')
	return w
}

func (w *world) boot(k *keys.Key, boot byte) {
	w.device = newDevice(k, boot, w.now, func(b []byte) {
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
		w.device.Tick(w.now)
		if w.now.Sub(start)%(25*time.Millisecond) == 0 {
			w.table.Tick(w.now)
		}
	}
}

// until lets time pass until the device is done, at most so long.
func (w *world) until(d time.Duration) {
	for end := w.now.Add(d); !w.device.Done() && w.now.Before(end); {
		w.pass(25 * time.Millisecond)
	}
}
