package netstack

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

const (
	dhcpServerPort = 67
	dhcpClientPort = 68
	// heardMessages is how many of the servers' messages wait for the client.
	heardMessages = 16
	// dhcpOffset is where a message stands in a frame.
	dhcpOffset = header.EthernetMinimumSize + header.IPv4MinimumSize + header.UDPMinimumSize
)

var (
	anyAddress  = netip.AddrFrom4([4]byte{})
	allStations = netip.AddrFrom4([4]byte{255, 255, 255, 255})
)

// A client gets the stack's IPv4 address by DHCP. It makes and reads its frames itself:
// a stack without an address does neither.
type client struct {
	stack   *Stack
	machine dhcpMachine
	station [6]byte // the server's, or of the relay before it
	heard   chan heardMessage
	onLease func(Lease)
}

type heardMessage struct {
	message dhcpMessage
	station [6]byte
}

func newClient(s *Stack, config Config) *client {
	return &client{
		stack:   s,
		machine: dhcpMachine{mac: config.MAC, hostname: config.Hostname, random: rand.Uint32},
		heard:   make(chan heardMessage, heardMessages),
		onLease: config.OnLease,
	}
}

// run gets the lease and keeps it.
func (c *client) run() {
	m := &c.machine
	for {
		now := time.Now()
		if send, event := m.step(now); send != nil {
			c.follow(event)
			c.send(send)
		}
		timer := time.NewTimer(m.next.Sub(now))
		select {
		case <-c.stack.ended:
			timer.Stop()
			return
		case <-timer.C:
		case h := <-c.heard:
			timer.Stop()
			old := m.lease
			event := m.hear(time.Now(), h.message)
			if event == leased || event == renewed {
				c.station = h.station
			}
			c.change(old, event)
		}
	}
}

// follow does what the end of the lease means.
func (c *client) follow(event dhcpEvent) {
	if event == lost {
		c.change(c.machine.lease, event)
	}
}

// change makes the stack's address what the lease says.
func (c *client) change(old Lease, event dhcpEvent) {
	s := c.stack
	if event == nothing {
		return
	}
	if old.Address.IsValid() && (event == lost || event == leased) {
		s.removeAddress(old.Address)
		s.routes.setGateway(netip.AddrFrom4([4]byte{}))
		s.servers.setLeased(nil)
		if event == lost {
			s.say(ethernetName + ": the lease of " + old.Address.String() + " is over")
			c.machine.lease = Lease{}
			return
		}
	}
	l := c.machine.lease
	if event == leased {
		if err := s.addAddress(l.Address); err != nil {
			s.say(err.Error())
			return
		}
		s.say(fmt.Sprintf("%s: address %s by DHCP from %s for %v, router %s", ethernetName, l.Address, l.Server, l.Time, orNone(l.Router)))
	}
	if l.Router.IsValid() {
		s.routes.setGateway(l.Router)
	}
	s.servers.setLeased(l.NameServers)
	s.stack.SetRouteTable(s.routes.table())
	s.setReady()
	if c.onLease != nil {
		c.onLease(l)
	}
}

func orNone(a netip.Addr) string {
	if !a.IsValid() {
		return "none"
	}
	return a.String()
}

// send sends a message: to the server, or to all stations of the link.
func (c *client) send(send *dhcpSend) {
	source, dest, station := anyAddress, allStations, [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	if send.message.client.IsValid() {
		source = send.message.client
	}
	if send.unicast && c.machine.offer.server.IsValid() {
		dest, station = c.machine.offer.server, c.station
	}
	frame := dhcpFrame(c.machine.mac, station, source, dest, send.message.append(make([]byte, dhcpOffset, dhcpOffset+dhcpMost)))
	if _, err := c.stack.device.Send(frame); err != nil {
		c.stack.link.dropped.Add(1)
	}
}

// dhcpFrame completes a frame whose message stands behind the room for its headers.
func dhcpFrame(from, to [6]byte, source, dest netip.Addr, frame []byte) []byte {
	header.Ethernet(frame).Encode(&header.EthernetFields{
		SrcAddr: tcpip.LinkAddress(from[:]),
		DstAddr: tcpip.LinkAddress(to[:]),
		Type:    header.IPv4ProtocolNumber,
	})
	ip := header.IPv4(frame[header.EthernetMinimumSize:])
	ip.Encode(&header.IPv4Fields{
		TotalLength: uint16(len(ip)),
		TTL:         64,
		Protocol:    uint8(header.UDPProtocolNumber),
		SrcAddr:     tcpip.AddrFromSlice(source.AsSlice()),
		DstAddr:     tcpip.AddrFromSlice(dest.AsSlice()),
	})
	ip.SetChecksum(^ip.CalculateChecksum())
	udp := header.UDP(ip[header.IPv4MinimumSize:])
	udp.Encode(&header.UDPFields{SrcPort: dhcpClientPort, DstPort: dhcpServerPort, Length: uint16(len(udp))})
	sum := header.PseudoHeaderChecksum(header.UDPProtocolNumber, ip.SourceAddress(), ip.DestinationAddress(), uint16(len(udp)))
	udp.SetChecksum(^udp.CalculateChecksum(checksum.Checksum(udp.Payload(), sum)))
	return frame
}

// hear takes a received frame if it is a DHCP server's.
func (c *client) hear(frame []byte) bool {
	payload, ok := dhcpPayload(frame)
	if !ok {
		return false
	}
	if m, ok := parseDHCP(payload); ok {
		select {
		case c.heard <- heardMessage{m, [6]byte(frame[6:12])}:
		default: // more than anybody needs
		}
	}
	return true
}

// dhcpPayload is what a UDP datagram from a server's port to the client's carries, if the
// frame is one.
func dhcpPayload(frame []byte) ([]byte, bool) {
	if len(frame) < dhcpOffset || header.Ethernet(frame).Type() != header.IPv4ProtocolNumber {
		return nil, false
	}
	ip := header.IPv4(frame[header.EthernetMinimumSize:])
	if !ip.IsValid(len(ip)) || !ip.IsChecksumValid() || ip.FragmentOffset() != 0 || ip.More() || ip.TransportProtocol() != header.UDPProtocolNumber {
		return nil, false
	}
	udp := header.UDP(ip.Payload())
	if len(udp) < header.UDPMinimumSize || int(udp.Length()) > len(udp) || udp.Length() < header.UDPMinimumSize ||
		udp.SourcePort() != dhcpServerPort || udp.DestinationPort() != dhcpClientPort {
		return nil, false
	}
	udp = udp[:udp.Length()]
	if udp.Checksum() != 0 && !udp.IsChecksumValid(ip.SourceAddress(), ip.DestinationAddress(), checksum.Checksum(udp.Payload(), 0)) {
		return nil, false
	}
	return udp.Payload(), true
}
