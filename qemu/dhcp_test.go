package qemu

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// dhcpServer is a DHCP server on a machine's cable. It gives one address, and another when that is renewed, and says that
// the log host is the test's.
type dhcpServer struct {
	wire  *Wire
	next  int  // frame to look at
	gives byte // last byte of the address
	acks  int
}

// look answers what has come.
func (s *dhcpServer) look(t *testing.T) {
	t.Helper()
	frames := s.wire.Frames()
	for _, f := range frames[s.next:] {
		p := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.Default)
		if d, ok := p.Layer(layers.LayerTypeDHCPv4).(*layers.DHCPv4); ok {
			if err := s.wire.Send(s.answer(t, d)); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.next = len(frames)
}

func (s *dhcpServer) answer(t *testing.T, d *layers.DHCPv4) []byte {
	t.Helper()
	kind := layers.DHCPMsgTypeOffer
	if slices.ContainsFunc(d.Options, func(o layers.DHCPOption) bool {
		return o.Type == layers.DHCPOptMessageType && o.Data[0] == byte(layers.DHCPMsgTypeRequest)
	}) {
		kind = layers.DHCPMsgTypeAck
		if s.acks++; s.acks > 1 {
			s.gives = 16
		}
	}
	own := logHost.Addr().AsSlice()
	given := slices.Clone(own)
	given[3] = s.gives
	reply := layers.DHCPv4{Operation: layers.DHCPOpReply, HardwareType: layers.LinkTypeEthernet, Xid: d.Xid, YourClientIP: given, ClientHWAddr: d.ClientHWAddr,
		Options: layers.DHCPOptions{
			layers.NewDHCPOption(layers.DHCPOptMessageType, []byte{byte(kind)}),
			layers.NewDHCPOption(layers.DHCPOptServerID, own),
			layers.NewDHCPOption(layers.DHCPOptSubnetMask, []byte{255, 255, 255, 0}),
			layers.NewDHCPOption(layers.DHCPOptLogServer, own),
			layers.NewDHCPOption(layers.DHCPOptLeaseTime, []byte{0, 0, 0, 10}), // seconds
			layers.NewDHCPOption(layers.DHCPOptEnd, nil),
		}}
	ip := layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: own, DstIP: net.IPv4bcast}
	udp := layers.UDP{SrcPort: 67, DstPort: 68}
	udp.SetNetworkLayerForChecksum(&ip)
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		&layers.Ethernet{SrcMAC: logMAC, DstMAC: d.ClientHWAddr, EthernetType: layers.EthernetTypeIPv4}, &ip, &udp, &reply); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestLogHostByDHCP: a machine that is told nothing gets its address and its log host by DHCP, and what it logged before
// arrives there; when it gets another address it logs from that.
func TestLogHostByDHCP(t *testing.T) {
	image(t)
	file, err := webServer[CountMachine.Suffix()]()
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{Hosts: []Host{{Addr: logHost.Addr(), MAC: logMAC}}, LogHost: logHost}
	r := start(t, Machine{Type: "q35", NIC: "e1000", Memory: 256, Image: file, Wire: w, Cmdline: "console=null", Deadline: 3 * time.Minute})
	server := &dhcpServer{wire: w, gives: 15}
	from := func(last byte, text string) bool {
		want := logHost.Addr().As4()
		want[3] = last
		for _, d := range w.Datagrams() {
			if d.Source.Addr() == netip.AddrFrom4(want) && strings.Contains(string(d.Payload), text) {
				return true
			}
		}
		return false
	}
	for _, wanted := range []struct {
		last byte
		text string
	}{{15, "eth0: 82540EM"}, {15, "web server"}, {15, "10.0.2.16/24 by DHCP"}, {16, "from 10.0.2.16"}} {
		for deadline := time.Now().Add(bootDeadline); !from(wanted.last, wanted.text); time.Sleep(5 * time.Millisecond) {
			server.look(t)
			if time.Now().After(deadline) {
				for _, d := range w.Datagrams() {
					t.Logf("%v: %s", d.Source, d.Payload)
				}
				t.Fatalf("nothing with %q has come from .%d; QEMU says %s", wanted.text, wanted.last, r.Messages())
			}
		}
	}
}
