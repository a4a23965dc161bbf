package netstack

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// serveDHCP is a DHCP server on a cable that gives 10.0.0.15 for so many seconds, to what the machine at the other end
// sends until the test ends.
func serveDHCP(t *testing.T, c *cable, seconds uint32, acknowledged *atomic.Int32) {
	t.Helper()
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, frameSize)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
			for n, _ := c.Receive(buf); n > 0; n, _ = c.Receive(buf) {
				p := gopacket.NewPacket(slices.Clone(buf[:n]), layers.LayerTypeEthernet, gopacket.Default)
				if d, ok := p.Layer(layers.LayerTypeDHCPv4).(*layers.DHCPv4); ok {
					c.Transmit(serverFrame(t, c, d, seconds, acknowledged))
				}
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-done })
}

// serverFrame answers a message.
func serverFrame(t *testing.T, c *cable, d *layers.DHCPv4, seconds uint32, acknowledged *atomic.Int32) []byte {
	kind := layers.DHCPMsgTypeOffer
	for _, o := range d.Options {
		if o.Type == layers.DHCPOptMessageType && layers.DHCPMsgType(o.Data[0]) == layers.DHCPMsgTypeRequest {
			kind = layers.DHCPMsgTypeAck
			acknowledged.Add(1)
		}
	}
	server := net.IPv4(10, 0, 0, 1).To4()
	reply := layers.DHCPv4{Operation: layers.DHCPOpReply, HardwareType: layers.LinkTypeEthernet, Xid: d.Xid, YourClientIP: net.IPv4(10, 0, 0, 15), ClientHWAddr: d.ClientHWAddr,
		Options: layers.DHCPOptions{
			layers.NewDHCPOption(layers.DHCPOptMessageType, []byte{byte(kind)}),
			layers.NewDHCPOption(layers.DHCPOptServerID, server),
			layers.NewDHCPOption(layers.DHCPOptSubnetMask, []byte{255, 255, 255, 0}),
			layers.NewDHCPOption(layers.DHCPOptRouter, server),
			layers.NewDHCPOption(layers.DHCPOptDNS, []byte{10, 0, 0, 3}),
			layers.NewDHCPOption(layers.DHCPOptLogServer, []byte{10, 0, 0, 5}),
			layers.NewDHCPOption(layers.DHCPOptLeaseTime, binary.BigEndian.AppendUint32(nil, seconds)),
			layers.NewDHCPOption(layers.DHCPOptEnd, nil),
		}}
	ip := layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: server, DstIP: net.IPv4bcast}
	udp := layers.UDP{SrcPort: 67, DstPort: 68}
	udp.SetNetworkLayerForChecksum(&ip)
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		&layers.Ethernet{SrcMAC: c.mac[:], DstMAC: d.ClientHWAddr, EthernetType: layers.EthernetTypeIPv4}, &ip, &udp, &reply); err != nil {
		t.Error(err)
	}
	return b.Bytes()
}

// A stack gets address, router, name servers and log host by DHCP. What connects meanwhile waits.
func TestAddressByDHCP(t *testing.T) {
	left, right := newCables()
	var acknowledged atomic.Int32
	serveDHCP(t, right, 10, &acknowledged)
	leases := make(chan Lease, 10)
	s, _ := newStack(t, left, func(c *Config) {
		c.DHCP = true
		c.Say = nil
		c.OnLease = func(l Lease) { leases <- l }
	})
	ctx, cancel := context.WithTimeout(context.Background(), addressPatience)
	defer cancel()
	if err := s.awaitAddress(ctx); err != nil {
		t.Fatal(err)
	}
	l := <-leases
	if l.Address != netip.MustParsePrefix("10.0.0.15/24") || !slices.Equal(l.LogServers, []netip.Addr{netip.MustParseAddr("10.0.0.5")}) {
		t.Errorf("the lease is %+v", l)
	}
	c := packets(t, s, "", "192.0.2.1:9") // elsewhere: there is a router
	if got := c.LocalAddr().(*net.UDPAddr).IP.String(); got != "10.0.0.15" {
		t.Errorf("it sends from %s", got)
	}
	if server, ok := s.servers.server(0); !ok || server != netip.MustParseAddr("10.0.0.3") {
		t.Errorf("the name server is %v, %v", server, ok)
	}
	<-leases // renewed, after five of its ten seconds
	if n := acknowledged.Load(); n < 2 {
		t.Errorf("the server acknowledged %d times", n)
	}
}

func TestConnectionsWaitForTheFirstAddress(t *testing.T) {
	left, _ := newCables()
	s, _ := newStack(t, left, func(c *Config) { c.DHCP = true; c.Say = nil })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := dial(ctx, s, "10.0.0.1:80"); err != context.Canceled {
		t.Errorf("Dial: %v, want that it waited", err)
	}
	listen(t, s, "127.0.0.1:80")
	mustDial(t, s, "127.0.0.1:80") // the loopback interface is there at once
}

// A machine that has just started has no IPv6 address yet that it may use: a stream waits for one.
func TestStreamsWaitForAWayByIPv6(t *testing.T) {
	left, right := newCables()
	a, _ := newStack(t, left, func(c *Config) { c.Say = nil })
	b, _ := newStack(t, right, static("fd00::2/64"))
	listen(t, b, "[::]:80")
	time.AfterFunc(5*wayPause, func() { a.addAddress(netip.MustParsePrefix("fd00::1/64")) })
	mustDial(t, a, "[fd00::2]:80")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := dial(ctx, a, "[fd00:1::1]:80"); err != context.Canceled {
		t.Errorf("to where there is no way yet: %v, want that it waited", err)
	}
	a.started = a.started.Add(-addressPatience)
	if _, err := dial(context.Background(), a, "[fd00:1::1]:80"); !errors.Is(err, syscall.ENETUNREACH) {
		t.Errorf("to where there is none: %v, want %v", err, syscall.ENETUNREACH)
	}
}
