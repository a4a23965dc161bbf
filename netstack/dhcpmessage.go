package netstack

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// DHCP messages (RFC 2131, section 2; options RFC 2132).
const (
	dhcpHeader  = 240 // with the magic cookie
	dhcpLeast   = 300 // BOOTP's (RFC 1542, 2.1): some servers drop what is shorter
	dhcpCookie  = 0x63825363
	dhcpRequest = 1
	dhcpReply   = 2
	dhcpMost    = 1472 // bytes of a datagram that the link takes in one piece

	// htype and hlen of Ethernet
	dhcpEthernet    = 1
	dhcpEthernetLen = 6
)

// The option numbers.
const (
	optionPad          = 0
	optionMask         = 1
	optionRouter       = 3
	optionNameServer   = 6
	optionLogServer    = 7
	optionHostname     = 12
	optionRequestedIP  = 50
	optionLeaseTime    = 51
	optionKind         = 53
	optionServer       = 54
	optionParameters   = 55
	optionMaxSize      = 57
	optionRenewal      = 58
	optionRebinding    = 59
	optionClientID     = 61
	optionEnd          = 255
	maxOptionAddresses = 4
)

// The message kinds, values of option 53.
const (
	kindDiscover = 1
	kindOffer    = 2
	kindRequest  = 3
	kindAck      = 5
	kindNak      = 6
)

// A dhcpMessage is what of a message counts here.
type dhcpMessage struct {
	kind               uint8
	xid                uint32
	seconds            uint16     // since the client began
	client             netip.Addr // ciaddr: the address that the client has
	yours              netip.Addr // yiaddr: the one it gets
	mac                [6]byte
	requested          netip.Addr
	server             netip.Addr
	mask               int // of the link's prefix, in bits; -1 if not given
	routers            []netip.Addr
	nameServers        []netip.Addr
	logServers         []netip.Addr
	lease              time.Duration // 0 if not given
	renewal, rebinding time.Duration // likewise
	hostname           string
}

// append appends the message, of a client, to dst.
func (m *dhcpMessage) append(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, dhcpHeader)...)
	b := dst[start:]
	b[0], b[1], b[2] = dhcpRequest, dhcpEthernet, dhcpEthernetLen
	binary.BigEndian.PutUint32(b[4:], m.xid)
	binary.BigEndian.PutUint16(b[8:], m.seconds)
	if m.client.Is4() {
		copy(b[12:], m.client.AsSlice())
	}
	copy(b[28:], m.mac[:])
	binary.BigEndian.PutUint32(b[236:], dhcpCookie)
	dst = append(dst, optionKind, 1, m.kind)
	dst = append(dst, optionClientID, 1+dhcpEthernetLen, dhcpEthernet)
	dst = append(dst, m.mac[:]...)
	if m.requested.Is4() {
		dst = append(append(dst, optionRequestedIP, 4), m.requested.AsSlice()...)
	}
	if m.server.Is4() {
		dst = append(append(dst, optionServer, 4), m.server.AsSlice()...)
	}
	dst = binary.BigEndian.AppendUint16(append(dst, optionMaxSize, 2), dhcpMost+28)
	if name := m.hostname[:min(len(m.hostname), 63)]; name != "" {
		dst = append(append(dst, optionHostname, byte(len(name))), name...)
	}
	dst = append(dst, optionParameters, 7, optionMask, optionRouter, optionNameServer, optionLogServer, optionLeaseTime, optionRenewal, optionRebinding)
	dst = append(dst, optionEnd)
	for len(dst)-start < dhcpLeast {
		dst = append(dst, optionPad)
	}
	return dst
}

// parseDHCP reads a server's message. It fails if that is none.
func parseDHCP(b []byte) (m dhcpMessage, ok bool) {
	if len(b) < dhcpHeader || b[0] != dhcpReply || b[1] != dhcpEthernet || b[2] != dhcpEthernetLen ||
		binary.BigEndian.Uint32(b[236:]) != dhcpCookie {
		return m, false
	}
	m.xid = binary.BigEndian.Uint32(b[4:])
	m.yours = netip.AddrFrom4([4]byte(b[16:]))
	m.mac = [6]byte(b[28:])
	m.mask = -1
	for b = b[dhcpHeader:]; len(b) > 0 && b[0] != optionEnd; {
		if b[0] == optionPad {
			b = b[1:]
			continue
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			return m, false
		}
		m.option(b[0], b[2:2+int(b[1])])
		b = b[2+int(b[1]):]
	}
	return m, m.kind != 0
}

// option takes one option. One that is not as it has to be counts as not given.
func (m *dhcpMessage) option(number uint8, value []byte) {
	switch number {
	case optionKind:
		if len(value) == 1 {
			m.kind = value[0]
		}
	case optionMask:
		if len(value) == 4 {
			m.mask = prefixLength(binary.BigEndian.Uint32(value))
		}
	case optionRouter:
		m.routers = addresses(value)
	case optionNameServer:
		m.nameServers = addresses(value)
	case optionLogServer:
		m.logServers = addresses(value)
	case optionServer:
		if len(value) == 4 {
			m.server = netip.AddrFrom4([4]byte(value))
		}
	case optionLeaseTime:
		m.lease = seconds(value)
	case optionRenewal:
		m.renewal = seconds(value)
	case optionRebinding:
		m.rebinding = seconds(value)
	}
}

func seconds(value []byte) time.Duration {
	if len(value) != 4 {
		return 0
	}
	return time.Duration(binary.BigEndian.Uint32(value)) * time.Second
}

// addresses are those of single hosts in the list, four at the most.
func addresses(value []byte) (all []netip.Addr) {
	for ; len(value) >= 4 && len(all) < maxOptionAddresses; value = value[4:] {
		if a := netip.AddrFrom4([4]byte(value)); isHost(a) {
			all = append(all, a)
		}
	}
	return all
}

// isHost says whether a machine on a network can have the IPv4 address.
func isHost(a netip.Addr) bool {
	const reserved = 240 // RFC 1112, section 4: 240.0.0.0/4
	return a.Is4() && a.As4()[0] != 0 && a.As4()[0] < reserved && !a.IsLoopback() && !a.IsMulticast()
}

// prefixLength is how many bits the mask sets, -1 if they do not stand together.
func prefixLength(mask uint32) int {
	n := 0
	for ; mask&(1<<31) != 0; mask <<= 1 {
		n++
	}
	if mask != 0 || n == 0 {
		return -1
	}
	return n
}
