package capture

import (
	"encoding/binary"
	"net/netip"

	"github.com/gopacket/gopacket/layers"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// What stands before the IP header on the links that are known
// (https://www.tcpdump.org/linktypes.html).
const (
	etherTypeVLAN  = 0x8100
	etherTypeVLANs = 0x88a8
	vlanTag        = 4
	// Offsets of an EtherType, and of what follows it.
	etherType, etherHeader = 12, 14
	sllType, sllHeader     = 14, 16
	sll2Type, sll2Header   = 0, 20
	nullHeader             = 4

	linkTypeRawBSD, linkTypeRawOpenBSD layers.LinkType = 12, 14
	linkTypeIPv6                       layers.LinkType = 229
)

// network returns a packet from its IP header on, empty if it is of something else.
func network(link layers.LinkType, data []byte) (packet []byte, known bool) {
	switch link {
	case layers.LinkTypeRaw, layers.LinkTypeIPv4, linkTypeIPv6, linkTypeRawBSD, linkTypeRawOpenBSD:
		return data, true
	case layers.LinkTypeNull, layers.LinkTypeLoop:
		return data[min(nullHeader, len(data)):], true
	case layers.LinkTypeEthernet:
		return typed(data, etherType, etherHeader), true
	case layers.LinkTypeLinuxSLL:
		return typed(data, sllType, sllHeader), true
	case layers.LinkTypeLinuxSLL2:
		return typed(data, sll2Type, sll2Header), true
	}
	return nil, false
}

// typed is what stands behind a header of size bytes with an EtherType and further tags of VLANs
// (IEEE 802.1Q).
func typed(data []byte, at, size int) []byte {
	if len(data) < size {
		return nil
	}
	kind := binary.BigEndian.Uint16(data[at:])
	data = data[size:]
	for kind == etherTypeVLAN || kind == etherTypeVLANs {
		if len(data) < vlanTag {
			return nil
		}
		kind = binary.BigEndian.Uint16(data[2:])
		data = data[vlanTag:]
	}
	if kind != uint16(header.IPv4ProtocolNumber) && kind != uint16(header.IPv6ProtocolNumber) {
		return nil
	}
	return data
}

// datagram reads a packet as a UDP datagram, nil if it is none.
func datagram(packet []byte) (d *Datagram, fragment bool) {
	var from, to netip.Addr
	if len(packet) == 0 {
		return nil, false
	}
	switch packet[0] >> 4 {
	case 4:
		ip := header.IPv4(packet)
		if len(packet) < header.IPv4MinimumSize || int(ip.HeaderLength()) < header.IPv4MinimumSize || int(ip.HeaderLength()) > len(packet) ||
			ip.TransportProtocol() != header.UDPProtocolNumber {
			return nil, false
		}
		if ip.More() || ip.FragmentOffset() > 0 {
			return nil, true
		}
		from, to = netip.AddrFrom4(ip.SourceAddress().As4()), netip.AddrFrom4(ip.DestinationAddress().As4())
		packet = packet[ip.HeaderLength():]
	case 6:
		ip := header.IPv6(packet)
		if len(packet) < header.IPv6MinimumSize {
			return nil, false
		}
		if next := ip.NextHeader(); next != uint8(header.UDPProtocolNumber) {
			return nil, next == uint8(header.IPv6FragmentExtHdrIdentifier)
		}
		from, to = netip.AddrFrom16(ip.SourceAddress().As16()), netip.AddrFrom16(ip.DestinationAddress().As16())
		packet = packet[header.IPv6MinimumSize:]
	default:
		return nil, false
	}
	if len(packet) < header.UDPMinimumSize {
		return nil, false
	}
	u := header.UDP(packet)
	size := int(u.Length()) - header.UDPMinimumSize
	if size < 0 {
		return nil, false
	}
	// A frame can have padding behind the datagram, or be cut.
	data := packet[header.UDPMinimumSize:]
	return &Datagram{
		From: netip.AddrPortFrom(from.Unmap(), u.SourcePort()), To: netip.AddrPortFrom(to.Unmap(), u.DestinationPort()),
		Data: data[:min(size, len(data))], Size: size,
	}, false
}
