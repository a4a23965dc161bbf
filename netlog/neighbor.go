package netlog

import (
	"encoding/binary"
	"net/netip"
	"sync/atomic"
	"time"
)

// Requests are repeated with pauses that double from the first to the longest,
// and their silence is told after so many of them.
const (
	firstPause     = time.Second
	longestPause   = 30 * time.Second
	silentRequests = 3
)

var broadcast = [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// A neighbor is the station that frames for the target go to: the target
// itself or the router. It is asked for with ARP (RFC 826) or, if the target's address is
// IPv6, with neighbor discovery (RFC 4861), called NDP here.
type neighbor struct {
	resolved atomic.Uint64 // known | the station's address
	requests atomic.Uint64
	six      bool
	vlan     uint16
	source   [16]byte // our own address, as hop IPv4 in the form of IPv6 (RFC 4291 2.5.5.2)
	hop      [16]byte // whose station it is
	mac      [6]byte  // our own
	onLink   bool
	silent   bool  // told that nobody answers
	byAll    bool  // told that records go out by broadcast
	next     int64 // time of the next request
	pause    time.Duration
	request  control
	reply    control
}

// A control is a frame of ours that is made in advance.
type control struct {
	size  int
	start int // of what follows the link header
	bytes [controlSize]byte
}

// controlSize holds the largest, a neighbor solicitation with a tag.
const controlSize = ethernetSize + tagSize + neighborMessage

func (c *control) frame() []byte { return c.bytes[:within(c.size, controlSize)] }

// body is what follows the link header.
func (c *control) body() []byte {
	return c.bytes[within(c.start, controlSize-neighborMessage):within(c.size, controlSize)]
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

func (n *neighbor) configure(r *route, mac [6]byte) {
	n.six, n.vlan, n.onLink = r.source.Is6(), r.vlan, r.onLink
	n.source, n.hop, n.mac = r.source.As16(), r.hop.As16(), mac
	n.pause = firstPause
	if n.six {
		n.buildSolicitation()
		n.buildAdvertisement()
	} else {
		n.buildARP()
	}
	if r.known {
		n.resolved.Store(packMAC(r.station[:]))
	}
}

// address is that of a source or hop as it stands in a packet.
func (n *neighbor) address(a *[16]byte) []byte {
	if n.six {
		return a[:]
	}
	return a[12:]
}

// ask sends a request if one is due.
func (l *Logger) ask(n *neighbor, now int64) {
	if n.resolved.Load() != 0 || now < n.next {
		return
	}
	if n.requests.Load() == silentRequests && !n.silent {
		n.silent = true
		l.sayNeighbor(Warning, n, sayNoAnswer, sayNoAdvertisement)
	}
	n.requests.Add(1)
	l.transmitControl(n.request.frame())
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
	r, ok := openFrame(frame)
	if !ok || r.vlan != n.vlan {
		return false
	}
	switch r.network {
	case networkARP:
		return l.handleARP(n, r.body)
	case networkIPv4, networkIPv6:
		p, ok := openPacket(&r)
		switch {
		case !ok:
		case p.protocol == protocolUDP && l.sealing():
			return l.hear(&p)
		case p.protocol == protocolICMPv6:
			return l.handleNDP(n, &r, &p)
		}
	}
	return false
}

// resolveTo takes a station that was asked for.
func (l *Logger) resolveTo(n *neighbor, station []byte) {
	if n.resolved.Load() != 0 || n.requests.Load() == 0 {
		return
	}
	mac := packMAC(station)
	l.setDestination(unpackMAC(mac))
	n.resolved.Store(mac)
	n.byAll = false
	if n.silent {
		n.silent = false
		l.sayNeighbor(Info, n, sayAnswer, sayAdvertisement)
	}
}

// isStation tells a single station's address from a group's and from none.
func isStation(mac []byte) bool {
	return mac[0]&1 == 0 && packMAC(mac) != known
}

// isOther tells another single station's address from all that cannot be a neighbor's.
func (n *neighbor) isOther(mac []byte) bool { return isStation(mac) && [6]byte(mac) != n.mac }

// sayBroadcast tells, once until the address is known, that records go out
// without it.
func (l *Logger) sayBroadcast() {
	n := &l.network.neighbor
	if !n.byAll {
		n.byAll = true
		l.sayNeighbor(Notice, n, sayByAll, sayByAllNDP)
	}
}

// sayNeighbor makes a record of what is to be said of a neighbor, with its address.
func (l *Logger) sayNeighbor(level Level, n *neighbor, arp, ndp string) {
	var room [sayRoom]byte
	if n.six {
		arp = ndp
	}
	l.store(level, netip.AddrFrom16(n.hop).Unmap().AppendTo(append(room[:0], arp...)), false)
}

func (l *Logger) transmitControl(frame []byte) {
	if l.device.Transmit(frame) != nil {
		l.network.errors.Add(1)
	}
}
