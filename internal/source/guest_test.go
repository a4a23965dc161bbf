package source_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gasp/internal/capture"
	"gasp/internal/source"
)

// The captures are what a guest with Debian's kernel 6.1.0-56 sent from its netconsole in QEMU: its boot, lines with all
// kinds of bytes, levels and lengths, and an oops that ended it. The .ncrx file is what netconsd's library (ncrx, commit
// 66d3e28 of facebook/netconsd) made of the same datagrams: facility, level, number, time and text of each message, as they
// are escaped on the wire, and behind a blank each line of the dictionary.

// guest is a sink that writes down records as the .ncrx file has them.
type guest struct {
	records bytes.Buffer
	lines   []line // in basic format
	others  []string
}

type line struct {
	time uint64
	text string
}

// escaped writes bytes as the kernel escapes them (kernel/printk/printk.c, msg_add_ext_text).
func escaped(text []byte) (s string) {
	for _, c := range text {
		if c < ' ' || c >= 0x7f || c == '\\' {
			s += fmt.Sprintf(`\x%02x`, c)
		} else {
			s += string(rune(c))
		}
	}
	return s
}

func (g *guest) Record(r *source.Record) {
	if r.Late || r.Damaged {
		g.others = append(g.others, fmt.Sprintf("record %d is late or damaged", r.Seq))
	}
	fmt.Fprintf(&g.records, "%d %d %d %d %s\n", r.Facility, r.Level, r.Seq, r.Time, escaped(r.Text))
	for entry := range bytes.Lines(r.Dict) {
		fmt.Fprintf(&g.records, " %s\n", escaped(bytes.TrimSuffix(entry, []byte{'\n'})))
	}
	for text := range strings.SplitSeq(string(r.Text), "\n") {
		g.lines = append(g.lines, line{r.Time, text})
	}
}

func (g *guest) Note(n *source.Note)                         { g.others = append(g.others, n.Text()) }
func (g *guest) CrashBegin(c *source.Crash)                  { g.others = append(g.others, "report "+c.Boot()) }
func (*guest) CrashRecord(*source.Crash, *source.Record)     {}
func (*guest) CrashDatagram(*source.Crash, *source.Datagram) {}
func (*guest) Repeated(*source.Crash, time.Time)             {}
func (*guest) CrashEnd(*source.Crash)                        {}

// hear gives a table what is in a capture, and returns the bytes of all datagrams too.
func hear(t *testing.T, file string) (g *guest, payload []byte) {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r, err := capture.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	g = new(guest)
	table := source.NewTable(g, source.Options{})
	var last time.Time
	for {
		d, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		last = d.At
		payload = append(payload, d.Data...)
		table.Datagram(&source.Datagram{At: d.At, From: d.From, Data: d.Data, Size: len(d.Data)})
	}
	table.Flush(last)
	return g, payload
}

func TestExtendedLinuxGuestIsReadAsNetconsdReadsIt(t *testing.T) {
	g, _ := hear(t, "testdata/linux-6.1-extended.pcap")
	want, err := os.ReadFile("testdata/linux-6.1-extended.ncrx")
	if err != nil {
		t.Fatal(err)
	}
	got, expected := strings.Split(g.records.String(), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(got), len(expected)) {
		if got[i] != expected[i] {
			t.Fatalf("line %d is\n%s\nnetconsd has\n%s", i+1, got[i], expected[i])
		}
	}
	if len(got) != len(expected) || len(expected) < 450 {
		t.Errorf("there are %d lines, netconsd has %d", len(got), len(expected))
	}
	if len(g.others) > 0 {
		t.Errorf("told %q", g.others)
	}
}

// TestBasicLinuxGuest: line by line what the kernel printed. The guest also wrote what looks like the headline of a crash,
// and nothing in this format says that it is none.
func TestBasicLinuxGuest(t *testing.T) {
	g, payload := hear(t, "testdata/linux-6.1-basic.pcap")
	prefix := regexp.MustCompile(`^\[ *(\d+)\.(\d{6})\] `)
	var want []line
	for text := range strings.Lines(string(payload)) {
		m := prefix.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("the line %q has no time", text)
		}
		micros, err := strconv.ParseUint(m[1]+m[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, line{micros, strings.TrimSuffix(text[len(m[0]):], "\n")})
	}
	for i := range min(len(g.lines), len(want)) {
		if g.lines[i] != want[i] {
			t.Fatalf("line %d is %v, want %v", i+1, g.lines[i], want[i])
		}
	}
	if len(g.lines) != len(want) || len(want) < 450 {
		t.Errorf("there are %d lines, want %d", len(g.lines), len(want))
	}
	if got := fmt.Sprint(g.others); got != "[report 0123456789abcdef]" {
		t.Errorf("told %s", got)
	}
}
