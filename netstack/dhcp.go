package netstack

import (
	"net/netip"
	"time"
)

// The client's times (RFC 2131, 4.1 and 4.4.5). The first pause is shorter than the four
// seconds there: a machine that boots is waited for.
const (
	firstPause    = time.Second
	longestPause  = 64 * time.Second
	maxRequests   = 4 // of an offer
	shortestRenew = time.Minute
	shortestLease = 10 * time.Second
	infiniteLease = (1<<32 - 1) * time.Second
	defaultLease  = 24 * time.Hour
)

// A Lease is what DHCP gave.
type Lease struct {
	Address     netip.Prefix // with the length of the link's prefix
	Router      netip.Addr   // for other links; invalid if there is none
	NameServers []netip.Addr
	LogServers  []netip.Addr // option 7
	Server      netip.Addr   // who gave it
	Time        time.Duration
}

type dhcpState uint8

const (
	selecting dhcpState = iota
	requesting
	bound
	renewing
	rebinding
)

// A dhcpMachine is the client without its input and output (RFC 2131, figure 5): time is
// an argument.
type dhcpMachine struct {
	mac      [6]byte
	hostname string
	random   func() uint32

	state    dhcpState
	xid      uint32
	began    time.Time // of the present exchange
	tries    int
	pause    time.Duration
	next     time.Time // when step has something to do
	offer    dhcpMessage
	lease    Lease // valid in the states from bound on
	renewAt  time.Time
	rebindAt time.Time
	endAt    time.Time
}

// A dhcpSend is a message to send: to the server if unicast is set, or to all.
type dhcpSend struct {
	message dhcpMessage
	unicast bool
}

// A dhcpEvent is what became of the lease.
type dhcpEvent uint8

const (
	nothing dhcpEvent = iota
	leased            // for the first time, or another address
	renewed           // the same address
	lost
)

// step does what is due, and says what to send. It is called when next has come.
func (m *dhcpMachine) step(now time.Time) (send *dhcpSend, event dhcpEvent) {
	if now.Before(m.next) {
		return nil, nothing
	}
	switch {
	case m.state >= bound && !now.Before(m.endAt):
		event = lost
		m.restart(now)
	case m.state >= bound && !now.Before(m.rebindAt):
		m.enter(now, rebinding)
	case m.state == bound:
		m.enter(now, renewing)
	case m.state == requesting && m.tries >= maxRequests:
		m.restart(now)
	}
	if m.xid == 0 {
		m.begin(now)
	}
	message := dhcpMessage{xid: m.xid, mac: m.mac, hostname: m.hostname, seconds: uint16(min(now.Sub(m.began)/time.Second, 1<<16-1))}
	m.tries++
	switch m.state {
	case selecting:
		message.kind = kindDiscover
		m.backOff(now)
	case requesting:
		message.kind, message.requested, message.server = kindRequest, m.offer.yours, m.offer.server
		m.backOff(now)
	default:
		message.kind, message.client = kindRequest, m.lease.Address.Addr()
		end := m.rebindAt
		if m.state == rebinding {
			end = m.endAt
		}
		m.next = now.Add(max(end.Sub(now)/2, shortestRenew))
		if m.next.After(end) {
			m.next = end
		}
	}
	return &dhcpSend{message: message, unicast: m.state == renewing}, event
}

// begin begins an exchange.
func (m *dhcpMachine) begin(now time.Time) {
	m.xid = m.random() | 1
	m.began, m.tries, m.pause = now, 0, firstPause
}

func (m *dhcpMachine) enter(now time.Time, s dhcpState) {
	if m.state != s {
		m.state = s
		m.begin(now)
	}
}

func (m *dhcpMachine) restart(now time.Time) {
	pause := m.pause // a server that refuses what it offers is not asked faster
	m.state = selecting
	m.begin(now)
	m.pause = max(m.pause, pause)
}

// backOff lets the pause double, with up to an eighth more by chance, so that machines that
// booted together do not ask together.
func (m *dhcpMachine) backOff(now time.Time) {
	m.next = now.Add(m.pause + m.pause/8*time.Duration(m.random()%16)/16)
	m.pause = min(2*m.pause, longestPause)
}

// hear takes a server's message.
func (m *dhcpMachine) hear(now time.Time, answer dhcpMessage) dhcpEvent {
	if answer.xid != m.xid || answer.mac != m.mac {
		return nothing
	}
	switch {
	case answer.kind == kindOffer && m.state == selecting:
		if _, ok := leaseOf(answer); ok && answer.server.IsValid() {
			m.offer = answer
			m.state, m.tries, m.pause = requesting, 0, firstPause
			m.next = now
		}
	case answer.kind == kindAck && m.state != selecting && m.state != bound:
		lease, ok := leaseOf(answer)
		if !ok || m.state == requesting && answer.yours != m.offer.yours {
			return nothing
		}
		event := leased
		if m.state >= bound && lease.Address == m.lease.Address {
			event = renewed
		}
		m.bind(now, lease, answer)
		return event
	case answer.kind == kindNak && m.state != selecting && m.state != bound:
		had := m.state >= bound
		m.restart(now)
		m.backOff(now)
		if had {
			return lost
		}
	}
	return nothing
}

func (m *dhcpMachine) bind(now time.Time, lease Lease, answer dhcpMessage) {
	m.state, m.lease = bound, lease
	if answer.server.IsValid() {
		m.offer.server = answer.server
	}
	renewal, rebinding := answer.renewal, answer.rebinding
	if renewal <= 0 || rebinding <= renewal || rebinding >= lease.Time {
		renewal, rebinding = lease.Time/2, lease.Time/8*7
	}
	m.renewAt, m.rebindAt, m.endAt = now.Add(renewal), now.Add(rebinding), now.Add(lease.Time)
	m.next = m.renewAt
	m.xid = 0
}

// leaseOf is what a message gives, if a machine can have it.
func leaseOf(m dhcpMessage) (Lease, bool) {
	if !isHost(m.yours) {
		return Lease{}, false
	}
	bits := m.mask
	if bits < 0 {
		bits = defaultPrefixLen
	}
	l := Lease{
		Address:     netip.PrefixFrom(m.yours, bits),
		NameServers: m.nameServers,
		LogServers:  m.logServers,
		Server:      m.server,
		Time:        max(m.lease, shortestLease),
	}
	switch m.lease {
	case 0:
		l.Time = defaultLease
	case infiniteLease:
		l.Time = infiniteLease
	}
	for _, r := range m.routers {
		if l.Address.Contains(r) && r != m.yours {
			l.Router = r
			break
		}
	}
	return l, true
}
