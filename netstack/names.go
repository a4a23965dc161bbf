package netstack

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
)

// maxNameServers is how many name servers are asked, as in Linux's resolver (resolv.conf(5)).
const maxNameServers = 3

// ErrNoNameServer says that nobody can be asked for the address of a name.
var ErrNoNameServer = errors.New("netstack: no name server: give gasp.dns= or /etc/resolv.conf")

// nameServers is who is asked if the image has no /etc/resolv.conf: those given, those of
// DHCP, those that routers announce.
type nameServers struct {
	mu                       sync.Mutex
	given, leased, announced []netip.Addr
	turn                     int
}

func (n *nameServers) set(all []netip.Addr)          { n.mu.Lock(); n.given = all; n.mu.Unlock() }
func (n *nameServers) setLeased(all []netip.Addr)    { n.mu.Lock(); n.leased = all; n.mu.Unlock() }
func (n *nameServers) setAnnounced(all []netip.Addr) { n.mu.Lock(); n.announced = all; n.mu.Unlock() }

// next is the server whose turn it is.
func (n *nameServers) next() (netip.Addr, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := slices.Concat(n.given, n.leased, n.announced)
	all = all[:min(len(all), maxNameServers)]
	if len(all) == 0 {
		return netip.Addr{}, false
	}
	n.turn++
	return all[(n.turn-1)%len(all)], true
}

// dialName connects to a name server for package net's resolver. Without
// /etc/resolv.conf that asks for the machine itself, which stands for the stack's servers.
func (s *Stack) dialName(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	if address == "127.0.0.1:53" || address == "[::1]:53" {
		if err := s.awaitAddress(ctx); err != nil {
			return nil, err
		}
		server, ok := s.servers.next()
		if !ok {
			return nil, ErrNoNameServer
		}
		address = net.JoinHostPort(server.String(), "53")
	}
	return d.DialContext(ctx, network, address)
}
