package netlog

import (
	"encoding/binary"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// What a received frame may carry (IEEE 802 EtherTypes, IP protocol numbers).
const (
	networkARP  = uint16(header.ARPProtocolNumber)
	networkIPv4 = uint16(header.IPv4ProtocolNumber)
	networkIPv6 = uint16(header.IPv6ProtocolNumber)
	networkVLAN = 0x8100

	protocolUDP    = uint8(header.UDPProtocolNumber)
	protocolICMPv6 = uint8(header.ICMPv6ProtocolNumber)
)

const (
	ipv4Source, ipv4Destination = 12, 16 // RFC 791
	ipv6Source, ipv6Destination = 8, 24  // RFC 8200
)

// A received is a frame without its link header.
type received struct {
	source  []byte // station
	vlan    uint16 // 0: it has no tag, or one that tells the priority only
	network uint16
	body    []byte
}

// openFrame takes the link header off a frame.
func openFrame(frame []byte) (r received, ok bool) {
	if len(frame) < ethernetSize {
		return r, false
	}
	r.source = frame[6:12]
	r.network, r.body = binary.BigEndian.Uint16(frame[12:]), frame[ethernetSize:]
	if r.network == networkVLAN {
		if len(r.body) < tagSize {
			return r, false
		}
		const identifier = 0xfff
		r.vlan = binary.BigEndian.Uint16(r.body) & identifier
		r.network, r.body = binary.BigEndian.Uint16(r.body[2:]), r.body[tagSize:]
	}
	return r, true
}

// A packet is an IP packet that is no fragment and has no IPv6 extension headers, taken apart as far as its lengths
// can be believed.
type packet struct {
	addresses   []byte // source and destination
	source      []byte
	destination []byte
	protocol    uint8
	hops        uint8
	payload     []byte
}

// openPacket takes the IP header off what a frame carries, and the padding behind it.
func openPacket(r *received) (p packet, ok bool) {
	ip := r.body
	switch r.network {
	case networkIPv4:
		if len(ip) < header.IPv4MinimumSize || ip[0]>>4 != header.IPv4Version {
			return p, false
		}
		size, total := int(ip[0]&0xf)*4, int(binary.BigEndian.Uint16(ip[2:]))
		const fragment = 0x3fff // more fragments, and the offset (RFC 791)
		if size < header.IPv4MinimumSize || total > len(ip) || total < size || binary.BigEndian.Uint16(ip[6:])&fragment != 0 {
			return p, false
		}
		p.addresses, p.protocol, p.hops, p.payload = ip[ipv4Source:header.IPv4MinimumSize], ip[9], ip[8], ip[size:total]
	case networkIPv6:
		if len(ip) < header.IPv6MinimumSize || ip[0]>>4 != header.IPv6Version {
			return p, false
		}
		total := header.IPv6MinimumSize + int(binary.BigEndian.Uint16(ip[4:]))
		if total > len(ip) {
			return p, false
		}
		p.addresses, p.protocol, p.hops, p.payload = ip[ipv6Source:header.IPv6MinimumSize], ip[6], ip[7], ip[header.IPv6MinimumSize:total]
	default:
		return p, false
	}
	half := len(p.addresses) / 2
	p.source, p.destination = p.addresses[:half], p.addresses[half:]
	return p, true
}
