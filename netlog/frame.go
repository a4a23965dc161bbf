package netlog

import (
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

const (
	ethernetSize = header.EthernetMinimumSize
	ipOffset     = ethernetSize
	udpOffset    = ipOffset + header.IPv4MinimumSize
)

// Linux net/core/netpoll.c sends with this time to live too.
const timeToLive = 64

// A template is the headers of a UDP datagram over IPv4 over Ethernet, complete
// but for what differs from frame to frame: lengths, identification, checksums.
type template struct {
	headers [headroom]byte
	ipSum   uint16 // of the IPv4 header as it stands in headers
	udpSum  uint16 // of the pseudo header and the UDP header without lengths
	id      uint16
}

func (t *template) build(source, destination [4]byte, sourcePort, port uint16, mac [6]byte) {
	t.headers = [headroom]byte{}
	eth := header.Ethernet(t.headers[:])
	eth.Encode(&header.EthernetFields{
		SrcAddr: tcpip.LinkAddress(mac[:]),
		Type:    header.IPv4ProtocolNumber,
	})
	ip := header.IPv4(t.headers[ipOffset:udpOffset])
	ip.Encode(&header.IPv4Fields{
		TTL:      timeToLive,
		Protocol: uint8(header.UDPProtocolNumber),
		SrcAddr:  tcpip.AddrFrom4(source),
		DstAddr:  tcpip.AddrFrom4(destination),
	})
	t.ipSum = checksum.Checksum(ip, 0)
	udp := header.UDP(t.headers[udpOffset:])
	udp.Encode(&header.UDPFields{SrcPort: sourcePort, DstPort: port})
	t.udpSum = header.PseudoHeaderChecksum(header.UDPProtocolNumber, ip.SourceAddress(), ip.DestinationAddress(), 0)
	t.udpSum = checksum.Checksum(udp, t.udpSum)
}

// setDestination sets the station the frames go to.
func (t *template) setDestination(mac [6]byte) { copy(t.headers[0:6], mac[:]) }

// setDestination sets the station all frames go to.
func (l *Logger) setDestination(mac [6]byte) {
	l.network.template.setDestination(mac)
	copy(l.final.frame[0:6], mac[:])
	for i := range l.final.sealed.frames {
		copy(l.final.sealed.frames[i][0:6], mac[:])
	}
}

// complete writes the headers to the first headroom bytes of frame, whose
// payload stands behind them.
func (t *template) complete(frame []byte) {
	*(*[headroom]byte)(frame) = t.headers
	t.id++
	ip := header.IPv4(frame[ipOffset:udpOffset])
	total := uint16(len(frame) - ipOffset)
	ip.SetTotalLength(total)
	ip.SetID(t.id)
	ip.SetChecksum(^checksum.Combine(checksum.Combine(t.ipSum, total), t.id))

	udp := header.UDP(frame[udpOffset:headroom])
	length := uint16(len(frame) - udpOffset)
	udp.SetLength(length)
	// The length counts twice: in the pseudo header and in the header.
	sum := checksum.Combine(checksum.Combine(t.udpSum, length), length)
	sum = ^checksum.Checksum(frame[headroom:], sum)
	if sum == 0 {
		sum = 0xffff // RFC 768: zero means there is none
	}
	udp.SetChecksum(sum)
}
