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
	way
	resolved atomic.Uint64 // known | the station's address
	requests atomic.Uint64 // since the target is this one
	near     atomic.Uint32 // it is on the link
	silent   bool          // told that nobody answers
	byAll    bool          // told that records go out by broadcast
	next     int64         // time of the next request
	pause    time.Duration
}

// A way is what a neighbor is found by.
type way struct {
	six     bool
	vlan    uint16
	source  [16]byte // our own address, as hop IPv4 in the form of IPv6 (RFC 4291 2.5.5.2)
	hop     [16]byte // whose station it is
	mac     [6]byte  // our own
	onLink  bool
	station uint64 // known | its address, if nobody has to be asked
	request control
	reply   control
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

func (n *way) build(r *route, mac [6]byte) {
	*n = way{six: r.source.Is6(), vlan: r.vlan, onLink: r.onLink, source: r.source.As16(), hop: r.hop.As16(), mac: mac}
	if n.six {
		n.buildSolicitation()
		n.buildAdvertisement()
	} else {
		n.buildARP()
	}
	if r.known {
		n.station = packMAC(r.station[:])
	}
}

// begin makes nothing known of the neighbor but what nobody has to be asked for.
func (n *neighbor) begin() {
	n.requests.Store(0)
	n.near.Store(0)
	if n.onLink {
		n.near.Store(1)
	}
	n.silent, n.byAll, n.next, n.pause = false, false, 0, firstPause
	n.resolved.Store(n.station)
}

// address is that of a source or hop as it stands in a packet.
func (n *way) address(a *[16]byte) []byte {
	if n.six {
		return a[:]
	}
	return a[12:]
}

// askAll sends the requests that are due.
func (l *Logger) askAll(now int64) {
	s := &l.network
	for i := range s.destinations() {
		l.ask(&s.to(i).neighbor, now)
	}
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
	r, ok := openFrame(frame)
	if !ok {
		return false
	}
	p, packet := openPacket(&r)
	if packet && p.protocol == protocolUDP {
		return l.sealing() && l.hearFrom(r.vlan, &p)
	}
	s := &l.network
	for i := range s.destinations() {
		d := s.to(i)
		if r.vlan != d.neighbor.vlan {
			continue
		}
		switch {
		case r.network == networkARP:
			own = l.handleARP(d, r.body)
		case packet && p.protocol == protocolICMPv6:
			own = l.handleNDP(d, &r, &p)
		}
		if own {
			return true
		}
	}
	return false
}

// resolveTo takes a station that was asked for.
func (l *Logger) resolveTo(d *destination, station []byte) {
	n := &d.neighbor
	if n.resolved.Load() != 0 || n.requests.Load() == 0 {
		return
	}
	mac := packMAC(station)
	d.setStation(unpackMAC(mac))
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
func (n *way) isOther(mac []byte) bool { return isStation(mac) && [6]byte(mac) != n.mac }

// sayBroadcast tells, once until the address is known, that records go out
// without it.
func (l *Logger) sayBroadcast(n *neighbor) {
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
