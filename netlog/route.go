package netlog

import (
	"encoding/hex"
	"net/netip"
	"strconv"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// The length of the link's prefix in bits if none is given.
const (
	defaultPrefixLen  = 24
	defaultPrefixLen6 = 64
)

// A route says where frames for a target go.
type route struct {
	source  netip.Addr
	vlan    uint16
	hop     netip.Addr // whose station to ask for
	onLink  bool
	group   bool    // the target is no single host
	station [6]byte // broadcast until it is known
	known   bool    // without asking
}

// newRoute finds the way from a device with this address to a target.
func newRoute(t Target, o Options, mac [6]byte) (route, error) {
	if err := checkDevice(t, mac); err != nil {
		return route{}, err
	}
	source := t.Source
	if !source.IsValid() && linkLocal(t.Dest) {
		source = ownLinkLocal(mac) // as Linux net/core/netpoll.c, netpoll_take_ipv6
	}
	switch {
	case !t.Dest.IsValid() || t.Dest.IsUnspecified():
		return route{}, ErrNoTarget
	case !source.IsValid() || source.IsUnspecified():
		return route{}, ErrNoSource
	case t.Dest.Is4() != source.Is4():
		return route{}, ErrVersion
	case source.IsMulticast() || source == limitedBroadcast || source.IsLoopback() || source.Zone() != "":
		return route{}, ErrSource
	case source == t.Dest:
		return route{}, ErrSelf
	case t.Port == 0 || t.SourcePort == 0:
		return route{}, ErrPort
	}
	bits, gateway := o.link(source)
	prefix := netip.PrefixFrom(source, bits)
	if bits < 1 || !prefix.IsValid() {
		return route{}, ErrPrefixLen
	}
	r := route{source: source, vlan: t.VLAN, hop: t.Dest, station: broadcast}
	r.onLink = prefix.Contains(t.Dest) || linkLocal(t.Dest)
	wide := t.Dest == limitedBroadcast || t.Dest == directedBroadcast(prefix)
	r.group = wide || t.Dest.IsMulticast()
	switch {
	case t.HasMAC:
		r.station, r.known = t.DestMAC, true
	case wide:
		r.known = true
	case t.Dest.IsMulticast():
		r.station, r.known = groupStation(t.Dest), true
	case r.onLink:
	case source.Is6() && source.IsLinkLocalUnicast():
		return route{}, ErrScope // RFC 4291 2.5.6: routers do not forward it
	case !gateway.IsValid():
		return route{}, ErrOffLink
	case gateway.Is4() != source.Is4() || !prefix.Contains(gateway) && !linkLocal(gateway) ||
		gateway == source || gateway.IsMulticast() || gateway.Zone() != "":
		return route{}, ErrGateway
	default:
		r.hop = gateway
	}
	return r, nil
}

// link is what is known of the link of an address: the length of its prefix, in bits, and its router.
func (o *Options) link(source netip.Addr) (bits int, gateway netip.Addr) {
	bits, gateway, missing := o.PrefixLen, o.Gateway, defaultPrefixLen
	if source.Is6() {
		bits, gateway, missing = o.PrefixLen6, o.Gateway6, defaultPrefixLen6
	}
	if bits == 0 {
		bits = missing
	}
	return bits, gateway
}

// linkLocal says whether an address is of the link, whatever its prefix: IPv6 has such ones always.
func linkLocal(a netip.Addr) bool {
	return a.Is6() && (a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast())
}

// ownLinkLocal is the link-local address that a device makes of its own (RFC 4291, Appendix A). Nobody is
// asked whether it is taken.
func ownLinkLocal(mac [6]byte) netip.Addr {
	return netip.AddrFrom16(header.LinkLocalAddr(tcpip.LinkAddress(mac[:])).As16())
}

// groupStation is the station of a multicast address (RFC 1112 6.4, RFC 2464 7).
func groupStation(group netip.Addr) (mac [6]byte) {
	if group.Is4() {
		copy(mac[:], header.EthernetAddressFromMulticastIPv4Address(tcpip.AddrFrom4(group.As4())))
	} else {
		copy(mac[:], header.EthernetAddressFromMulticastIPv6Address(tcpip.AddrFrom16(group.As16())))
	}
	return mac
}

var limitedBroadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// directedBroadcast is the prefix's highest address; links of one or two
// addresses have none (RFC 3021), nor has IPv6.
func directedBroadcast(p netip.Prefix) netip.Addr {
	if p.Addr().Is6() || p.Bits() > 30 {
		return netip.Addr{}
	}
	a := p.Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		a[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(a)
}

// checkDevice says whether a target means the device that there is.
func checkDevice(t Target, mac [6]byte) error {
	switch {
	case t.HasDeviceMAC && t.DeviceMAC != mac:
		return &wrongDevice{hexMAC(t.DeviceMAC), mac}
	case t.Device != "" && t.Device != DeviceName:
		return &wrongDevice{t.Device, mac}
	case t.VLAN > maxVLAN:
		return ErrVLAN
	}
	return nil
}

// A wrongDevice is an ErrDevice that says what there is.
type wrongDevice struct {
	asked string
	mac   [6]byte
}

func (e *wrongDevice) Error() string {
	return "netconsole: no device " + strconv.Quote(e.asked) + ": this machine has " + DeviceName + ", " + hexMAC(e.mac)
}

func (e *wrongDevice) Unwrap() error { return ErrDevice }

func hexMAC(mac [6]byte) string {
	b := make([]byte, 0, len("00:11:22:33:44:55"))
	for i := range mac {
		if i > 0 {
			b = append(b, ':')
		}
		b = hex.AppendEncode(b, mac[i:i+1])
	}
	return string(b)
}

// vlanSaid is what the record of the start says of a VLAN.
func vlanSaid(vlan uint16) string {
	if vlan == 0 {
		return ""
	}
	return " in VLAN " + strconv.Itoa(int(vlan))
}
