package qemu

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// ErrNotForwarded is wrapped by Forwarded's error when the machine has no such port.
var ErrNotForwarded = errors.New("no port of the machine is forwarded")

// Forwarded is where the guest's TCP ports that user networking forwards are reached on this host, in no order, for a Netdev such as
// "user,hostfwd=tcp:127.0.0.1:0-:80", which leaves the host's port to the host. Connections are taken from the start on, and
// wait until the guest answers. QEMU's backlog is 1: of several at the same time to one port the host may reset some.
func (r *Run) Forwarded() ([]netip.AddrPort, error) {
	said, err := r.Human("info usernet")
	if err != nil {
		return nil, err
	}
	return forwarded(said)
}

// forwarded reads the table: protocol and state, descriptor, host address and port, guest address and port, queues.
func forwarded(table string) (all []netip.AddrPort, err error) {
	for line := range strings.Lines(table) {
		if f := strings.Fields(line); len(f) > 3 && f[0] == "TCP[HOST_FORWARD]" {
			address, err := netip.ParseAddrPort(f[2] + ":" + f[3])
			if err != nil {
				return nil, fmt.Errorf("qemu: info usernet: %q: %w", line, err)
			}
			all = append(all, address)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("qemu: %w: %q", ErrNotForwarded, table)
	}
	return all, nil
}
