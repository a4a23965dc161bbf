package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

func testSenders(t *testing.T) []*sender {
	t.Helper()
	all, err := newSenders(&options{seed: 1, lines: 10})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPacketIsIPv4AndUDP(t *testing.T) {
	b := appendPacket(nil, invented(5), logHost, []byte("words"))
	if len(b) != 33 || b[0] != 0x45 || binary.BigEndian.Uint16(b[2:]) != 33 || b[9] != 17 {
		t.Fatalf("the header is % x", b)
	}
	if !bytes.Equal(b[12:20], []byte{127, 16, 0, 5, 127, 0, 0, 1}) {
		t.Errorf("the addresses are % x", b[12:20])
	}
	if binary.BigEndian.Uint16(b[20:]) != 1029 || binary.BigEndian.Uint16(b[22:]) != 6666 || binary.BigEndian.Uint16(b[24:]) != 13 {
		t.Errorf("the UDP header is % x", b[20:28])
	}
	if string(b[28:]) != "words" {
		t.Errorf("the payload is %q", b[28:])
	}
}

// TestLiesAreOfEveryFormat: as the package that reads the formats sees them.
func TestLiesAreOfEveryFormat(t *testing.T) {
	l := lies{ids: [][wire.IDSize]byte{{1}}, boots: [][wire.BootSize]byte{{2}}}
	seen := make(map[string]int)
	for i := range kinds {
		b := l.next(i)
		if len(b) == 0 || len(b) > wire.MaxDatagram {
			t.Errorf("lie %d has %d bytes", i, len(b))
		}
		d, err := wire.Decode(b, make([]byte, 0, len(b)+1))
		switch {
		case wire.IsSealed(b):
			seen["sealed"]++
			if h, err := wire.ParseSealedHeader(b); err != nil || h.ID != l.ids[0] {
				t.Errorf("lie %d has the header %+v, %v", i, h, err)
			}
		case err != nil:
			seen["refused"]++
		case d.FragTotal > 0:
			seen["fragment"]++
		case d.Extended:
			seen["extended"]++
			if _, ok := wire.ParseHeadline(d.Text); ok {
				seen["crash"]++
			}
		case bytes.HasPrefix(b, []byte("<")):
			seen["syslog"]++
		default:
			seen["basic"]++
		}
	}
	const want = "map[basic:3 crash:1 extended:3 fragment:2 refused:1 sealed:2 syslog:1]"
	if got := fmt.Sprint(seen); got != want {
		t.Errorf("there are %s, want %s", got, want)
	}
}

func object(v *verdict, seq uint64, more string) []byte {
	device := ""
	if v.sender.key != nil {
		device = fmt.Sprintf(`,"device":%q`, v.sender.host)
	}
	return fmt.Appendf(nil, `{"type":"record","host":%q%s,"seq":%d%s,"text":%q}`, v.sender.host, device, seq, more, v.sender.sentence(seq))
}

// TestJudge: what is as it should be passes, and everything else is found.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name    string
		numbers []uint64
		more    string // a member of the last record
		line    string // a line behind it
		found   string
		missing int
	}{
		{name: "all", numbers: []uint64{0, 1, 2}},
		{name: "end missing", numbers: []uint64{0, 1}, found: "records 2 to 2 did not come", missing: 1},
		{name: "nothing", found: "records 0 to 2 did not come", missing: 3},
		{name: "hole", numbers: []uint64{0, 2}, found: "record 2 came behind record 0", missing: 1},
		{name: "order", numbers: []uint64{0, 2, 1}, found: "record 1 came later"},
		{name: "twice", numbers: []uint64{0, 1, 1, 2}, found: "record 1 came again"},
		{name: "damaged", numbers: []uint64{0, 1, 2}, more: `,"damaged":true`, found: "record 2 is damaged"},
		{name: "note", numbers: []uint64{0, 1, 2}, line: `{"type":"reboot","host":"HOST","text":"-- rebooted"}`, found: "reboot: -- rebooted"},
		{name: "of another", numbers: []uint64{0, 1, 2}, line: `{"type":"reboot","host":"127.16.0.1","text":"-- rebooted"}`},
	} {
		all := testSenders(t)
		for _, s := range []*sender{all[0], all[talkers]} {
			j := newJudge([]*sender{s})
			v := j.verdicts[s.host]
			s.said = 3
			for i, seq := range c.numbers {
				more := ""
				if i == len(c.numbers)-1 {
					more = c.more
				}
				j.line(object(v, seq, more))
			}
			if c.line != "" {
				j.line([]byte(strings.ReplaceAll(c.line, "HOST", s.host)))
			}
			j.finish()
			if n := j.blame(); n > 0 {
				t.Errorf("%s: %d senders are excused", c.name, n)
			}
			problems := strings.Join(v.problems, "\n")
			if (problems == "") != (c.found == "") || !strings.Contains(problems, c.found) || v.missing() != c.missing || j.err != nil {
				t.Errorf("%s, %s: found %q, %d missing, %v", c.name, s.host, problems, v.missing(), j.err)
			}
		}
	}
}

// TestSenderThatWasHeldUp: its order is not judged, but what is lost or doubled is.
func TestSenderThatWasHeldUp(t *testing.T) {
	s := testSenders(t)[0]
	s.said, s.stalled = 3, time.Second
	j := newJudge([]*sender{s})
	v := j.verdicts[s.host]
	for _, seq := range []uint64{0, 2, 1} {
		j.line(object(v, seq, ""))
	}
	j.finish()
	if n := j.blame(); n != 1 || len(v.problems) > 0 {
		t.Errorf("%d excused, found %q", n, v.problems)
	}
	s.said = 4
	j.finish()
	if j.blame(); len(v.problems) != 1 {
		t.Errorf("found %q", v.problems)
	}
}

func TestRecordOfAnotherDeviceIsNotProved(t *testing.T) {
	s := testSenders(t)[talkers]
	j := newJudge([]*sender{s})
	v := j.verdicts[s.host]
	j.line(bytes.Replace(object(v, 0, ""), []byte(`"device":"device-0"`), []byte(`"device":"device-1"`), 1))
	if len(v.problems) != 1 || !strings.Contains(v.problems[0], "not proved") {
		t.Errorf("found %q", v.problems)
	}
}

func TestLogIsRead(t *testing.T) {
	for _, c := range []struct{ log, found string }{
		{"T 0 info a\nT 1 info b\n", ""},
		{"T 0 info a\n", "its log has 1 of 2 records"},
		{"T 0 info a\nT 0 info a\n", "record 0 stands twice"},
		{"T 1 info b\nT 0 info a\n", "record 1 stands where 0 should be"},
		{"T 0 info a\nT -- 1 record missing\nT 1 info b\n", "in its log: T -- 1 record missing"},
	} {
		s := testSenders(t)[0]
		s.said = 2
		v := newJudge([]*sender{s}).verdicts[s.host]
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, []byte(c.log), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := v.log(path); err != nil {
			t.Fatal(err)
		}
		v.problems = append(v.problems, v.disorder...)
		if problems := strings.Join(v.problems, "\n"); (problems == "") != (c.found == "") || !strings.Contains(problems, c.found) {
			t.Errorf("%q: found %q", c.log, problems)
		}
	}
}
