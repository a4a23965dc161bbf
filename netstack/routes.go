package netstack

import (
	"net/netip"
	"slices"
	"sync"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// routes is where packets go: to the links of the interfaces' addresses, to those
// that routers announce, and to a router else.
type routes struct {
	mu       sync.Mutex
	links    []tcpip.Route
	gateways []tcpip.Route // given, or by DHCP
	learned  []tcpip.Route // from router advertisements (RFC 4861)
	changed  chan struct{}
}

// table is the routes in the order in which they are looked at: the longest prefix
// comes first.
func (r *routes) table() []tcpip.Route {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Concat(r.links, r.gateways, r.learned)
	slices.SortStableFunc(all, func(a, b tcpip.Route) int { return b.Destination.Prefix() - a.Destination.Prefix() })
	return all
}

// change changes the routes; followRoutes tells the stack.
func (r *routes) change(f func()) {
	r.mu.Lock()
	f()
	r.mu.Unlock()
	select {
	case r.changed <- struct{}{}:
	default: // it is told already
	}
}

func (r *routes) addLink(nic tcpip.NICID, a netip.Prefix) {
	r.change(func() { r.links = append(r.links, tcpip.Route{Destination: subnet(a), NIC: nic}) })
}

func (r *routes) removeLink(nic tcpip.NICID, a netip.Prefix) {
	r.change(func() { r.links = without(r.links, tcpip.Route{Destination: subnet(a), NIC: nic}) })
}

// setGateway makes a router the way to all other links; an invalid address takes
// the IPv4 one away.
func (r *routes) setGateway(to netip.Addr) {
	r.change(func() {
		all := everything(to)
		r.gateways = slices.DeleteFunc(r.gateways, func(g tcpip.Route) bool { return g.Destination.Equal(all) })
		if to.IsValid() {
			r.gateways = append(r.gateways, tcpip.Route{Destination: all, Gateway: tcpip.AddrFromSlice(to.AsSlice()), NIC: ethernetNIC})
		}
	})
}

func (r *routes) learn(route tcpip.Route) {
	r.change(func() { r.learned = append(without(r.learned, route), route) })
}

func (r *routes) forget(route tcpip.Route) {
	r.change(func() { r.learned = without(r.learned, route) })
}

func without(all []tcpip.Route, route tcpip.Route) []tcpip.Route {
	return slices.DeleteFunc(all, func(r tcpip.Route) bool { return r.Equal(route) })
}

// followRoutes keeps the stack's table up to date.
func (s *Stack) followRoutes() {
	for {
		select {
		case <-s.routes.changed:
			s.stack.SetRouteTable(s.routes.table())
		case <-s.ended:
			return
		}
	}
}
