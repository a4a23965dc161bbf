package netlog

import (
	"bytes"
	"encoding/binary"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// Requests are repeated with pauses that double from the first to the longest,
// and their silence is told after so many of them.
const (
	firstPause     = time.Second
	longestPause   = 30 * time.Second
	silentRequests = 3
)

// arpFrame is a whole ARP frame.
const arpFrame = ethernetSize + header.ARPSize

var broadcast = [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// A neighbor is the station that frames for the target go to: the target
// itself or the router (RFC 826).
type neighbor struct {
	resolved atomic.Uint64 // known | the station's address
	requests atomic.Uint64
	source   [4]byte
	hop      [4]byte
	mac      [6]byte // our own
	onLink   bool
	silent   bool  // told that nobody answers
	byAll    bool  // told that records go out by broadcast
	next     int64 // time of the next request
	pause    time.Duration
	request  [arpFrame]byte
	reply    [arpFrame]byte
}

// known marks a resolved address, which takes the lower 48 bits.
const known = 1 << 63

func packMAC(mac []byte) uint64 {
	return uint64(binary.BigEndian.Uint16(mac))<<32 | uint64(binary.BigEndian.Uint32(mac[2:])) | known
}

func unpackMAC(v uint64) (mac [6]byte) {
	binary.BigEndian.PutUint16(mac[:], uint16(v>>32))
	binary.BigEndian.PutUint32(mac[2:], uint32(v))
	return mac
}

func (n *neighbor) configure(r route, mac [6]byte) {
	n.source, n.hop, n.mac, n.onLink = r.source, r.hop, mac, r.onLink
	n.pause = firstPause
	n.build(n.request[:], header.ARPRequest)
	copy(header.ARP(n.request[ethernetSize:]).ProtocolAddressTarget(), n.hop[:])
	n.build(n.reply[:], header.ARPReply)
	if r.known {
		n.resolved.Store(packMAC(r.station[:]))
	}
}

// build writes what all our ARP frames of one kind have in common.
func (n *neighbor) build(frame []byte, op header.ARPOp) {
	header.Ethernet(frame).Encode(&header.EthernetFields{
		SrcAddr: tcpip.LinkAddress(n.mac[:]),
		DstAddr: tcpip.LinkAddress(broadcast[:]),
		Type:    header.ARPProtocolNumber,
	})
	arp := header.ARP(frame[ethernetSize:])
	arp.SetIPv4OverEthernet()
	arp.SetOp(op)
	copy(arp.HardwareAddressSender(), n.mac[:])
	copy(arp.ProtocolAddressSender(), n.source[:])
}

// ask sends a request if one is due.
func (l *Logger) ask(now int64) {
	n := &l.network.neighbor
	if n.resolved.Load() != 0 || now < n.next {
		return
	}
	if n.requests.Load() == silentRequests && !n.silent {
		n.silent = true
		l.sayAddress(Warning, sayNoAnswer, n.hop)
	}
	n.requests.Add(1)
	l.transmitControl(n.request[:])
	n.next = now + int64(n.pause)
	n.pause = min(2*n.pause, longestPause)
}

// askAgain makes a request due now, with the first pause behind it.
func (n *neighbor) askAgain() { n.next, n.pause = 0, firstPause }

// handle takes one received frame. It answers requests for our address, and
// takes the one reply that is awaited, and the log host's answers. Own is whether the
// frame is nobody else's business.
func (l *Logger) handle(frame []byte) (own bool) {
	n := &l.network.neighbor
	if l.sealing() && l.hear(frame) {
		return true
	}
	if len(frame) < arpFrame || header.Ethernet(frame).Type() != header.ARPProtocolNumber {
		return false
	}
	arp := header.ARP(frame[ethernetSize:arpFrame])
	if !arp.IsValid() || !bytes.Equal(arp.ProtocolAddressTarget(), n.source[:]) {
		return false
	}
	sender := arp.HardwareAddressSender()
	if !isStation(sender) || bytes.Equal(sender, n.mac[:]) {
		return false
	}
	switch arp.Op() {
	case header.ARPRequest:
		copy(n.reply[:6], sender)
		reply := header.ARP(n.reply[ethernetSize:])
		copy(reply.HardwareAddressTarget(), sender)
		copy(reply.ProtocolAddressTarget(), arp.ProtocolAddressSender())
		l.transmitControl(n.reply[:])
		return true
	case header.ARPReply:
		if n.resolved.Load() == 0 && n.requests.Load() != 0 &&
			bytes.Equal(arp.ProtocolAddressSender(), n.hop[:]) &&
			bytes.Equal(arp.HardwareAddressTarget(), n.mac[:]) {
			l.resolve(packMAC(sender))
		}
	}
	return false
}

func (l *Logger) resolve(mac uint64) {
	n := &l.network.neighbor
	l.setDestination(unpackMAC(mac))
	n.resolved.Store(mac)
	n.byAll = false
	if n.silent {
		n.silent = false
		l.sayAddress(Info, sayAnswer, n.hop)
	}
}

// isStation tells a single station's address from a group's and from none.
func isStation(mac []byte) bool {
	return mac[0]&1 == 0 && packMAC(mac) != known
}

// sayBroadcast tells, once until the address is known, that records go out
// without it.
func (l *Logger) sayBroadcast() {
	n := &l.network.neighbor
	if !n.byAll {
		n.byAll = true
		l.sayAddress(Notice, sayByAll, n.hop)
	}
}

func (l *Logger) transmitControl(frame []byte) {
	if l.device.Transmit(frame) != nil {
		l.network.errors.Add(1)
	}
}
