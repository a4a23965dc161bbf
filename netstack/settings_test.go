package netstack

import (
	"net/netip"
	"slices"
	"testing"
)

func TestParseSettings(t *testing.T) {
	source, gateway := netip.MustParseAddr("10.0.2.15"), netip.MustParseAddr("10.0.2.2")
	prefixes := func(all ...string) (p []netip.Prefix) {
		for _, a := range all {
			p = append(p, netip.MustParsePrefix(a))
		}
		return p
	}
	for _, test := range []struct {
		ip, dns string
		base    Base
		want    Settings
		errors  int
	}{
		{"", "", Base{}, Settings{DHCP: true}, 0},
		{"", "", Base{Source: source}, Settings{Addresses: prefixes("10.0.2.15/24")}, 0},
		{"", "", Base{Source: source, PrefixLen: 16, Gateway: gateway}, Settings{Addresses: prefixes("10.0.2.15/16"), Gateway: gateway}, 0},
		{"", "", Base{Source: netip.MustParseAddr("fd00::5")}, Settings{Addresses: prefixes("fd00::5/64"), DHCP: true}, 0},
		{"dhcp", "", Base{Source: source}, Settings{DHCP: true}, 0},
		{"off", "x", Base{Source: source}, Settings{Off: true}, 0},
		{"192.0.2.1/28,fd00::7/64", "192.0.2.3,fd00::3", Base{}, Settings{Addresses: prefixes("192.0.2.1/28", "fd00::7/64"),
			NameServers: []netip.Addr{netip.MustParseAddr("192.0.2.3"), netip.MustParseAddr("fd00::3")}}, 0},
		{"fd00::7/64,dhcp", "", Base{}, Settings{Addresses: prefixes("fd00::7/64"), DHCP: true}, 0},
		{"192.0.2.1", "", Base{}, Settings{}, 1},
		{"192.0.2.1/33,127.0.0.1/8,0.0.0.0/0,224.0.0.1/4,::ffff:1.2.3.4/120,x", "", Base{}, Settings{}, 6},
		{"1.0.0.1/8,1.0.0.2/8,1.0.0.3/8,1.0.0.4/8,1.0.0.5/8,1.0.0.6/8,1.0.0.7/8,1.0.0.8/8,1.0.0.9/8", "", Base{},
			Settings{Addresses: prefixes("1.0.0.1/8", "1.0.0.2/8", "1.0.0.3/8", "1.0.0.4/8", "1.0.0.5/8", "1.0.0.6/8", "1.0.0.7/8", "1.0.0.8/8")}, 1},
		{"dhcp", "a,0.0.0.0,1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4", Base{}, Settings{DHCP: true,
			NameServers: []netip.Addr{netip.MustParseAddr("1.1.1.1"), netip.MustParseAddr("2.2.2.2")}}, 4},
	} {
		got, errs := ParseSettings(test.ip, test.dns, test.base)
		if got.Off != test.want.Off || got.DHCP != test.want.DHCP || got.Gateway != test.want.Gateway ||
			!slices.Equal(got.Addresses, test.want.Addresses) || !slices.Equal(got.NameServers, test.want.NameServers) || len(errs) != test.errors {
			t.Errorf("gasp.ip=%s gasp.dns=%s with %+v: %+v, %v", test.ip, test.dns, test.base, got, errs)
		}
	}
}

// The first server is asked first, whoever gave it, and the next only if it does not answer: it may not know what the first one knows.
func TestNameServersAreAskedInTheirOrder(t *testing.T) {
	a := func(text string) netip.Addr { return netip.MustParseAddr(text) }
	var n nameServers
	if _, ok := n.server(0); ok {
		t.Error("there is a server and nobody gave one")
	}
	n.setAnnounced([]netip.Addr{a("fd00::3")})
	for number := range 2 {
		if got, ok := n.server(number); !ok || got != a("fd00::3") {
			t.Errorf("server %d is %v, %v", number, got, ok)
		}
	}
	n.setLeased([]netip.Addr{a("10.0.0.3")})
	n.set([]netip.Addr{a("10.0.0.1")})
	for range 3 {
		first, _ := n.server(0)
		second, _ := n.server(1)
		if first != a("10.0.0.1") || second != a("10.0.0.3") {
			t.Errorf("the servers are %v and %v", first, second)
		}
	}
}
