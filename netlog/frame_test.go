package netlog

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

func tagged(t *Target) { t.VLAN = 42 }

// links are the kinds of links beside IPv4 without a tag.
var links = map[string]func(*Target){
	"IPv6":           six,
	"VLAN":           tagged,
	"IPv6 in a VLAN": func(t *Target) { six(t); tagged(t) },
}

// TestFramesOfEveryLink: whatever the headers, the messages are the same.
func TestFramesOfEveryLink(t *testing.T) {
	texts := []string{"", "x", "two words", strings.Repeat("long ", 180), strings.Repeat("\n", 600), strings.Repeat("\x01", 900)}
	for name, link := range links {
		for _, extended := range []bool{false, true} {
			var sent [2][]string
			for i, change := range []func(*Target){func(*Target) {}, link} {
				l, d, _ := machineUp(t, 0, func(t *Target) { change(t); t.Extended = extended })
				for _, text := range texts {
					l.Log(Info, text)
				}
				to := target()
				change(&to)
				for _, f := range d.frames {
					s, ok := openSent(t, f)
					if !ok || s.vlan != to.VLAN || s.station != hostMAC ||
						s.source != netip.AddrPortFrom(to.Source, 6665) || s.dest != netip.AddrPortFrom(to.Dest, 6666) {
						t.Errorf("%s: a frame from %v to %v, VLAN %d, by % x", name, s.source, s.dest, s.vlan, s.station)
					}
				}
				sent[i] = d.payloads(t)
			}
			if strings.Join(sent[0], "|") != strings.Join(sent[1], "|") {
				t.Errorf("%s, extended %v: sent %q", name, extended, sent[1])
			}
		}
	}
}

func TestCrashOverEveryLink(t *testing.T) {
	for name, link := range links {
		l, d, c := readyToDie(t, link)
		for range 10 {
			l.Log(Info, "before")
		}
		l.Crash(fault())
		l.Console([]byte("goroutine 1 [running]:\n" + strings.Repeat("a line\n", 100)))
		l.End()
		if r := readReport(t, d); len(r.lines) != 101 || r.end.Lost != 0 {
			t.Errorf("%s: %d lines, end %+v", name, len(r.lines), r.end)
		}
		d.frames = nil
		l.Poll()
		c.pass(2 * time.Second)
		l.Poll()
		if got := d.records(t); len(got) != 1 {
			t.Errorf("%s: the headline is not sent again: %d records", name, len(got))
		}
	}
}

// TestSealedOverEveryLink: answers come back over the link, so that nothing is lost, and a crash arrives whole.
func TestSealedOverEveryLink(t *testing.T) {
	for name, link := range links {
		to := target()
		link(&to)
		l, d, c := sealedTo(t, to, 20, 1, nil)
		for i := range 2000 {
			l.Log(Info, fmt.Sprint("line ", i))
			pace(l, c)
		}
		run(t, l, c, func() bool { return l.Stats().Acked == l.Stats().Records })
		allThere(t, d.host, l, 2000)
		l.Crash(fault())
		l.Console([]byte(strings.Repeat("a line\n", 100)))
		l.End()
		run(t, l, c, func() bool { _, ok := d.host.report(t); return ok && d.host.upto == l.ring.head.Load() })
		if m, _ := d.host.report(t); len(m.lines) != 100 || len(m.missing) != 0 {
			t.Errorf("%s: %d lines, missing %v", name, len(m.lines), m.missing)
		}
	}
}

func TestLastLevelSealedOverEveryLink(t *testing.T) {
	for name, link := range links {
		to := target()
		link(&to)
		l, d, c := sealedTo(t, to, 0, 1, nil)
		run(t, l, c, func() bool { return l.Stats().Acked > 0 })
		l.crash.state.Store(reporting)
		if !l.lastLevel() {
			t.Errorf("%s: nothing is sent", name)
		}
		c.pass(time.Second)
		d.Receive(make([]byte, 2000))
		if len(d.host.last) != 1 {
			t.Errorf("%s: last words are %q", name, d.host.last)
		}
	}
}

// A checksum of zero means that there is none (RFC 768), and IPv6 has to have one (RFC 8200 8.1).
func TestChecksumIsNeverZero(t *testing.T) {
	for name, link := range links {
		to := target()
		link(&to)
		var tm template
		tm.build(to.Source, to.Dest, to.SourcePort, to.Port, ourMAC, to.VLAN)
		room := make([]byte, headroom+2)
		frame := tm.complete(room)
		udp := header.UDP(room[udpOffset:])
		// What the checksum is of zeros, makes it zero.
		binary.BigEndian.PutUint16(room[headroom:], udp.Checksum())
		if frame = tm.complete(room); udp.Checksum() != 0xffff {
			t.Errorf("%s: the checksum is %#x", name, udp.Checksum())
		}
		if _, ok := openSent(t, frame); !ok {
			t.Errorf("%s: it is no datagram", name)
		}
	}
}

// TestTagsTellWhoseAFrameIs: in a VLAN only what has its tag is netlog's, and without one what has none, or one
// that tells the priority only.
func TestTagsTellWhoseAFrameIs(t *testing.T) {
	tag := func(vlan uint16) []byte {
		reply := arpReply(hostMAC, hostIP.AsSlice())
		return append(append(append([]byte{}, reply[:12]...), 0x81, 0, byte(vlan>>8), byte(vlan)), reply[12:]...)
	}
	plain := arpReply(hostMAC, hostIP.AsSlice())
	for _, tt := range []struct {
		name  string
		vlan  uint16
		frame []byte
		taken bool
	}{
		{"none in none", 0, plain, true},
		{"priority in none", 0, tag(0xe000), true},
		{"42 in none", 0, tag(42), false},
		{"none in 42", 42, plain, false},
		{"42 in 42", 42, tag(42), true},
		{"42 with a priority in 42", 42, tag(0xb000 | 42), true},
		{"43 in 42", 42, tag(43), false},
		{"priority in 42", 42, tag(0), false},
		{"a tag and nothing", 42, tag(42)[:16], false},
		{"half a tag", 42, tag(42)[:15], false},
		{"two tags", 42, append(tag(42)[:12:12], append([]byte{0x81, 0, 0, 42}, tag(42)[12:]...)...), false},
	} {
		l, d, _ := machineUp(t, 0, func(t *Target) { t.VLAN, t.HasMAC = tt.vlan, false })
		d.incoming = [][]byte{tt.frame}
		l.Poll()
		if got := l.Stats().Resolved; got != tt.taken {
			t.Errorf("%s: taken %v, want %v", tt.name, got, tt.taken)
		}
	}
}

func TestResolvedInAVLAN(t *testing.T) {
	for name, change := range map[string]func(*Target){"ARP": unresolved, "NDP": unresolvedSix} {
		l, d := New(0), &fakeDevice{answers: true}
		to := target()
		change(&to)
		to.VLAN = 4094
		if err := l.Start(d, to, Options{}); err != nil {
			t.Fatal(err)
		}
		l.Poll()
		for _, f := range d.frames {
			if f[12] != 0x81 || f[13] != 0 || f[14] != 0x0f || f[15] != 0xfe {
				t.Errorf("%s: a frame without its tag: % x", name, f)
			}
		}
		if got := d.texts(t); len(got) != 1 || !strings.Contains(got[0], "in VLAN 4094") {
			t.Errorf("%s: sent %q", name, got)
		}
	}
}

// repairSums makes the checksum of a neighbor message right, so that what is behind it is tried too.
func repairSums(frame []byte) {
	opened, _ := openFrame(frame)
	p, ok := openPacket(&opened)
	if ok && p.protocol == protocolICMPv6 && len(p.payload) >= 4 && len(p.source) == 16 {
		icmp := header.ICMPv6(p.payload)
		icmp.SetChecksum(0)
		icmp.SetChecksum(header.ICMPv6Checksum(header.ICMPv6ChecksumParams{Header: icmp, Src: tcpip.AddrFrom16Slice(p.source), Dst: tcpip.AddrFrom16Slice(p.destination)}))
	}
}

// No frame that comes in can do harm, whatever it is.
func FuzzReceive(f *testing.F) {
	f.Add(arpReply(hostMAC, hostIP.AsSlice()), uint8(0))
	f.Add(ndpPacket(136, 0x60, hostIP6, ourIP6, hostIP6, 2, hostMAC), uint8(1))
	f.Add(ndpPacket(135, 0, hostIP6, ours, ourIP6, 1, hostMAC), uint8(1))
	f.Add(fromHost([]byte("x")), uint8(0))
	vlan := target()
	six(&vlan)
	tagged(&vlan)
	f.Add(fromTarget(vlan, []byte("x")), uint8(3))
	f.Add(fromTarget(vlan, []byte("x")), uint8(31))
	f.Fuzz(func(t *testing.T, frame []byte, kind uint8) {
		to := target()
		to.HasMAC = kind&4 != 0
		if kind&1 != 0 {
			six(&to)
		}
		if kind&2 != 0 {
			tagged(&to)
		}
		o := Options{}
		if kind&8 != 0 {
			o.Key, o.BootID = &deviceKey, deviceBoot
		}
		l, d := New(2), new(fakeDevice)
		targets := []Target{to}
		if kind&16 != 0 {
			for i, other := range fourTargets()[1:] {
				other.HasMAC, other.VLAN, other.Port = to.HasMAC, to.VLAN, uint16(1+i)
				targets = append(targets, other)
			}
		}
		if err := l.StartAll(d, targets, o); err != nil {
			t.Fatal(err)
		}
		sent := len(d.frames)
		repairSums(frame)
		l.handle(frame)
		if len(d.frames) > sent+1 {
			t.Errorf("%d frames answer one", len(d.frames)-sent)
		}
		for _, got := range d.frames[sent:] {
			if len(got) > controlSize || [6]byte(got[6:]) != ourMAC || [6]byte(got) == ourMAC || got[12] == 0x81 != (to.VLAN != 0) {
				t.Errorf("the answer is % x", got)
			}
		}
		if l.Stats().Resolved && !to.HasMAC && !isStation(l.network.template.headers[l.network.template.start:]) {
			t.Error("a group is taken for a station")
		}
	})
}
