package source

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// netipAddrPort is for tests that have no other use for the package.
type netipAddrPort = netip.AddrPort

// spoofed is an invented address.
func spoofed(i int) netip.AddrPort {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], 0x0b000000+uint32(i)*7)
	return netip.AddrPortFrom(netip.AddrFrom4(a), uint16(1024+i%1000))
}

// lies are what invented senders send, in every format, and whatever makes the most work.
func lies(i int, text string) []byte {
	switch i % 8 {
	case 0:
		return []byte(text + "\n")
	case 1:
		return []byte(text) // waits for its newline
	case 2:
		return []byte(extended(6, uint64(i), text))
	case 3:
		return fmt.Appendf(nil, "6,%d,%d,-,ncfrag=60000/65536;%s", i, i, text)
	case 4:
		return []byte(extended(0, uint64(i), fmt.Sprintf("gasp: crash %016x: a lie\ngasp: at pc=0x1", i)))
	case 5:
		return []byte("<13>1 - - - - - - " + text)
	case 6:
		return []byte(fmt.Sprintf("6,%d,1,-,ncfrag=9/3;x", i))
	}
	return append([]byte("\xf5gs\x01\x01\x00\x00\x00"), text...)
}

// census is a sink that notes what the real senders are said to have said.
type census struct {
	real  map[string]*[]string
	bytes int
}

func (c *census) Record(r *Record) {
	c.bytes += len(r.Text)
	if list := c.real[r.From.Host()]; list != nil {
		*list = append(*list, fmt.Sprint(r.Seq, " ", len(r.Text), r.Late, r.Damaged))
	}
}

func (c *census) Note(n *Note) {
	if list := c.real[n.From.Host()]; list != nil {
		*list = append(*list, n.Text())
	}
}
func (c *census) CrashBegin(*Crash)                 {}
func (c *census) CrashRecord(*Crash, *Record)       {}
func (c *census) CrashDatagram(*Crash, *Datagram)   {}
func (c *census) Repeated(*Crash, time.Time)        {}
func (c *census) CrashEnd(*Crash)                   {}
func (c *census) lines(host string) (list []string) { return *c.real[host] }

// TestAMillionInventedSenders: beside them a hundred real ones, whose datagrams come doubled, out of order
// and in fragments, are shown as if they were alone; and what is kept is bounded.
func TestAMillionInventedSenders(t *testing.T) {
	const real, records = 100, 200
	invented := tries()
	random := rand.New(rand.NewPCG(3, 3))
	c := &census{real: make(map[string]*[]string)}
	table := NewTable(c, Options{})
	long := strings.Repeat("y", 2500)

	// What the real ones send: of every record its pieces, some of them twice, within 100 ms.
	type arrival struct {
		at   time.Duration
		from netip.AddrPort
		data string
	}
	var arrivals []arrival
	want := map[string][]string{}
	const every = 20 * time.Millisecond
	for i := range real {
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 6665)
		host := from.Addr().String()
		c.real[host] = new([]string)
		for seq := range uint64(records) {
			text := "real"
			if seq%10 == 9 {
				text = long
			}
			want[host] = append(want[host], fmt.Sprint(seq, " ", len(text), false, false))
			for _, piece := range fragmentsOf(extended(6, seq, text)) {
				for range 1 + random.IntN(2) {
					late := time.Duration(0)
					if seq > 0 {
						late = time.Duration(random.Int64N(int64(100 * time.Millisecond)))
					}
					arrivals = append(arrivals, arrival{time.Duration(seq)*every + late, from, piece})
				}
			}
		}
	}
	slices.SortStableFunc(arrivals, func(a, b arrival) int { return int(a.at - b.at) })

	runtime.GC()
	var before, m runtime.MemStats
	runtime.ReadMemStats(&before)
	peak := uint64(0)
	sent := 0
	lie := func(now time.Time) {
		b := lies(sent, "an invented sender says this, and it is as long as a line of a log often is: about 100 bytes")
		table.Datagram(&Datagram{At: now, From: spoofed(sent), Data: b, Size: len(b)})
		sent++
	}
	tick := time.Duration(0)
	for i, a := range arrivals {
		for ; tick < a.at; tick += 25 * time.Millisecond {
			table.Tick(start.Add(tick))
		}
		now := start.Add(max(a.at, tick))
		for sent < invented*(i+1)/len(arrivals) {
			lie(now)
			if sent%(invented/20) == 0 {
				runtime.GC()
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
		table.Datagram(&Datagram{At: now, From: a.from, Data: []byte(a.data), Size: len(a.data)})
	}
	checkMemory(t, table)
	table.Flush(start.Add(tick + time.Second))
	for host, lines := range want {
		if got := c.lines(host); !slices.Equal(got, lines) {
			i := 0
			for i < min(len(got), len(lines)) && got[i] == lines[i] {
				i++
			}
			t.Fatalf("%s: after %d lines as they should be %q, want %q", host, i, got[i:min(i+5, len(got))], lines[i:min(i+5, len(lines))])
		}
	}
	kept := int(peak - min(peak, before.HeapAlloc))
	s := table.Stats()
	t.Logf("%d invented senders beside %d real ones: %d MiB kept at most; %d forgotten; refused %v", sent, real, kept>>20, s.Forgotten, s.Rejected)
	if kept > DefaultMemory {
		t.Errorf("%d MiB are kept", kept>>20)
	}
	if len(table.sources.machines) > table.sources.fresh.size/baseSize+MaxSources {
		t.Errorf("%d senders are on the table", len(table.sources.machines))
	}
}

// TestPersistentInventedSenders: those that send enough to be settled get memory of their own, and still
// take none from one that was settled before.
func TestPersistentInventedSenders(t *testing.T) {
	j := new(journal)
	table := NewTable(j, Options{})
	say := func(from netip.AddrPort, at time.Duration, d string) {
		table.Datagram(&Datagram{At: start.Add(at), From: from, Data: []byte(d), Size: len(d)})
	}
	for seq := range uint64(20) {
		say(sender, time.Duration(seq), extended(6, seq, "x"))
	}
	at := time.Minute
	for i := range 3 * MaxSources {
		for n := range 12 {
			say(spoofed(i), at, extended(6, uint64(2*n), strings.Repeat("y", 700)))
		}
	}
	if table.sources.machines[sender] == nil {
		t.Error("the settled sender was forgotten")
	}
	if n := table.sources.settled.order.Len(); n > MaxSources || n < 100 {
		t.Errorf("%d senders are settled", n)
	}
	checkMemory(t, table)
	// When they are silent for long enough, a new one takes the place of one of them.
	at += idleAfter + time.Minute
	say(sender, at, extended(6, 20, "x"))
	newcomer := netip.MustParseAddrPort("10.9.9.9:6665")
	for seq := range uint64(20) {
		say(newcomer, at, extended(6, seq, "x"))
	}
	if m := table.sources.machines[newcomer]; m == nil || m.home.pool != &table.sources.settled {
		t.Error("no place was made for a new sender")
	}
	if table.sources.machines[sender] == nil {
		t.Error("the settled sender was forgotten")
	}
}

// TestManyPortsOfAnAddress: what one machine can send without inventing an address takes places from
// itself only.
func TestManyPortsOfAnAddress(t *testing.T) {
	table := NewTable(new(journal), Options{})
	d := []byte("x\n")
	for port := range 5000 {
		for _, from := range []string{"10.1.1.1", fmt.Sprintf("2001:db8::%x", port)} {
			table.Datagram(&Datagram{At: start, From: netip.AddrPortFrom(netip.MustParseAddr(from), uint16(1000+port)), Data: d, Size: 2})
		}
	}
	if n := len(table.sources.machines); n != 2*maxPlace || len(table.sources.places) != 2 {
		t.Errorf("%d senders of %d places", n, len(table.sources.places))
	}
	checkMemory(t, table)
}

// BenchmarkInvented is what a datagram of an invented sender costs, with few and with many on the table.
func BenchmarkInvented(b *testing.B) {
	for _, before := range []int{1000, 1_000_000} {
		b.Run(fmt.Sprintf("after %d", before), func(b *testing.B) {
			table := NewTable(&census{}, Options{})
			d := []byte(extended(6, 1, "an invented sender says this"))
			i := 0
			say := func() {
				table.Datagram(&Datagram{At: start, From: spoofed(i), Data: d, Size: len(d)})
				i++
			}
			for range before {
				say()
			}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				say()
			}
		})
	}
}
