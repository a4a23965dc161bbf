package netstack

import (
	"fmt"
	"net/netip"
	"strings"
)

// maxAddresses is how many addresses gasp.ip= takes.
const maxAddresses = 8

// Settings is what the kernel command line says of the stack.
type Settings struct {
	Off         bool           // gasp.ip=off: there is no stack
	DHCP        bool           // the IPv4 address comes by DHCP
	Addresses   []netip.Prefix // static ones
	Gateway     netip.Addr     // router for other links; invalid if there is none
	NameServers []netip.Addr   // gasp.dns=
}

// Base is what of the command line the logger's address says, too.
type Base struct {
	Source    netip.Addr // netconsole='s own address, invalid if it has none
	PrefixLen int        // gasp.prefixlen=, 0 if not given
	Gateway   netip.Addr // gasp.gateway=, invalid if not given
}

// defaultPrefixLen is that of netconsole='s link.
const (
	defaultPrefixLen  = 24
	defaultPrefixLen6 = 64
)

// ParseSettings reads the values of gasp.ip= and gasp.dns=, empty if they are not
// given: dhcp, off, or addresses with the length of the link's prefix, separated by
// commas, of which one may be dhcp; and addresses of name servers. Without gasp.ip= the
// address is the logger's, or else comes by DHCP. What is wrong is left out; the errors name it.
func ParseSettings(ip, dns string, base Base) (s Settings, errs []error) {
	s.Gateway = base.Gateway
	switch {
	case ip == "off":
		return Settings{Off: true}, nil
	case ip == "" && base.Source.IsValid():
		bits := base.PrefixLen
		if bits == 0 && base.Source.Is4() {
			bits = defaultPrefixLen
		} else if bits == 0 {
			bits = defaultPrefixLen6
		}
		s.Addresses = []netip.Prefix{netip.PrefixFrom(base.Source, bits)}
		s.DHCP = base.Source.Is6()
	case ip == "":
		s.DHCP = true
	default:
		for word := range strings.SplitSeq(ip, ",") {
			a, err := netip.ParsePrefix(word)
			switch {
			case word == "dhcp":
				s.DHCP = true
			case err != nil || a.Addr().IsUnspecified() || a.Addr().IsMulticast() || a.Addr().IsLoopback() || a.Addr().Is4In6() || a.Bits() == 0:
				errs = append(errs, fmt.Errorf("gasp.ip=%s: want dhcp, off, or addresses such as 10.0.2.15/24", ip))
			case len(s.Addresses) == maxAddresses:
				errs = append(errs, fmt.Errorf("gasp.ip=%s: want at most %d addresses", ip, maxAddresses))
			default:
				s.Addresses = append(s.Addresses, a)
			}
		}
	}
	if dns != "" {
		for word := range strings.SplitSeq(dns, ",") {
			a, err := netip.ParseAddr(word)
			if err != nil || a.IsUnspecified() || a.IsMulticast() || len(s.NameServers) == maxNameServers {
				errs = append(errs, fmt.Errorf("gasp.dns=%s: want at most %d addresses, separated by commas", dns, maxNameServers))
				continue
			}
			s.NameServers = append(s.NameServers, a)
		}
	}
	return s, errs
}
