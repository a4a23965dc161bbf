package netlog

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

func TestARPResolvesAndTheBacklogGoesOut(t *testing.T) {
	l, d, c := New(0), &fakeDevice{answers: true}, new(fakeClock)
	l.SetClock(c.now)
	l.Log(Info, "early")
	to := target()
	to.HasMAC = false
	if err := l.Start(d, to, Options{}); err != nil {
		t.Fatal(err)
	}
	if n := d.arpRequests(t, hostIP); n != 1 {
		t.Fatalf("Start sent %d ARP requests, want 1", n)
	}
	l.Poll()
	if got := d.texts(t); len(got) != 2 || got[0] != "early" {
		t.Errorf("sent %q", got)
	}
	if f := d.frames[1]; [6]byte(f[:6]) != hostMAC {
		t.Errorf("frame goes to % x", f[:6])
	}
}

func TestARPAsksForTheGateway(t *testing.T) {
	l, d := New(0), &fakeDevice{answers: true}
	to := target()
	to.HasMAC, to.Dest = false, netip.MustParseAddr("192.0.2.9")
	gateway := netip.MustParseAddr("10.0.2.1")
	if err := l.Start(d, to, Options{Gateway: gateway}); err != nil {
		t.Fatal(err)
	}
	l.Poll()
	if n := d.arpRequests(t, gateway); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	if len(d.payloads(t)) != 1 || [4]byte(d.frames[1][30:34]) != to.Dest.As4() {
		t.Errorf("nothing went through the gateway: % x", d.frames)
	}
}

func TestARPNeverAnsweredIsToldOnceAndAskedWithGrowingPauses(t *testing.T) {
	l, d, c := New(0), new(fakeDevice), new(fakeClock)
	l.SetClock(c.now)
	var serial strings.Builder
	l.SetConsole(func(b []byte) { serial.Write(b) })
	to := target()
	to.HasMAC = false
	if err := l.Start(d, to, Options{}); err != nil {
		t.Fatal(err)
	}
	var times []int
	for second := range 120 {
		before := len(d.frames)
		l.Poll()
		if len(d.frames) > before {
			times = append(times, second)
		}
		c.ns = int64(second+1) * 1e9
	}
	// Polls come a little after the second, so each pause ends one poll later.
	gaps := []int{}
	for i := 1; i < len(times); i++ {
		gaps = append(gaps, times[i]-times[i-1])
	}
	if len(gaps) < 5 || gaps[0] < 1 || gaps[len(gaps)-1] < 30 || gaps[len(gaps)-1] > 31 || !slices.IsSorted(gaps) {
		t.Errorf("requests at %v", times)
	}
	if n := strings.Count(serial.String(), sayNoAnswer+"10.0.2.2\n"); n != 1 {
		t.Errorf("told %d times: %s", n, serial.String())
	}
	d.incoming = append(d.incoming, arpReply(hostMAC, hostIP.AsSlice()))
	l.Poll()
	if got := d.texts(t); len(got) != 3 || got[2] != sayAnswer+"10.0.2.2" {
		t.Errorf("sent %q", got)
	}
}

func TestARPAnswersRequestsForOurAddressOnly(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	other := []byte{10, 0, 2, 99}
	d.incoming = [][]byte{
		arpPacket(header.ARPRequest, hostMAC, hostIP.AsSlice(), other),
		arpPacket(header.ARPRequest, hostMAC, hostIP.AsSlice(), ourIP.AsSlice()),
	}
	l.Poll()
	if len(d.frames) != 1 {
		t.Fatalf("%d frames sent, want one reply", len(d.frames))
	}
	f := d.frames[0]
	arp := header.ARP(f[14:])
	if [6]byte(f[:6]) != hostMAC || arp.Op() != header.ARPReply || [6]byte(arp.HardwareAddressSender()) != ourMAC ||
		[4]byte(arp.ProtocolAddressSender()) != ourIP.As4() || [6]byte(arp.HardwareAddressTarget()) != hostMAC ||
		[4]byte(arp.ProtocolAddressTarget()) != hostIP.As4() {
		t.Errorf("reply is wrong: % x", f)
	}
}

func TestARPRepliesThatNobodyAwaits(t *testing.T) {
	evil := [6]byte{0x66, 6, 6, 6, 6, 6}
	group := [6]byte{1, 0, 0x5e, 0, 0, 1}
	short := arpReply(evil, hostIP.AsSlice())[:41]
	wrongType := arpReply(evil, hostIP.AsSlice())
	wrongType[14] = 9
	notForUs := arpPacket(header.ARPReply, evil, hostIP.AsSlice(), []byte{10, 0, 2, 77})
	for name, frame := range map[string][]byte{
		"of another address": arpReply(evil, []byte{10, 0, 2, 3}),
		"from a group":       arpReply(group, hostIP.AsSlice()),
		"from nobody":        arpReply([6]byte{}, hostIP.AsSlice()),
		"from ourselves":     arpReply(ourMAC, hostIP.AsSlice()),
		"cut short":          short,
		"not for Ethernet":   wrongType,
		"not for us":         notForUs,
		"empty":              {},
		"one byte":           {1},
	} {
		l, d, _ := machineUp(t, 0, unresolved)
		d.incoming = [][]byte{frame}
		l.Poll()
		if l.Stats().Resolved {
			t.Errorf("took a reply %s", name)
		}
	}
	l, d, _ := machineUp(t, 0, nil)
	d.incoming = [][]byte{arpReply(evil, hostIP.AsSlice())}
	l.Poll()
	l.Log(Info, "x")
	if f := d.frames[len(d.frames)-1]; [6]byte(f[:6]) != hostMAC {
		t.Errorf("a reply nobody asked for moved the target to % x", f[:6])
	}
}

func TestPollTakesABoundedNumberOfFrames(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	for range 100 {
		d.incoming = append(d.incoming, make([]byte, 60))
	}
	l.Poll()
	if got := 100 - len(d.incoming); got != maxReceive {
		t.Errorf("one Poll took %d frames, want %d", got, maxReceive)
	}
}

func TestPollBeforeAnything(t *testing.T) {
	l := New(0)
	l.Poll()
	l.Log(Info, "x")
	l.Poll()
	c := new(fakeClock)
	l.SetClock(c.now)
	c.pass(time.Hour)
	l.Poll()
	if s := l.Stats(); s.Records != 1 || s.Sent != 0 {
		t.Errorf("stats are %+v", s)
	}
}
