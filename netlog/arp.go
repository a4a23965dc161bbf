package netlog

import (
	"bytes"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// buildARP makes the frames of RFC 826 that are sent.
func (n *way) buildARP() {
	n.putARP(&n.request, header.ARPRequest)
	copy(header.ARP(n.request.body()).ProtocolAddressTarget(), n.address(&n.hop))
	n.putARP(&n.reply, header.ARPReply)
}

// putARP writes what all our ARP frames of one kind have in common.
func (n *way) putARP(c *control, op header.ARPOp) {
	c.start = linkHeaderSize(n.vlan)
	c.size = c.start + header.ARPSize
	putLinkHeader(c.bytes[:], n.mac, broadcast, n.vlan, header.ARPProtocolNumber)
	arp := header.ARP(c.body())
	arp.SetIPv4OverEthernet()
	arp.SetOp(op)
	copy(arp.HardwareAddressSender(), n.mac[:])
	copy(arp.ProtocolAddressSender(), n.address(&n.source))
}

// handleARP answers a request for our address, and takes the reply that is awaited. Own is
// whether it was the request.
func (l *Logger) handleARP(d *destination, body []byte) (own bool) {
	n := &d.neighbor
	if n.six || len(body) < header.ARPSize {
		return false
	}
	arp := header.ARP(body[:header.ARPSize])
	if !arp.IsValid() || !bytes.Equal(arp.ProtocolAddressTarget(), n.address(&n.source)) {
		return false
	}
	sender := arp.HardwareAddressSender()
	if !n.isOther(sender) {
		return false
	}
	switch arp.Op() {
	case header.ARPRequest:
		copy(n.reply.bytes[:6], sender)
		reply := header.ARP(n.reply.body())
		copy(reply.HardwareAddressTarget(), sender)
		copy(reply.ProtocolAddressTarget(), arp.ProtocolAddressSender())
		l.transmitControl(n.reply.frame())
		return true
	case header.ARPReply:
		if bytes.Equal(arp.ProtocolAddressSender(), n.address(&n.hop)) &&
			bytes.Equal(arp.HardwareAddressTarget(), n.mac[:]) {
			l.resolveTo(d, sender)
		}
	}
	return false
}
