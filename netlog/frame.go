package netlog

import (
	"encoding/binary"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// A message stands behind the room for the largest headers, which end where it begins: the same headers are
// at the same place for every message, whether there is a tag or not.
const (
	ethernetSize = header.EthernetMinimumSize
	tagSize      = 4 // IEEE 802.1Q

	// headroom lets Ethernet header, 802.1Q tag, IPv6 and UDP header stand right before a message.
	headroom = ethernetSize + tagSize + header.IPv6MinimumSize + header.UDPMinimumSize

	udpOffset  = headroom - header.UDPMinimumSize
	ipv4Offset = udpOffset - header.IPv4MinimumSize
	ipv6Offset = udpOffset - header.IPv6MinimumSize
)

// Linux net/core/netpoll.c sends with these too, push_ipv4 and push_ipv6.
const (
	timeToLive = 64
	hopLimit   = 32
)

// A template is the headers of a UDP datagram over IPv4 or IPv6 over Ethernet, complete
// but for what differs from frame to frame: lengths, identification, checksums.
type template struct {
	headers [headroom]byte // from start on
	start   int            // where the frame begins: behind it are headroom-start bytes of headers
	six     bool           // IPv6
	ipSum   uint16         // of the IPv4 header as it stands in headers
	udpSum  uint16         // of the pseudo header and the UDP header without lengths
	id      uint16
}

// build makes the headers of datagrams between two addresses of the same version; with a VLAN identifier
// other than 0 they are tagged.
func (t *template) build(source, destination netip.Addr, sourcePort, port uint16, mac [6]byte, vlan uint16) {
	*t = template{id: t.id, six: source.Is6()}
	network, at := header.IPv4ProtocolNumber, ipv4Offset
	if t.six {
		network, at = header.IPv6ProtocolNumber, ipv6Offset
	}
	t.start = at - linkHeaderSize(vlan)
	putLinkHeader(t.headers[t.start:], mac, broadcast, vlan, network)
	from, to := tcpip.AddrFromSlice(source.AsSlice()), tcpip.AddrFromSlice(destination.AsSlice())
	if t.six {
		header.IPv6(t.headers[at:udpOffset]).Encode(&header.IPv6Fields{
			TransportProtocol: header.UDPProtocolNumber,
			HopLimit:          hopLimit,
			SrcAddr:           from,
			DstAddr:           to,
		})
	} else {
		ip := header.IPv4(t.headers[at:udpOffset])
		ip.Encode(&header.IPv4Fields{TTL: timeToLive, Protocol: uint8(header.UDPProtocolNumber), SrcAddr: from, DstAddr: to})
		t.ipSum = checksum.Checksum(ip, 0)
	}
	udp := header.UDP(t.headers[udpOffset:])
	udp.Encode(&header.UDPFields{SrcPort: sourcePort, DstPort: port})
	t.udpSum = header.PseudoHeaderChecksum(header.UDPProtocolNumber, from, to, 0)
	t.udpSum = checksum.Checksum(udp, t.udpSum)
}

// addresses are those of the datagrams, as they stand there.
func (t *template) addresses() (source, destination []byte) {
	if t.six {
		return t.headers[ipv6Offset+ipv6Source : ipv6Offset+ipv6Destination], t.headers[ipv6Offset+ipv6Destination : udpOffset]
	}
	return t.headers[ipv4Offset+ipv4Source : ipv4Offset+ipv4Destination], t.headers[ipv4Offset+ipv4Destination : udpOffset]
}

// linkHeaderSize is the size of an Ethernet header, with the tag of a VLAN other than 0.
func linkHeaderSize(vlan uint16) int {
	if vlan == 0 {
		return ethernetSize
	}
	return ethernetSize + tagSize
}

// putLinkHeader writes an Ethernet header, with a tag (IEEE 802.1Q 9.6: priority 0) for a VLAN other than 0.
func putLinkHeader(frame []byte, source, destination [6]byte, vlan uint16, network tcpip.NetworkProtocolNumber) {
	copy(frame, destination[:])
	copy(frame[6:], source[:])
	const typeOffset, tagged = 12, 0x8100
	if vlan != 0 {
		binary.BigEndian.PutUint16(frame[typeOffset:], tagged)
		binary.BigEndian.PutUint16(frame[typeOffset+2:], vlan)
		frame = frame[tagSize:]
	}
	binary.BigEndian.PutUint16(frame[typeOffset:], uint16(network))
}

// setDestination sets the station the frames go to.
func (t *template) setDestination(mac [6]byte) { copy(t.headers[t.start:], mac[:]) }

// complete writes the headers to the first headroom bytes of room, behind which the payload stands, and
// returns the frame, which is what of room begins with them. The room before is overwritten.
func (t *template) complete(room []byte) []byte {
	return room[within(t.finish(room, len(room)), headroom):]
}

// finish is complete for a room of which so many bytes count, and returns where the frame begins.
func (t *template) finish(room []byte, end int) int {
	h := (*[headroom]byte)(room)
	sum := uint32(sum(room[headroom:end]))
	*h = t.headers
	length := uint32(end - udpOffset)
	if t.six {
		binary.BigEndian.PutUint16(h[ipv6Offset+4:], uint16(length))
	} else {
		t.id++
		total, id := length+header.IPv4MinimumSize, uint32(t.id)
		const totalLength, headerChecksum = ipv4Offset + 2, ipv4Offset + 10 // the identification stands behind the length
		binary.BigEndian.PutUint32(h[totalLength:], total<<16|id)
		binary.BigEndian.PutUint16(h[headerChecksum:], ^fold(uint32(t.ipSum)+total+id))
	}
	// The length counts twice: in the pseudo header and in the header.
	checksum := ^fold(uint32(t.udpSum) + 2*length + sum)
	if checksum == 0 {
		checksum = 0xffff // RFC 768: zero means there is none
	}
	binary.BigEndian.PutUint32(h[udpOffset+4:], length<<16|uint32(checksum))
	return t.start
}
