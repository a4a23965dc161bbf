package netstack

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
)

// What Go's resolver asks without /etc/resolv.conf, one after the other. They stand for the first two name
// servers of the stack.
const (
	firstDefault  = "127.0.0.1:53"
	secondDefault = "[::1]:53"

	maxNameServers = 2
)

// ErrNoNameServer says that nobody can be asked for the address of a name.
var ErrNoNameServer = errors.New("netstack: no name server: give gasp.dns= or /etc/resolv.conf")

// nameServers is who is asked if the image has no /etc/resolv.conf: those given, then those of
// DHCP, then those that routers announce, of all of them the first two.
type nameServers struct {
	mu                       sync.Mutex
	given, leased, announced []netip.Addr
}

func (n *nameServers) set(all []netip.Addr)          { n.mu.Lock(); n.given = all; n.mu.Unlock() }
func (n *nameServers) setLeased(all []netip.Addr)    { n.mu.Lock(); n.leased = all; n.mu.Unlock() }
func (n *nameServers) setAnnounced(all []netip.Addr) { n.mu.Lock(); n.announced = all; n.mu.Unlock() }

// server is that with the number, or the last one.
func (n *nameServers) server(number int) (netip.Addr, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := slices.Concat(n.given, n.leased, n.announced)
	if len(all) == 0 {
		return netip.Addr{}, false
	}
	return all[min(number, len(all)-1)], true
}

// dialName connects to a name server for package net's resolver. Without
// /etc/resolv.conf that asks for the machine itself, which stands for the stack's servers.
func (s *Stack) dialName(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	if address == firstDefault || address == secondDefault {
		if err := s.awaitAddress(ctx); err != nil {
			return nil, err
		}
		number := 0
		if address == secondDefault {
			number = 1
		}
		server, ok := s.servers.server(number)
		if !ok {
			return nil, ErrNoNameServer
		}
		address = net.JoinHostPort(server.String(), "53")
	}
	return d.DialContext(ctx, network, address)
}
