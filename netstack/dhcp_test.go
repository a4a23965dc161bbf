package netstack

import (
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

var (
	ourStation = [6]byte{2, 0, 0, 0, 0, 1}
	serverIP   = netip.MustParseAddr("10.0.0.1")
	began      = time.Unix(1_000_000, 0)
)

// answerWith is a server's answer to a client's message, made by another program's hand.
func answerWith(t *testing.T, kind layers.DHCPMsgType, xid uint32, yours string, options ...layers.DHCPOption) dhcpMessage {
	t.Helper()
	all := append(layers.DHCPOptions{layers.NewDHCPOption(layers.DHCPOptMessageType, []byte{byte(kind)})}, options...)
	l := layers.DHCPv4{Operation: layers.DHCPOpReply, HardwareType: layers.LinkTypeEthernet, Xid: xid, YourClientIP: net.ParseIP(yours),
		ClientHWAddr: ourStation[:], Options: append(all, layers.NewDHCPOption(layers.DHCPOptEnd, nil))}
	b := gopacket.NewSerializeBuffer()
	if err := l.SerializeTo(b, gopacket.SerializeOptions{FixLengths: true}); err != nil {
		t.Fatal(err)
	}
	m, ok := parseDHCP(b.Bytes())
	if !ok {
		t.Fatalf("not read: % x", b.Bytes())
	}
	return m
}

func seconds32(n uint32) []byte { return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)} }

var (
	fromServer = layers.NewDHCPOption(layers.DHCPOptServerID, serverIP.AsSlice())
	maskOf24   = layers.NewDHCPOption(layers.DHCPOptSubnetMask, []byte{255, 255, 255, 0})
	routerIs1  = layers.NewDHCPOption(layers.DHCPOptRouter, []byte{10, 0, 0, 1})
	anHour     = layers.NewDHCPOption(layers.DHCPOptLeaseTime, seconds32(3600))
)

func newMachine() *dhcpMachine {
	n := uint32(0)
	return &dhcpMachine{mac: ourStation, hostname: "fan7", random: func() uint32 { n += 1 << 8; return n }}
}

// step says what the machine sends when it is due, and checks that nothing comes before.
func step(t *testing.T, m *dhcpMachine, now *time.Time) (dhcpMessage, bool, dhcpEvent) {
	t.Helper()
	if m.next.After(*now) {
		if send, _ := m.step(m.next.Add(-time.Millisecond)); send != nil {
			t.Fatal("it sends too early")
		}
		*now = m.next
	}
	send, event := m.step(*now)
	if send == nil {
		t.Fatal("it sends nothing when it is due")
	}
	return send.message, send.unicast, event
}

// lease gets the machine a lease of an hour.
func lease(t *testing.T, m *dhcpMachine, now *time.Time) {
	t.Helper()
	discover, unicast, _ := step(t, m, now)
	if discover.kind != kindDiscover || unicast {
		t.Fatalf("it begins with %+v", discover)
	}
	if e := m.hear(*now, answerWith(t, layers.DHCPMsgTypeOffer, discover.xid, "10.0.0.15", fromServer, maskOf24, anHour)); e != nothing {
		t.Fatalf("an offer is %v", e)
	}
	request, unicast, _ := step(t, m, now)
	if request.kind != kindRequest || unicast || request.requested != netip.MustParseAddr("10.0.0.15") || request.server != serverIP || request.client.IsValid() {
		t.Fatalf("it requests %+v", request)
	}
	if e := m.hear(*now, answerWith(t, layers.DHCPMsgTypeAck, request.xid, "10.0.0.15", fromServer, maskOf24, anHour, routerIs1,
		layers.NewDHCPOption(layers.DHCPOptDNS, []byte{10, 0, 0, 3, 10, 0, 0, 4}),
		layers.NewDHCPOption(layers.DHCPOptLogServer, []byte{10, 0, 0, 5}))); e != leased {
		t.Fatalf("an acknowledgement is %v", e)
	}
}

func TestLease(t *testing.T) {
	m, now := newMachine(), began
	lease(t, m, &now)
	l := m.lease
	if l.Address != netip.MustParsePrefix("10.0.0.15/24") || l.Router != netip.MustParseAddr("10.0.0.1") || l.Time != time.Hour || l.Server != serverIP ||
		!slices.Equal(l.NameServers, []netip.Addr{netip.MustParseAddr("10.0.0.3"), netip.MustParseAddr("10.0.0.4")}) ||
		!slices.Equal(l.LogServers, []netip.Addr{netip.MustParseAddr("10.0.0.5")}) {
		t.Errorf("the lease is %+v", l)
	}
	if got := m.next.Sub(now); got != 30*time.Minute {
		t.Errorf("it is renewed after %v, want half of it", got)
	}
}

// A lease is renewed at its server's at half its time, at any server's from seven eighths on, and then over (RFC 2131 4.4.5).
func TestRenewal(t *testing.T) {
	m, now := newMachine(), began
	lease(t, m, &now)
	bound := now
	request, unicast, _ := step(t, m, &now)
	if now.Sub(bound) != 30*time.Minute || !unicast || request.kind != kindRequest || request.client != m.lease.Address.Addr() || request.requested.IsValid() || request.server.IsValid() {
		t.Fatalf("after %v it sends %+v, to the server %v", now.Sub(bound), request, unicast)
	}
	if e := m.hear(now, answerWith(t, layers.DHCPMsgTypeAck, request.xid, "10.0.0.15", fromServer, maskOf24, anHour)); e != renewed {
		t.Fatalf("the answer is %v, want %v", e, renewed)
	}

	bound = now
	toServer, toAll := 0, 0
	for {
		request, unicast, event := step(t, m, &now)
		if event == lost {
			if request.kind != kindDiscover || now.Sub(bound) != time.Hour {
				t.Errorf("after %v the lease is over and it sends %+v", now.Sub(bound), request)
			}
			break
		}
		switch since := now.Sub(bound); {
		case unicast && since < 52*time.Minute+30*time.Second:
			toServer++
		case !unicast && since >= 52*time.Minute+30*time.Second:
			toAll++
		default:
			t.Errorf("after %v it sends to its server: %v", since, unicast)
		}
	}
	if toServer < 2 || toServer > 8 || toAll < 2 || toAll > 8 {
		t.Errorf("it asked its server %d times and all %d times", toServer, toAll)
	}
	if m.state != selecting {
		t.Errorf("its state is %d", m.state)
	}
}

func TestAnotherAddressAtRenewal(t *testing.T) {
	m, now := newMachine(), began
	lease(t, m, &now)
	request, _, _ := step(t, m, &now)
	if e := m.hear(now, answerWith(t, layers.DHCPMsgTypeAck, request.xid, "10.0.0.16", fromServer, maskOf24, anHour)); e != leased {
		t.Errorf("another address is %v, want %v", e, leased)
	}
	request, _, _ = step(t, m, &now)
	if e := m.hear(now, answerWith(t, layers.DHCPMsgTypeNak, request.xid, "0.0.0.0", fromServer)); e != lost {
		t.Errorf("a refusal is %v, want %v", e, lost)
	}
	if discover, _, _ := step(t, m, &now); discover.kind != kindDiscover {
		t.Errorf("behind it comes %+v", discover)
	}
}

// Nobody answers: the pauses grow to about a minute, and no further.
func TestPausesGrow(t *testing.T) {
	m, now := newMachine(), began
	want := time.Second
	step(t, m, &now)
	for range 10 {
		before := now
		if discover, _, _ := step(t, m, &now); discover.kind != kindDiscover {
			t.Fatalf("it sends %+v", discover)
		}
		if pause := now.Sub(before); pause < want || pause > want*9/8 {
			t.Errorf("the pause is %v, want %v and up to an eighth more", pause, want)
		}
		want = min(2*want, 64*time.Second)
	}
}

// An offer that its server forgets is requested four times.
func TestOfferThatIsNotKept(t *testing.T) {
	m, now := newMachine(), began
	discover, _, _ := step(t, m, &now)
	m.hear(now, answerWith(t, layers.DHCPMsgTypeOffer, discover.xid, "10.0.0.15", fromServer))
	for i := range maxRequests {
		if request, _, _ := step(t, m, &now); request.kind != kindRequest {
			t.Fatalf("message %d is %+v", i, request)
		}
	}
	if discover, _, _ := step(t, m, &now); discover.kind != kindDiscover {
		t.Errorf("behind them comes %+v", discover)
	}
}

func TestAnswersThatAreNotForUs(t *testing.T) {
	m, now := newMachine(), began
	discover, _, _ := step(t, m, &now)
	offer := func(change func(*dhcpMessage)) dhcpMessage {
		o := answerWith(t, layers.DHCPMsgTypeOffer, discover.xid, "10.0.0.15", fromServer, maskOf24)
		change(&o)
		return o
	}
	for name, o := range map[string]dhcpMessage{
		"another exchange":    offer(func(o *dhcpMessage) { o.xid++ }),
		"another station":     offer(func(o *dhcpMessage) { o.mac[0]++ }),
		"no server":           offer(func(o *dhcpMessage) { o.server = netip.Addr{} }),
		"no address":          offer(func(o *dhcpMessage) { o.yours = netip.IPv4Unspecified() }),
		"a group's address":   offer(func(o *dhcpMessage) { o.yours = netip.MustParseAddr("224.0.0.1") }),
		"the loopback's":      offer(func(o *dhcpMessage) { o.yours = netip.MustParseAddr("127.0.0.1") }),
		"all stations'":       offer(func(o *dhcpMessage) { o.yours = netip.MustParseAddr("255.255.255.255") }),
		"an acknowledgement":  offer(func(o *dhcpMessage) { o.kind = kindAck }),
		"a refusal":           offer(func(o *dhcpMessage) { o.kind = kindNak }),
		"a client's discover": offer(func(o *dhcpMessage) { o.kind = kindDiscover }),
	} {
		if e := m.hear(now, o); e != nothing || m.state != selecting {
			t.Errorf("%s is taken: %v, state %d", name, e, m.state)
		}
	}
}

func TestLeaseOf(t *testing.T) {
	base := dhcpMessage{yours: netip.MustParseAddr("10.0.0.15"), mask: 24, server: serverIP, lease: time.Hour}
	for _, test := range []struct {
		name   string
		change func(*dhcpMessage)
		want   Lease
	}{
		{"no mask", func(m *dhcpMessage) { m.mask = -1 }, Lease{Address: netip.MustParsePrefix("10.0.0.15/24"), Time: time.Hour}},
		{"no time", func(m *dhcpMessage) { m.lease = 0 }, Lease{Address: netip.MustParsePrefix("10.0.0.15/24"), Time: defaultLease}},
		{"a moment", func(m *dhcpMessage) { m.lease = time.Second }, Lease{Address: netip.MustParsePrefix("10.0.0.15/24"), Time: shortestLease}},
		{"for ever", func(m *dhcpMessage) { m.lease = infiniteLease }, Lease{Address: netip.MustParsePrefix("10.0.0.15/24"), Time: infiniteLease}},
		{"a router elsewhere", func(m *dhcpMessage) { m.routers = []netip.Addr{netip.MustParseAddr("10.0.1.1"), serverIP} }, Lease{Address: netip.MustParsePrefix("10.0.0.15/24"), Router: serverIP, Time: time.Hour}},
		{"itself as router", func(m *dhcpMessage) { m.routers = []netip.Addr{m.yours} }, Lease{Address: netip.MustParsePrefix("10.0.0.15/24"), Time: time.Hour}},
	} {
		m := base
		test.change(&m)
		if l, ok := leaseOf(m); !ok || l.Address != test.want.Address || l.Router != test.want.Router || l.Time != test.want.Time {
			t.Errorf("%s: %+v, %v; want %+v", test.name, l, ok, test.want)
		}
	}
}

// What is sent is read by another program as it is meant.
func TestMessagesAsOthersReadThem(t *testing.T) {
	m := dhcpMessage{kind: kindRequest, xid: 0x12345678, seconds: 9, mac: ourStation, requested: netip.MustParseAddr("10.0.0.15"), server: serverIP, hostname: "fan7"}
	frame := dhcpFrame(ourStation, [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, anyAddress, allStations, m.append(make([]byte, dhcpOffset)))
	p := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default)
	if p.ErrorLayer() != nil {
		t.Fatal(p.ErrorLayer().Error())
	}
	if udp, ok := p.TransportLayer().(*layers.UDP); ok {
		udp.SetNetworkLayerForChecksum(p.NetworkLayer())
	}
	if err, mismatches := p.VerifyChecksums(); err != nil || len(mismatches) > 0 {
		t.Errorf("checksums: %v, %v", err, mismatches)
	}
	d, ok := p.Layer(layers.LayerTypeDHCPv4).(*layers.DHCPv4)
	if !ok {
		t.Fatalf("it is read as %v", p)
	}
	if d.Operation != layers.DHCPOpRequest || d.Xid != m.xid || d.Secs != 9 || d.ClientHWAddr.String() != "02:00:00:00:00:01" {
		t.Errorf("it is read as %+v", d)
	}
	want := map[layers.DHCPOpt]string{layers.DHCPOptMessageType: "\x03", layers.DHCPOptRequestIP: "\x0a\x00\x00\x0f", layers.DHCPOptServerID: "\x0a\x00\x00\x01",
		layers.DHCPOptHostname: "fan7", layers.DHCPOptClientID: "\x01\x02\x00\x00\x00\x00\x01", layers.DHCPOptParamsRequest: "\x01\x03\x06\x07\x33\x3a\x3b"}
	for _, o := range d.Options {
		if w, ok := want[o.Type]; ok && w != string(o.Data) {
			t.Errorf("option %v is % x, want % x", o.Type, o.Data, w)
		}
		delete(want, o.Type)
	}
	if len(want) > 0 {
		t.Errorf("options are missing: %v", want)
	}
}

func FuzzDHCP(f *testing.F) {
	f.Add([]byte{}, []byte{})
	m := dhcpMessage{kind: kindOffer, mac: ourStation}
	b := m.append(nil)
	b[0] = dhcpReply
	f.Add(b, []byte{53, 1, 2, 54, 4, 10, 0, 0, 1, 255})
	f.Fuzz(func(t *testing.T, message, options []byte) {
		if len(message) >= dhcpHeader {
			message = append(message[:dhcpHeader:dhcpHeader], options...)
		}
		machine, now := newMachine(), began
		machine.step(now)
		if m, ok := parseDHCP(message); ok {
			m.xid, m.mac = machine.xid, machine.mac
			for range 3 {
				machine.hear(now, m)
				machine.step(machine.next)
				m.xid = machine.xid
			}
		}
		if machine.state >= bound && (!isHost(machine.lease.Address.Addr()) || !machine.lease.Address.IsValid() || machine.next.Before(began)) {
			t.Errorf("the lease is %+v", machine.lease)
		}
		dhcpPayload(message)
	})
}
