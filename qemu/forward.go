package qemu

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// ErrNotForwarded is wrapped by Forwarded's error when the machine has no such port.
var ErrNotForwarded = errors.New("no port of the machine is forwarded")

// Forwarded is where the first TCP port of the guest's that user networking forwards is reached on this host, for a Netdev
// such as "user,hostfwd=tcp:127.0.0.1:0-:80", which leaves the host's port to the host. Connections are taken from the start
// on, and wait until the guest answers.
func (r *Run) Forwarded() (netip.AddrPort, error) {
	said, err := r.Human("info usernet")
	if err != nil {
		return netip.AddrPort{}, err
	}
	return forwarded(said)
}

// forwarded reads the table: protocol and state, descriptor, host address and port, guest address and port, queues.
func forwarded(table string) (netip.AddrPort, error) {
	for line := range strings.Lines(table) {
		if f := strings.Fields(line); len(f) > 3 && f[0] == "TCP[HOST_FORWARD]" {
			ip, err := netip.ParseAddr(f[2])
			if err != nil {
				return netip.AddrPort{}, fmt.Errorf("qemu: info usernet: %q: %w", line, err)
			}
			port, err := strconv.ParseUint(f[3], 10, 16)
			return netip.AddrPortFrom(ip, uint16(port)), err
		}
	}
	return netip.AddrPort{}, fmt.Errorf("qemu: %w: %q", ErrNotForwarded, table)
}
