package netlog

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

var (
	ourIP6  = netip.MustParseAddr("fd00::f")
	hostIP6 = netip.MustParseAddr("fd00::12:3456")
	otherIP = netip.MustParseAddr("fd00::99")
	noIP    = netip.IPv6Unspecified()
	nodes   = netip.MustParseAddr("ff02::1")
	ours    = netip.MustParseAddr("ff02::1:ff00:f") // the group of those whose address ends like ours
)

func six(t *Target) { t.Source, t.Dest = ourIP6, hostIP6 }

func unresolvedSix(t *Target) { six(t); t.HasMAC = false }

// neighborMessages are the solicitations or advertisements among the frames, checked.
func (d *fakeDevice) neighborMessages(t *testing.T, kind byte) (out [][]byte) {
	t.Helper()
	for _, f := range d.frames {
		if header.Ethernet(f).Type() != header.IPv6ProtocolNumber || header.IPv6(f[14:]).NextHeader() != 58 {
			continue
		}
		ip := header.IPv6(f[14:])
		icmp := header.ICMPv6(ip.Payload())
		if !ip.IsValid(len(ip)) || ip.HopLimit() != 255 || icmp.Code() != 0 || len(icmp) != 32 ||
			icmp.Checksum() != header.ICMPv6Checksum(header.ICMPv6ChecksumParams{Header: icmp, Src: ip.SourceAddress(), Dst: ip.DestinationAddress()}) {
			t.Errorf("bad message % x", f)
		}
		if ip.SourceAddress() != tcpip.AddrFrom16(ourIP6.As16()) || [6]byte(f[6:]) != ourMAC {
			t.Errorf("a message from % x", f)
		}
		if byte(icmp.Type()) == kind {
			out = append(out, f)
		}
	}
	return out
}

func TestNDPResolvesAndTheBacklogGoesOut(t *testing.T) {
	l, d, c := New(0), &fakeDevice{answers: true}, new(fakeClock)
	l.SetClock(c.now)
	l.Log(Info, "early")
	to := target()
	unresolvedSix(&to)
	if err := l.Start(d, to, Options{}); err != nil {
		t.Fatal(err)
	}
	asked := d.neighborMessages(t, 135)
	if len(asked) != 1 {
		t.Fatalf("Start sent %d solicitations, want 1", len(asked))
	}
	f := asked[0]
	// RFC 4861 4.3, 7.2.2: to the group of the host's last three bytes, with our own station.
	if want := []byte{0x33, 0x33, 0xff, 0x12, 0x34, 0x56}; !bytes.Equal(f[:6], want) {
		t.Errorf("the solicitation goes to % x, want % x", f[:6], want)
	}
	if want := netip.MustParseAddr("ff02::1:ff12:3456"); !bytes.Equal(f[38:54], want.AsSlice()) {
		t.Errorf("the solicitation goes to % x, want %v", f[38:54], want)
	}
	if !bytes.Equal(f[62:78], hostIP6.AsSlice()) || !bytes.Equal(f[78:], append([]byte{1, 1}, ourMAC[:]...)) {
		t.Errorf("the solicitation asks % x", f[62:])
	}
	l.Poll()
	if got := d.texts(t); len(got) != 2 || got[0] != "early" {
		t.Errorf("sent %q", got)
	}
	s, _ := openSent(t, d.frames[1])
	if s.station != hostMAC || s.source != netip.AddrPortFrom(ourIP6, 6665) || s.dest != netip.AddrPortFrom(hostIP6, 6666) {
		t.Errorf("frame goes from %v to %v, % x", s.source, s.dest, s.station)
	}
}

func TestNDPAsksForTheGateway(t *testing.T) {
	l, d := New(0), &fakeDevice{answers: true}
	to := target()
	unresolvedSix(&to)
	to.Dest = netip.MustParseAddr("2001:db8::9")
	if err := l.Start(d, to, Options{Gateway6: netip.MustParseAddr("fe80::1")}); err != nil {
		t.Fatal(err)
	}
	l.Poll()
	asked := d.neighborMessages(t, 135)
	if len(asked) != 1 || !bytes.Equal(asked[0][62:78], netip.MustParseAddr("fe80::1").AsSlice()) {
		t.Errorf("asked % x", asked)
	}
	if s, _ := openSent(t, d.frames[1]); s.station != hostMAC || s.dest.Addr() != to.Dest {
		t.Errorf("a frame to %v by % x", s.dest, s.station)
	}
}

func TestNDPAnswersSolicitationsOfOurAddress(t *testing.T) {
	station := [6]byte{2, 0, 0, 0, 0, 9}
	for name, a := range map[string]struct {
		frame   []byte
		to      netip.Addr
		station [6]byte
		flags   byte
	}{
		"to our group":               {ndpPacket(135, 0, hostIP6, ours, ourIP6, 1, station), hostIP6, station, 0x60},
		"to us":                      {ndpPacket(135, 0, hostIP6, ourIP6, ourIP6, 1, station), hostIP6, station, 0x60},
		"to us, without its station": {ndpPacket(135, 0, hostIP6, ourIP6, ourIP6, 0, station), hostIP6, hostMAC, 0x60},
		"by one without an address":  {ndpPacket(135, 0, noIP, ours, ourIP6, 0, station), nodes, [6]byte{0x33, 0x33, 0, 0, 0, 1}, 0x20},
	} {
		for _, dead := range []bool{false, true} {
			l, d, _ := readyToDie(t, six)
			if dead {
				l.Crash(fault())
				l.End()
			}
			d.frames = nil
			d.incoming = [][]byte{a.frame}
			l.Poll()
			got := d.neighborMessages(t, 136)
			if len(got) != 1 {
				t.Errorf("asked %s, dead %v: %d answers", name, dead, len(got))
				continue
			}
			f := got[0]
			if [6]byte(f[:6]) != a.station || !bytes.Equal(f[38:54], a.to.AsSlice()) || f[58] != a.flags ||
				!bytes.Equal(f[62:78], ourIP6.AsSlice()) || !bytes.Equal(f[78:], append([]byte{2, 1}, ourMAC[:]...)) {
				t.Errorf("asked %s: the answer is % x", name, f)
			}
		}
	}
}

func TestSolicitationsThatGetNoAnswer(t *testing.T) {
	good := ndpPacket(135, 0, hostIP6, ours, ourIP6, 1, hostMAC)
	for name, frame := range map[string][]byte{
		"of another address":           ndpPacket(135, 0, hostIP6, ours, otherIP, 1, hostMAC),
		"to another group":             ndpPacket(135, 0, hostIP6, nodes, ourIP6, 1, hostMAC),
		"to a group, without station":  ndpPacket(135, 0, hostIP6, ours, ourIP6, 0, hostMAC),
		"from a group":                 ndpPacket(135, 0, nodes, ours, ourIP6, 1, hostMAC),
		"from ourselves":               ndpPacket(135, 0, ourIP6, ours, ourIP6, 1, hostMAC),
		"from our station":             ndpPacket(135, 0, hostIP6, ours, ourIP6, 1, ourMAC),
		"from no station":              ndpPacket(135, 0, hostIP6, ours, ourIP6, 1, [6]byte{}),
		"from the stations of a group": ndpPacket(135, 0, hostIP6, ours, ourIP6, 1, [6]byte{0x33, 0x33, 0, 0, 0, 1}),
		"nobody's with a station":      ndpPacket(135, 0, noIP, ours, ourIP6, 1, hostMAC),
		"nobody's to us":               ndpPacket(135, 0, noIP, ourIP6, ourIP6, 0, hostMAC),
		"forwarded":                    changed(good, 21, 254),
		"with a code":                  changed(good, 55, 1),
		"with a wrong checksum":        changed(good, 56, good[56]+1),
		"of a changed address":         changed(good, 22, good[22]+1),
		"tagged":                       slices.Insert(slices.Clone(good), 12, 0x81, 0, 0, 42),
	} {
		l, d, _ := machineUp(t, 0, six)
		d.incoming = [][]byte{frame}
		l.Poll()
		if got := d.neighborMessages(t, 136); len(got) != 0 {
			t.Errorf("a solicitation %s gets an answer: % x", name, got)
		}
	}
}

// changed is a copy of frame with another byte.
func changed(frame []byte, at int, to byte) []byte {
	frame = slices.Clone(frame)
	frame[at] = to
	return frame
}

// resummed is a copy of a neighbor message with another byte, and the checksum that goes with it.
func resummed(frame []byte, at int, to byte) []byte {
	frame = changed(frame, at, to)
	icmp := header.ICMPv6(frame[54:])
	icmp.SetChecksum(header.ICMPv6Checksum(header.ICMPv6ChecksumParams{Header: icmp, Src: tcpip.AddrFrom16Slice(frame[22:38]), Dst: tcpip.AddrFrom16Slice(frame[38:54])}))
	return frame
}

func TestAdvertisementsThatNobodyAwaits(t *testing.T) {
	evil := [6]byte{0x66, 6, 6, 6, 6, 6}
	good := ndpPacket(136, 0x60, hostIP6, ourIP6, hostIP6, 2, evil)
	for name, frame := range map[string][]byte{
		"of another address":     ndpPacket(136, 0x60, hostIP6, ourIP6, otherIP, 2, evil),
		"to all nodes":           ndpPacket(136, 0x20, hostIP6, nodes, hostIP6, 2, evil),
		"to another":             ndpPacket(136, 0x60, hostIP6, otherIP, hostIP6, 2, evil),
		"without a station":      ndpPacket(136, 0x60, hostIP6, ourIP6, hostIP6, 0, evil),
		"with another option":    ndpPacket(136, 0x60, hostIP6, ourIP6, hostIP6, 1, evil),
		"of a group":             ndpPacket(136, 0x60, hostIP6, ourIP6, hostIP6, 2, [6]byte{0x33, 0x33, 0, 0, 0, 1}),
		"of nobody":              ndpPacket(136, 0x60, hostIP6, ourIP6, hostIP6, 2, [6]byte{}),
		"of ourselves":           ndpPacket(136, 0x60, hostIP6, ourIP6, hostIP6, 2, ourMAC),
		"forwarded":              changed(good, 21, 254),
		"with a code":            resummed(good, 55, 1),
		"with a wrong checksum":  changed(good, 57, good[57]+1),
		"of no length":           resummed(good, 79, 0),
		"of a length beyond":     resummed(good, 79, 2),
		"that is a solicitation": ndpPacket(135, 0, hostIP6, ourIP6, hostIP6, 2, evil),
		"of a fragment header":   changed(good, 20, 44),
		"of IPv4":                changed(good, 14, 0x45),
		"cut":                    good[:77],
		"longer than the frame":  changed(good, 18, 1),
		"tagged":                 slices.Insert(slices.Clone(good), 12, 0x81, 0, 0, 42),
	} {
		l, d, _ := machineUp(t, 0, unresolvedSix)
		d.incoming = [][]byte{frame}
		l.Poll()
		if l.Stats().Resolved {
			t.Errorf("took an advertisement %s", name)
		}
	}
	l, d, _ := machineUp(t, 0, unresolvedSix)
	d.incoming = [][]byte{good}
	l.Poll()
	if !l.Stats().Resolved {
		t.Error("the one that is awaited is not taken")
	}
	l, d, _ = machineUp(t, 0, six)
	d.incoming = [][]byte{good}
	l.Poll()
	l.Log(Info, "x")
	if s, _ := openSent(t, d.frames[len(d.frames)-1]); s.station != hostMAC {
		t.Errorf("an advertisement nobody asked for moved the target to % x", s.station)
	}
}

// An advertisement that carries other options, too, is understood: they come in any order (RFC 4861 4.6).
func TestAdvertisementWithOtherOptions(t *testing.T) {
	options := slices.Concat([]byte{14, 1, 1, 2, 3, 4, 5, 6}, make([]byte, 16), []byte{2, 1}, hostMAC[:])
	copy(options[8:], []byte{25, 2})
	frame := append(ndpPacket(136, 0x60, hostIP6, ourIP6, hostIP6, 0, hostMAC), options...)
	frame[19] += byte(len(options))
	l, d, _ := machineUp(t, 0, unresolvedSix)
	d.incoming = [][]byte{resummed(frame, 57, 0)}
	l.Poll()
	if !l.Stats().Resolved {
		t.Error("it is not taken")
	}
}

func TestTargetsThatNeedNoNDP(t *testing.T) {
	for dest, want := range map[string][6]byte{
		"ff02::1":         {0x33, 0x33, 0, 0, 0, 1},
		"ff15::dead:beef": {0x33, 0x33, 0xde, 0xad, 0xbe, 0xef},
	} {
		l, d, _ := machineUp(t, 0, func(t *Target) { six(t); t.Dest, t.HasMAC = netip.MustParseAddr(dest), false })
		l.Log(Info, "x")
		if len(d.frames) != 1 || [6]byte(d.frames[0][:6]) != want {
			t.Errorf("to %s: sent % x", dest, d.frames)
		}
	}
}

// A target on the link by its nature gives the machine the address it has by nature, as on Linux.
func TestLinkLocalTargetNeedsNoSource(t *testing.T) {
	for _, dest := range []string{"fe80::1", "ff02::1"} {
		l, d, _ := machineUp(t, 0, func(t *Target) { t.Source, t.Dest = netip.Addr{}, netip.MustParseAddr(dest) })
		l.Log(Info, "x")
		if s, _ := openSent(t, d.frames[0]); s.source.Addr() != netip.MustParseAddr("fe80::5054:ff:fe12:3456") {
			t.Errorf("to %s it is sent from %v", dest, s.source)
		}
	}
}

func TestUnansweredNDPIsTold(t *testing.T) {
	l, d, c := machineUp(t, 0, unresolvedSix)
	for range 20 {
		l.Poll()
		c.pass(time.Second)
	}
	for i := range Records {
		l.Log(Info, burstLine(i))
	}
	d.incoming = append(d.incoming, ndpPacket(136, 0x60, hostIP6, ourIP6, hostIP6, 2, hostMAC))
	l.Poll()
	got := d.texts(t)
	for _, want := range []string{sayNoAdvertisement + "fd00::12:3456", sayByAllNDP + "fd00::12:3456", sayAdvertisement + "fd00::12:3456"} {
		if !slices.Contains(got, want) {
			t.Errorf("not told: %q", want)
		}
	}
	if got := l.Stats(); got.Dropped != 0 {
		t.Errorf("%d records are lost", got.Dropped)
	}
}
