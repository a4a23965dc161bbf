package source

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// written is a sink that writes down everything of the records.
type written struct {
	journal
	records []string
}

func (w *written) Record(r *Record) {
	w.journal.Record(r)
	level := "-"
	if r.HasLevel() {
		level = fmt.Sprint(r.Facility, "/", LevelName(r.Level))
	}
	w.records = append(w.records, fmt.Sprintf("%s %s %d %q %q release=%s", r.Format, level, r.Seq, r.Text, r.Dict, r.Release))
}

func write(t *testing.T, datagrams ...string) *written {
	t.Helper()
	w := new(written)
	table := NewTable(w, Options{})
	for i, d := range datagrams {
		table.Datagram(&Datagram{At: start.Add(time.Duration(i) * time.Millisecond), From: sender, Data: []byte(d), Size: len(d)})
	}
	settle(t, table, start.Add(time.Second))
	return w
}

// TestLinux: what kernels from 6.1 to 6.17 send (drivers/net/netconsole.c, Documentation/networking/
// netconsole.rst): a release in front, userdata and sysdata in the dictionary, fragments of them.
func TestLinux(t *testing.T) {
	w := write(t,
		"6.4.0,6,444,501151268,-;netconsole: network logging started\n",
		"6,416,1758426,-,caller=T1;usb 2-1: new device\n SUBSYSTEM=usb\n DEVICE=c189:128\n",
		"12,607,22085407756,-;This is a message\n foo=bar\n cpu=42\n taskname=systemd\n release=6.17.0\n msgid=7\n\x00",
		"6.17.0,12,608,22085407757,-,ncfrag=0/40;a long message\n foo",
		"6.17.0,12,608,22085407757,-,ncfrag=19/40;=bar\n cpu=1\n msgid=8\n",
	)
	expect(t, "records", w.records,
		`extended 0/info 444 "netconsole: network logging started" "" release=6.4.0`,
		`extended 0/info 416 "usb 2-1: new device" "SUBSYSTEM=usb\nDEVICE=c189:128\n" release=`,
		`extended 1/warn 607 "This is a message" "foo=bar\ncpu=42\ntaskname=systemd\nrelease=6.17.0\nmsgid=7\n" release=`,
		`extended 1/warn 608 "a long message" "foo=bar\ncpu=1\nmsgid=8\n" release=6.17.0`)
}

func withID(seq, id uint64) string {
	return fmt.Sprintf("6,%d,%d,-;x\n cpu=1\n msgid=%d\n", seq, 1_000_000+seq*1000, id)
}

// TestMessageIDs: with them it is known what was lost and what the console's level kept back.
func TestMessageIDs(t *testing.T) {
	tests := []struct {
		name      string
		datagrams []string
		want      []string
		missing   uint64
	}{
		{"kept back", []string{withID(5, 1), withID(9, 2), withID(10, 3)}, []string{"5 x", "9 x", "10 x"}, 0},
		{"kept back, and out of order", []string{withID(5, 1), withID(20, 3), withID(9, 2), withID(21, 4)}, []string{"5 x", "9 x", "20 x", "21 x"}, 0},
		{"one lost of four", []string{withID(5, 1), withID(10, 3), withID(11, 4)}, []string{"5 x", "-- 1 record missing of 6-9", "10 x", "11 x"}, 1},
		{"all lost", []string{withID(5, 1), withID(8, 4)}, []string{"5 x", "-- 2 records missing (seq 6-7)", "8 x"}, 2},
		{"wrapped", []string{withID(5, 1<<32-1), withID(9, 0), withID(12, 2)}, []string{"5 x", "9 x", "-- 1 record missing of 10-11", "12 x"}, 1},
		{"a lie", []string{withID(5, 1), withID(8, 100)}, []string{"5 x", "-- 2 records missing (seq 6-7)", "8 x"}, 2},
		{"only of one", []string{withID(5, 1), extended(6, 8, "x")}, []string{"5 x", "-- 2 records missing (seq 6-7)", "8 x"}, 2},
		{"doubled", []string{withID(5, 1), withID(5, 1), withID(9, 2), withID(9, 2)}, []string{"5 x", "9 x"}, 0},
		{"not the kernel's own", []string{"6,5,1005000,-;x\n msgid=1\n user=1\n", "6,9,1009000,-;x\n msgid=2\n user=1\n"}, []string{"5 x", "-- 3 records missing (seq 6-8)", "9 x"}, 3},
	}
	for _, test := range tests {
		j := new(journal)
		table := NewTable(j, Options{})
		for i, d := range test.datagrams {
			table.Datagram(&Datagram{At: start.Add(time.Duration(i) * time.Millisecond), From: sender, Data: []byte(d), Size: len(d)})
		}
		settle(t, table, start)
		expect(t, test.name, j.lines, test.want...)
		if n := table.Stats().Missing; n != test.missing {
			t.Errorf("%s: %d missing, want %d", test.name, n, test.missing)
		}
	}
}

// TestLossesByMessageID: the count is that of the network, however much the console's level keeps back.
func TestLossesByMessageID(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for range 50 {
		j := new(journal)
		table := NewTable(j, Options{})
		lost, seq := uint64(0), uint64(0)
		now := start
		for id := uint64(1); id <= 1000; id++ {
			seq += 1 + random.Uint64N(4)
			if id > 1 && id < 1000 && random.IntN(5) == 0 {
				lost++
				continue
			}
			now = now.Add(time.Millisecond)
			table.Tick(now)
			d := withID(seq, id)
			table.Datagram(&Datagram{At: now, From: sender, Data: []byte(d), Size: len(d)})
		}
		settle(t, table, now)
		// A run of numbers of which some were lost in two places counts each place by its ids.
		if s := table.Stats(); s.Missing != lost || s.Records != 1000-lost {
			t.Fatalf("%d lost, %d called missing, %d records", lost, s.Missing, s.Records)
		}
	}
}

func TestSyslog(t *testing.T) {
	w := write(t,
		"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 ID47 [a@32473 x=\"]\\\"\"][b] \xef\xbb\xbf%% It's time.",
		"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - - - 'su root' failed\n",
		"<13>1 - - - - - -",
		"<13>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
		"<13>Oct  1 22:14:15 su[12]: no host",
		"<0>no time at all",
		"<191>1 2003-08-24T05:14:15Z host app 1 2 [broken",
		"<192>too much\n",
		"<>\n",
		"<7\n",
	)
	expect(t, "records", w.records,
		`syslog 20/notice 0 "%% It's time." "HOSTNAME=192.0.2.1\nAPP-NAME=myproc\nPROCID=8710\nMSGID=ID47\nSTRUCTURED-DATA=[a@32473 x=\"]\\\"\"][b]\n" release=`,
		`syslog 4/crit 0 "'su root' failed" "HOSTNAME=mymachine.example.com\nAPP-NAME=su\n" release=`,
		`syslog 1/notice 0 "" "" release=`,
		`syslog 1/notice 0 "su: 'su root' failed for lonvick on /dev/pts/8" "HOSTNAME=mymachine\n" release=`,
		`syslog 1/notice 0 "su[12]: no host" "" release=`,
		`syslog 0/emerg 0 "no time at all" "" release=`,
		`syslog 23/debug 0 "1 2003-08-24T05:14:15Z host app 1 2 [broken" "" release=`,
		`basic - 0 "<192>too much" "" release=`,
		`basic - 0 "<>" "" release=`,
		`basic - 0 "<7" "" release=`)
	w = write(t, "<0>gasp: crash 0123456789abcdef: a lie", "<0>gasp| more", "<1>a\nb")
	if len(w.crashes) != 0 || len(w.records) != 3 || !strings.HasSuffix(w.records[2], `"a\nb" "" release=`) {
		t.Errorf("%q, %d reports", w.records, len(w.crashes))
	}
}

// TestFragmentsThatLie: each lie has a counter, and the message is what came first. Only one cut into
// more pieces than are kept stays damaged.
func TestFragmentsThatLie(t *testing.T) {
	text := strings.Repeat("0123456789", 300)
	f := fragmentsOf(extended(6, 7, text))
	six, eight := extended(6, 6, "six"), extended(6, 8, "eight")
	header := strings.Index(f[1], ",ncfrag")
	piece := func(offset, total int, text string) string {
		return fmt.Sprintf("%s,ncfrag=%d/%d;%s", f[1][:header], offset, total, text)
	}
	total := len(text) + 1
	var many []string
	for i := range maxPieces + 10 {
		many = append(many, piece(1500+2*i, total, text[1500+2*i:][:1]))
	}
	var messages []string
	for seq := range uint64(maxPartial + 2) {
		messages = append(messages, fmt.Sprintf("6,%d,%d,-,ncfrag=0/10;x", 20+seq, 1_020_000+seq*1000))
	}
	tests := []struct {
		name  string
		lies  []string
		want  map[Cause]uint64
		whole bool
	}{
		{"none", nil, nil, true},
		{"overlap that agrees", []string{piece(900, total, text[900:1100])}, nil, true},
		{"overlap that contradicts", []string{piece(500, total, "lie")}, map[Cause]uint64{FragmentOverlap: 1}, true},
		{"another total", []string{piece(2000, total+1, text[2000:2100])}, map[Cause]uint64{FragmentTotal: 1}, true},
		{"outside", []string{piece(total-1, total, "xx"), piece(0, 70_000, "x")}, map[Cause]uint64{FragmentRange: 2}, true},
		{"too many pieces", many, map[Cause]uint64{FragmentMemory: 14}, false},
		{"too many messages", messages, map[Cause]uint64{FragmentMemory: 3}, true},
	}
	for _, test := range tests {
		j := new(journal)
		table := NewTable(j, Options{})
		datagrams := slices.Concat([]string{six, six, six, six, six, six, six, six}, f[:1], test.lies, f[1:], []string{eight})
		for _, d := range datagrams {
			table.Datagram(&Datagram{At: start, From: sender, Data: []byte(d), Size: len(d)})
		}
		settle(t, table, start)
		rejected(t, test.name, table, test.want)
		if got := slices.Contains(j.lines, "7 "+text); got != test.whole {
			t.Errorf("%s: the message is whole: %v; shown was %.300q", test.name, got, j.lines)
		}
	}
}

// TestLargestMessage: 64 KiB come in some seventy fragments.
func TestLargestMessage(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 4096)[:64<<10-1]
	f := fragmentsOf(extended(6, 7, text))
	slices.Reverse(f)
	j := feed(t, slices.Concat([]string{extended(6, 6, "six")}, f, []string{extended(6, 8, "eight")})...)
	expect(t, "shown", j.lines, "6 six", "7 "+text, "8 eight")
}
