package source

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

func TestOrder(t *testing.T) {
	r := func(seq uint64) string { return extended(6, seq, "x") }
	skip := func(seq, skip uint64) string {
		return string(wire.AppendExtended(nil, &wire.Record{Seq: seq, Time: 1_000_000 + seq*1000, Skip: skip, Level: 6, Text: []byte("x")}))
	}
	at := func(seq, usec uint64) string {
		return string(wire.AppendExtended(nil, &wire.Record{Seq: seq, Time: usec, Level: 6, Text: []byte("x")}))
	}
	tests := []struct {
		name      string
		datagrams []string
		want      []string
	}{
		{"in order", []string{r(5), r(6), r(7)}, []string{"5 x", "6 x", "7 x"}},
		{"reordered", []string{r(5), r(8), r(7), r(6), r(9)}, []string{"5 x", "6 x", "7 x", "8 x", "9 x"}},
		{"doubled, at once and while held", []string{r(5), r(5), r(7), r(7), r(6), r(5), r(7)}, []string{"5 x", "6 x", "7 x"}},
		{"lost", []string{r(5), r(9), r(10), r(12)},
			[]string{"5 x", "-- 3 records missing (seq 6-8)", "9 x", "10 x", "-- 1 record missing (seq 11)", "12 x"}},
		{"reordered before the first one", []string{r(5), r(4), r(6)}, []string{"5 x", "4 x", "6 x"}},
		{"kept back by the sender's level", []string{r(5), skip(9, 3), r(10)}, []string{"5 x", "9 x", "10 x"}},
		{"kept back behind a loss", []string{r(5), skip(9, 2), r(10)}, []string{"5 x", "-- 1 record missing (seq 6)", "9 x", "10 x"}},
		{"a skip larger than the number", []string{r(5), skip(9, 1<<63)}, []string{"5 x", "9 x"}},
		{"rebooted, with smaller numbers", []string{at(5000, 9e6), at(5001, 9e6), at(0, 2e5), at(1, 3e5)}, []string{"5000 x", "5001 x", "reboot", "0 x", "1 x"}},
		{"rebooted, numbers not yet as far", []string{at(5, 9e6), at(6, 9e6), at(5, 2e5), at(6, 3e5)}, []string{"5 x", "6 x", "reboot", "5 x", "6 x"}},
		{"rebooted, and first heard of at a greater number", []string{at(5, 9e6), at(100, 2e5), at(101, 2e5)}, []string{"5 x", "reboot", "100 x", "101 x"}},
		{"rebooted, with a number that had been missing", []string{at(5, 9e6), at(900, 9.5e6), at(7, 2e5), at(8, 2e5)},
			[]string{"5 x", "-- 894 records missing (seq 6-899)", "900 x", "reboot", "7 x", "8 x"}},
		{"clocks of two CPUs", []string{at(5, 9_000_000), at(6, 8_900_000), at(7, 9_100_000)}, []string{"5 x", "6 x", "7 x"}},
		{"the greatest number", []string{r(5), at(1<<64-1, 1<<64-1)}, []string{"5 x", "-- 18446744073709551609 records missing (seq 6-18446744073709551614)", "18446744073709551615 x"}},
	}
	for _, test := range tests {
		expect(t, test.name, feed(t, test.datagrams...).lines, test.want...)
	}
}

func TestLateRecordIsShownAsLate(t *testing.T) {
	j := new(journal)
	table := NewTable(j, Options{})
	for i, seq := range []uint64{1, 3, 4} {
		d := extended(6, seq, "x")
		table.Datagram(&Datagram{At: start.Add(time.Duration(i)), From: sender, Data: []byte(d), Size: len(d)})
	}
	table.Tick(start.Add(ReorderWindow - time.Millisecond))
	expect(t, "within the window", j.lines, "1 x")
	table.Tick(start.Add(ReorderWindow + time.Millisecond))
	d := extended(6, 2, "x")
	for range 2 {
		table.Datagram(&Datagram{At: start.Add(2 * ReorderWindow), From: sender, Data: []byte(d), Size: len(d)})
	}
	expect(t, "behind the window", j.lines, "1 x", "-- 1 record missing (seq 2)", "3 x", "4 x", "2 x (late)")
	if s := table.Stats(); s.Missing != 0 || s.Late != 1 || s.Duplicates != 1 {
		t.Errorf("counted %d missing, %d late, %d duplicates, want 0, 1, 1", s.Missing, s.Late, s.Duplicates)
	}
}

// Whatever a network does to a sender's records, each is delivered once or named as missing.
func TestNetworksThatLoseDoubleAndReorder(t *testing.T) {
	tests := []struct {
		name               string
		loss, double       float64
		jitter             time.Duration
		inOrder, losesNone bool
	}{
		{"clean", 0, 0, 0, true, true},
		{"reorders within the window", 0, 0, ReorderWindow * 9 / 10, true, true},
		{"doubles and reorders", 0, 0.3, ReorderWindow * 9 / 10, true, true},
		{"loses", 0.1, 0, 0, true, false},
		{"loses, doubles and reorders", 0.2, 0.2, ReorderWindow / 4, false, false},
		{"reorders beyond the window", 0.05, 0.1, 3 * ReorderWindow, false, false},
	}
	for _, test := range tests {
		for seed := range uint64(4) {
			random := rand.New(rand.NewPCG(seed, 7))
			type arrival struct {
				at   time.Time
				data string
			}
			var arrivals []arrival
			sent := make(map[uint64]bool)
			const first, count = 1000, 3000
			for seq := uint64(first); seq < first+count; seq++ {
				left := start.Add(time.Duration(seq) * time.Millisecond)
				text := fmt.Sprint("record ", seq)
				if seq%50 == 0 {
					text += strings.Repeat("-", 2500)
				}
				pieces := fragmentsOf(extended(6, seq, text))
				for _, piece := range pieces {
					for copies := 1 + b2i(random.Float64() < test.double); copies > 0; copies-- {
						if seq != first && random.Float64() < test.loss {
							continue
						}
						// The first one arrives first, so that all others are expected.
						delay := time.Duration(0)
						if test.jitter > 0 && seq != first {
							delay = time.Duration(random.Int64N(int64(test.jitter)))
							if len(pieces) > 1 {
								delay = min(delay, FragmentWindow*9/10)
							}
						}
						arrivals = append(arrivals, arrival{left.Add(delay), piece})
						sent[seq] = true
					}
				}
			}
			sort.SliceStable(arrivals, func(a, b int) bool { return arrivals[a].at.Before(arrivals[b].at) })
			j := new(journal)
			table := NewTable(j, Options{})
			now := start
			for _, a := range arrivals {
				for ; now.Before(a.at); now = now.Add(5 * time.Millisecond) {
					table.Tick(now)
				}
				table.Datagram(&Datagram{At: a.at, From: sender, Data: []byte(a.data), Size: len(a.data)})
			}
			settle(t, table, now)

			if slices.Contains(j.lines, "reboot") {
				t.Fatalf("%s: seed %d: took it for a reboot", test.name, seed)
			}
			if s := table.Stats(); s.Bad != 0 {
				t.Fatalf("%s: seed %d: %d bad datagrams", test.name, seed, s.Bad)
			}
			seen := make(map[uint64]int)
			for _, seq := range j.seqs {
				seen[seq]++
			}
			last := slices.Max(j.seqs)
			for seq := uint64(first); seq <= last; seq++ {
				if seen[seq]+b2i(j.missing[seq]) != 1 {
					t.Fatalf("%s: seed %d: record %d delivered %d times, missing %v", test.name, seed, seq, seen[seq], j.missing[seq])
				}
				if sent[seq] && j.missing[seq] {
					t.Fatalf("%s: seed %d: record %d arrived but is called missing", test.name, seed, seq)
				}
			}
			if test.losesNone && (len(j.missing) > 0 || j.late > 0 || len(j.seqs) != count) {
				t.Fatalf("%s: seed %d: %d of %d records, %d missing, %d late", test.name, seed, len(j.seqs), count, len(j.missing), j.late)
			}
			if test.inOrder && !slices.IsSorted(j.seqs) {
				t.Fatalf("%s: seed %d: not in order", test.name, seed)
			}
			if s := table.Stats(); s.Missing != uint64(len(j.missing)) || s.Records != uint64(len(j.seqs)) {
				t.Fatalf("%s: seed %d: counted %d records and %d missing, want %d and %d", test.name, seed, s.Records, s.Missing, len(j.seqs), len(j.missing))
			}
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestFragments(t *testing.T) {
	long := strings.Repeat("0123456789", 250)
	f := fragmentsOf(extended(6, 7, long))
	if len(f) != 3 {
		t.Fatalf("%d fragments, want 3", len(f))
	}
	six, eight := extended(6, 6, "six"), extended(6, 8, "eight")
	whole := []string{"6 six", "7 " + long, "8 eight"}
	expect(t, "in order", feed(t, six, f[0], f[1], f[2], eight).lines, whole...)
	expect(t, "reordered, doubled and between others", feed(t, six, f[2], eight, f[0], f[0], f[2], f[1], f[1]).lines, whole...)

	header := strings.Index(f[1], ";") + 1
	hole := len(f[1]) - header
	offset := len(f[0]) - strings.Index(f[0], ";") - 1
	damaged := "7 " + long[:offset] + fmt.Sprintf("[... %d bytes missing ...]", hole) + long[offset+hole:] + " (damaged)"
	expect(t, "one lost", feed(t, six, f[0], f[2], eight).lines, "6 six", damaged, "8 eight")
	lines := feed(t, f[0][:len(f[0])-1]+"\x00", "6,1,2,-,ncfrag=5/3;x").lines
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "-- bad datagram of 20 bytes: ncfrag") || !strings.HasSuffix(lines[1], "(damaged)") {
		t.Errorf("contradictory fragments: shown was %q", lines)
	}
}

func TestBasic(t *testing.T) {
	long := strings.Repeat("0123456789", 250)
	var chunks []string
	for pos := 0; ; {
		d, ok := wire.NextBasic(nil, []byte(basic(3, long)), &pos)
		if !ok {
			break
		}
		chunks = append(chunks, string(d))
	}
	expect(t, "chunks", feed(t, basic(2, "two"), chunks[0], chunks[1], chunks[2], basic(4, "four\nand more")).lines, "two", long, "four\nand more")
	expect(t, "a lost last chunk", feed(t, chunks[0], basic(4, "four")).lines, long[:1000-15], "four")
	expect(t, "no newline", feed(t, "hello").lines, "hello")
	expect(t, "a line in pieces", feed(t, "[    1.000000] a... ", "done\n").lines, "a... done")
	expect(t, "reboot", feed(t, basic(5000, "a"), basic(0, "b")).lines, "a", "reboot", "b")
	endless := feed(t, slices.Repeat([]string{strings.Repeat("x", 1000)}, 100)...)
	if len(endless.lines) < 5 || len(endless.lines) > 10 {
		t.Errorf("100 kB without a newline came as %d records", len(endless.lines))
	}
}

func TestBadDatagrams(t *testing.T) {
	j := feed(t, "", strings.Repeat("\x1b", 65507), "fine\n")
	expect(t, "bad", j.lines,
		"-- bad datagram of 0 bytes: empty datagram",
		"-- bad datagram of 65507 bytes: datagram longer than 9000 bytes: "+strings.Repeat(`\x1b`, 60)+"...",
		"fine")
}

func TestMemoryIsBounded(t *testing.T) {
	j := new(journal)
	table := NewTable(j, Options{})
	text := strings.Repeat("y", 900)
	for n := range MaxSources + 200 {
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 6665)
		for i := range uint64(40) {
			// Every record leaves a gap, and every other one is a fragment of something large.
			d := extended(6, 2*i, text)
			if i%2 == 1 {
				d = fmt.Sprintf("6,%d,%d,-,ncfrag=0/65536;%s", 2*i, 1_000_000+i, text)
			}
			table.Datagram(&Datagram{At: start.Add(time.Duration(n)), From: from, Data: []byte(d), Size: len(d)})
		}
		if n := table.sources.settled.order.Len(); n > MaxSources {
			t.Fatalf("%d senders are settled, want %d at most", n, MaxSources)
		}
		for _, left := range []int{table.sources.fresh.left, table.sources.settled.left} {
			if left < -2*wire.MaxAccepted {
				t.Fatalf("%d bytes more than allowed are waiting", -left)
			}
		}
	}
	checkMemory(t, table)
	settle(t, table, start)
}

func TestIdlestSenderMakesWay(t *testing.T) {
	j := new(journal)
	table := NewTable(j, Options{})
	address := func(n int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}), 6665)
	}
	say := func(n int, at time.Duration, d string) {
		table.Datagram(&Datagram{At: start.Add(at), From: address(n), Data: []byte(d), Size: len(d)})
	}
	say(0, 0, extended(0, 1, "gasp: crash 0123456789abcdef: oh"))
	n := 1
	for ; table.Stats().Forgotten == 0; n++ {
		say(n, time.Duration(n), extended(6, 1, "x"))
	}
	if n < 1000 || n > table.sources.fresh.size/baseSize {
		t.Errorf("%d new senders had room", n)
	}
	if table.sources.machines[address(0)] == nil {
		t.Error("the sender in the middle of its crash report was forgotten")
	}
	if table.sources.machines[address(1)] != nil || table.sources.machines[address(2)] == nil {
		t.Error("another one than the idlest sender was forgotten")
	}
}

func FuzzTable(f *testing.F) {
	f.Add([]byte("6,1,2,-;a\n\x006,3,4,-,ncfrag=0/9;abc\x00[    1.000000] gasp: crash 0123456789abcdef: x\n"))
	f.Add([]byte(extended(0, 5, "gasp: crash 0123456789abcdef: x") + "\x00" + extended(0, 6, "gasp: end of crash 0123456789abcdef: 2 records, 0 lost")))
	f.Add([]byte("0,1,1,-;gasp| x\x000,9,1,-;gasp: end of crash 0123456789abcdef: 18446744073709551615 records, 0 lost\x000,0,9,-;gasp: crash 0123456789abcdef: x"))
	for _, encode := range formats {
		d := report(bootA, encode, 2, 0)
		f.Add([]byte(strings.Join(slices.Concat(d[:5], d, d[:1]), "\x00")))
		bare := encode(0, 0, "gasp: crash 0123456789abcdef: died, and the report of it failed")
		f.Add([]byte(strings.Join(slices.Concat(side(wire.Report, bootA, encode, 1, 1), []string{bare}, side(wire.Kept, bootA, encode, 1, 1), d[:5]), "\x00")))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		var datagrams []string
		for _, d := range strings.Split(string(script), "\x00") {
			datagrams = append(datagrams, d)
		}
		feed(t, datagrams...)
	})
}

// TestRecordsBeforeTheFirstOne: what comes before the first record that was heard is shown, and what is missing
// between is named and counted, once nothing of it can be only late.
func TestRecordsBeforeTheFirstOne(t *testing.T) {
	skip := func(seq, skip uint64) string {
		return string(wire.AppendExtended(nil, &wire.Record{Level: 6, Seq: seq, Time: 1_000_000 + seq*1000, Skip: skip, Text: []byte("x")}))
	}
	for name, tt := range map[string]struct {
		datagrams []string
		want      string
	}{
		"in order":           {[]string{extended(6, 4, "x"), extended(6, 5, "x")}, "4 x;5 x"},
		"the one before":     {[]string{extended(6, 4, "x"), extended(6, 3, "x"), extended(6, 5, "x")}, "4 x;3 x;5 x"},
		"others are missing": {[]string{extended(6, 9, "x"), extended(6, 2, "x"), skip(6, 2), extended(6, 10, "x")}, "9 x;2 x;6 x;10 x;" + MissingText(3, 3) + ";" + MissingText(7, 8)},
		"and one comes":      {[]string{extended(6, 9, "x"), extended(6, 6, "x"), extended(6, 8, "x"), extended(6, 7, "x")}, "9 x;6 x;8 x;7 x"},
	} {
		j := feed(t, tt.datagrams...)
		if got := strings.Join(j.lines, ";"); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	j := new(journal)
	table := NewTable(j, Options{})
	now := start
	hear := func(seq uint64) {
		d := extended(6, seq, "x")
		table.Datagram(&Datagram{At: now, From: sender, Data: []byte(d), Size: len(d)})
	}
	hear(9)
	hear(6)
	now = now.Add(2 * ReorderWindow)
	table.Tick(now)
	if table.Stats().Missing != 2 {
		t.Errorf("%d are counted as missing, want 2", table.Stats().Missing)
	}
	hear(7)
	if s := table.Stats(); s.Missing != 1 || s.Late != 1 {
		t.Errorf("one came late: %d are missing, %d late", s.Missing, s.Late)
	}
	settle(t, table, now)
}
