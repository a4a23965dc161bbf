package netlog

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// Neighbor solicitations and advertisements with one option, a link-layer address (RFC 4861 4.3, 4.4, 4.6.1):
// an IPv6 header, type, code, checksum, flags, the address that is meant, and the option.
const (
	neighborMessage = header.IPv6MinimumSize + icmpTarget + 16 + linkOption

	icmpChecksum = 2
	icmpFlags    = 4
	icmpTarget   = 8
	icmpOptions  = icmpTarget + 16
	linkOption   = 8

	solicitation  = 135
	advertisement = 136

	sourceLink = 1 // kinds of options
	targetLink = 2

	flagSolicited = 0x40
	flagOverride  = 0x20

	// neighborHops is the hop limit of all of them: one that a router has forwarded has less (RFC 4861 7.1).
	neighborHops = 255
)

var allNodes = [16]byte{0: 0xff, 1: 2, 15: 1}

// solicitedNode is the group that the owner of an address listens to (RFC 4291 2.7.1).
func solicitedNode(of *[16]byte) [16]byte {
	return [16]byte{0: 0xff, 1: 2, 11: 1, 12: 0xff, 13: of[13], 14: of[14], 15: of[15]}
}

// buildSolicitation makes the frame that asks for the hop's station, and tells ours.
func (n *way) buildSolicitation() {
	to := solicitedNode(&n.hop)
	n.putNeighbor(&n.request, groupStation(netip.AddrFrom16(to)), solicitation, &n.hop, sourceLink)
	addressTo(&n.request, &to)
}

// buildAdvertisement makes the frame that tells our station, but for whom.
func (n *way) buildAdvertisement() {
	n.putNeighbor(&n.reply, broadcast, advertisement, &n.source, targetLink)
}

func (n *way) putNeighbor(c *control, station [6]byte, kind byte, target *[16]byte, option byte) {
	c.start = linkHeaderSize(n.vlan)
	c.size = c.start + neighborMessage
	putLinkHeader(c.bytes[:], n.mac, station, n.vlan, header.IPv6ProtocolNumber)
	ip := header.IPv6(c.body())
	ip.Encode(&header.IPv6Fields{
		PayloadLength:     neighborMessage - header.IPv6MinimumSize,
		TransportProtocol: header.ICMPv6ProtocolNumber,
		HopLimit:          neighborHops,
	})
	copy(ip[ipv6Source:], n.source[:])
	icmp := ip[header.IPv6MinimumSize:]
	icmp[0] = kind
	copy(icmp[icmpTarget:], target[:])
	icmp[icmpOptions], icmp[icmpOptions+1] = option, linkOption/8
	copy(icmp[icmpOptions+2:], n.mac[:])
}

// addressTo completes a message with its destination.
func addressTo(c *control, to *[16]byte) {
	ip := c.body()
	copy(ip[ipv6Destination:], to[:])
	icmp := ip[header.IPv6MinimumSize:]
	binary.BigEndian.PutUint16(icmp[icmpChecksum:], 0)
	binary.BigEndian.PutUint16(icmp[icmpChecksum:], ^sumICMPv6(ip[ipv6Source:header.IPv6MinimumSize], icmp))
}

// sumICMPv6 is the sum of a message with its pseudo header (RFC 4443 2.3), of whose addresses addresses are. It is
// 0xffff for one that is whole.
func sumICMPv6(addresses, icmp []byte) uint16 {
	sum := checksum.Combine(uint16(len(icmp)), uint16(header.ICMPv6ProtocolNumber))
	return checksum.Checksum(icmp, checksum.Checksum(addresses, sum))
}

// handleNDP answers a solicitation of our address, and takes the advertisement that is awaited, if they are valid
// (RFC 4861 7.1). Own is whether it was the solicitation.
func (l *Logger) handleNDP(d *destination, r *received, p *packet) (own bool) {
	n := &d.neighbor
	icmp := p.payload
	if !n.six || p.hops != neighborHops || len(icmp) < icmpOptions || icmp[1] != 0 || sumICMPv6(p.addresses, icmp) != 0xffff {
		return false
	}
	target := [16]byte(icmp[icmpTarget:])
	switch icmp[0] {
	case solicitation:
		if target == n.source {
			return l.answerSolicitation(n, r, p)
		}
	case advertisement:
		// What comes to a group was not asked for.
		station, valid := linkAddress(icmp[icmpOptions:], targetLink)
		if valid && station != nil && target == n.hop && bytes.Equal(p.destination, n.source[:]) && n.isOther(station) {
			l.resolveTo(d, station)
		}
	}
	return false
}

// answerSolicitation tells our station: to the one that asks, or to all if that has no address yet and wants
// ours (RFC 4861 7.2.4).
func (l *Logger) answerSolicitation(n *neighbor, r *received, p *packet) (own bool) {
	group := solicitedNode(&n.source)
	toGroup := bytes.Equal(p.destination, group[:])
	if !toGroup && !bytes.Equal(p.destination, n.source[:]) {
		return false
	}
	station, valid := linkAddress(p.payload[icmpOptions:], sourceLink)
	if !valid {
		return false
	}
	to, flags := [16]byte(p.source), byte(flagSolicited|flagOverride)
	if to == [16]byte{} { // somebody is about to take the address
		if station != nil || !toGroup {
			return false
		}
		to, flags, station = allNodes, flagOverride, allNodesStation[:]
	} else {
		if station == nil && !toGroup { // only to one station it may be left out (RFC 4861 4.3)
			station = r.source
		}
		if station == nil || !n.isOther(station) || to[0] == 0xff || to == n.source {
			return false
		}
	}
	copy(n.reply.bytes[:6], station)
	n.reply.body()[header.IPv6MinimumSize+icmpFlags] = flags
	addressTo(&n.reply, &to)
	l.transmitControl(n.reply.frame())
	return true
}

// allNodesStation is the station of allNodes.
var allNodesStation = [6]byte{0x33, 0x33, 0, 0, 0, 1}

// linkAddress is the link-layer address among a message's options, nil if there is none of that kind. It is not
// valid if an option has no length or ends behind the message: then that is void (RFC 4861 7.1).
func linkAddress(options []byte, kind byte) (station []byte, valid bool) {
	for len(options) > 0 {
		if len(options) < 2 {
			return nil, false
		}
		size := int(options[1]) * 8
		if size == 0 || size > len(options) {
			return nil, false
		}
		if options[0] == kind && size == linkOption && station == nil {
			station = options[2:linkOption]
		}
		options = options[size:]
	}
	return station, true
}
