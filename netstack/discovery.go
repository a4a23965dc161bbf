package netstack

import (
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// A discovery takes what the stack learns from routers by IPv6 neighbor discovery
// (RFC 4861, 4862, 8106). The stack bounds how much that can be. It must not be
// called from here.
type discovery struct{ stack *Stack }

var _ ipv6.NDPDispatcher = (*discovery)(nil)

func (d *discovery) OnDuplicateAddressDetectionResult(_ tcpip.NICID, a tcpip.Address, result stack.DADResult) {
	if _, ok := result.(*stack.DADDupAddrDetected); ok {
		d.stack.say(ethernetName + ": another station has the address " + a.String())
	}
}

func (d *discovery) OnOffLinkRouteUpdated(nic tcpip.NICID, to tcpip.Subnet, router tcpip.Address, _ header.NDPRoutePreference) {
	d.stack.routes.learn(tcpip.Route{Destination: to, Gateway: router, NIC: nic})
}

func (d *discovery) OnOffLinkRouteInvalidated(nic tcpip.NICID, to tcpip.Subnet, router tcpip.Address) {
	d.stack.routes.forget(tcpip.Route{Destination: to, Gateway: router, NIC: nic})
}

func (d *discovery) OnOnLinkPrefixDiscovered(nic tcpip.NICID, to tcpip.Subnet) {
	d.stack.routes.learn(tcpip.Route{Destination: to, NIC: nic})
}

func (d *discovery) OnOnLinkPrefixInvalidated(nic tcpip.NICID, to tcpip.Subnet) {
	d.stack.routes.forget(tcpip.Route{Destination: to, NIC: nic})
}

func (d *discovery) OnAutoGenAddress(_ tcpip.NICID, a tcpip.AddressWithPrefix) stack.AddressDispatcher {
	d.stack.say(ethernetName + ": address " + a.String())
	return nil
}

func (d *discovery) OnAutoGenAddressDeprecated(tcpip.NICID, tcpip.AddressWithPrefix) {}

func (d *discovery) OnAutoGenAddressInvalidated(_ tcpip.NICID, a tcpip.AddressWithPrefix) {
	d.stack.say(ethernetName + ": address " + a.String() + " is no longer valid")
}

func (d *discovery) OnRecursiveDNSServerOption(_ tcpip.NICID, servers []tcpip.Address, lifetime time.Duration) {
	var all []netip.Addr
	if lifetime > 0 {
		for _, server := range servers {
			if a, ok := netip.AddrFromSlice(server.AsSlice()); ok {
				if a.IsLinkLocalUnicast() {
					a = a.WithZone(ethernetName)
				}
				all = append(all, a)
			}
		}
	}
	d.stack.servers.setAnnounced(all)
}

func (d *discovery) OnDNSSearchListOption(tcpip.NICID, []string, time.Duration)           {}
func (d *discovery) OnDHCPv6Configuration(tcpip.NICID, ipv6.DHCPv6ConfigurationFromNDPRA) {}
