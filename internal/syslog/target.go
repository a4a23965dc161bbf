package syslog

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
)

// Target is where to forward to.
type Target struct {
	// Network is "udp" or "tcp".
	Network string
	// Address is "host:port"; a name is looked up again for every connection.
	Address string
}

var errTarget = errors.New(`must be udp://HOST:PORT or tcp://HOST:PORT, as in tcp://loghost:514`)

// ParseTarget reads "udp://host:port" or "tcp://host:port".
func ParseTarget(text string) (Target, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "udp" && u.Scheme != "tcp" || u.Hostname() == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return Target{}, fmt.Errorf("%q %w", text, errTarget)
	}
	if port, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || port == 0 {
		return Target{}, fmt.Errorf("%q %w", text, errTarget)
	}
	return Target{u.Scheme, net.JoinHostPort(u.Hostname(), u.Port())}, nil
}

// String is the target as it was written.
func (t Target) String() string { return t.Network + "://" + t.Address }
