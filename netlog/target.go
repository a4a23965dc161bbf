package netlog

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// The ports netconsole uses (Linux Documentation/networking/netconsole.rst).
const (
	DefaultSourcePort = 6665
	DefaultPort       = 6666
)

// longestDevice is Linux's limit for an interface name (IFNAMSIZ without NUL).
const longestDevice = 15

// Target says where records go.
type Target struct {
	Extended   bool       // extended format instead of basic
	Release    bool       // extended messages begin with the release
	SourcePort uint16     // UDP port the datagrams come from
	Source     netip.Addr // this machine's address; invalid if not given
	Device     string     // name of the network device; empty if not given
	Port       uint16     // UDP port the datagrams go to
	Dest       netip.Addr // the log host's address
	DestMAC    [6]byte    // station to send to, if HasMAC is set
	HasMAC     bool
}

// ParseTarget reads the value of Linux's netconsole= parameter
// (Documentation/networking/netconsole.rst):
//
//	[+][r][src-port]@[src-ip]/[dev],[tgt-port]@<tgt-ip>/[tgt-macaddr]
//
// An error names the part that is wrong and what was expected.
func ParseTarget(s string) (Target, error) {
	t := Target{SourcePort: DefaultSourcePort, Port: DefaultPort}
	rest := s
	rest, t.Extended = strings.CutPrefix(rest, "+")
	rest, t.Release = strings.CutPrefix(rest, "r")
	if t.Release && !t.Extended {
		return Target{}, wrong("format", s, "+r, the release goes with the extended format only")
	}
	source, target, ok := strings.Cut(rest, ",")
	if !ok {
		return Target{}, wrong("value", s, "[+][r][src-port]@[src-ip]/[dev],[tgt-port]@<tgt-ip>/[tgt-macaddr]")
	}

	port, source, ok := strings.Cut(source, "@")
	if !ok {
		return Target{}, wrong("source", port, "[src-port]@[src-ip]/[dev]")
	}
	address, device, ok := strings.Cut(source, "/")
	if !ok {
		return Target{}, wrong("source", source, "a / between address and device")
	}
	var err error
	if t.SourcePort, err = parsePort("source port", port, DefaultSourcePort); err != nil {
		return Target{}, err
	}
	if address != "" {
		if t.Source, err = parseAddress("source address", address); err != nil {
			return Target{}, err
		}
	}
	if len(device) > longestDevice {
		return Target{}, wrong("device", device, "a name of at most 15 characters")
	}
	t.Device = device

	port, target, ok = strings.Cut(target, "@")
	if !ok {
		return Target{}, wrong("target", port, "[tgt-port]@<tgt-ip>/[tgt-macaddr]")
	}
	address, mac, _ := strings.Cut(target, "/")
	if t.Port, err = parsePort("target port", port, DefaultPort); err != nil {
		return Target{}, err
	}
	if t.Dest, err = parseAddress("target address", address); err != nil {
		return Target{}, err
	}
	if t.Source.IsValid() && t.Source.Is4() != t.Dest.Is4() {
		return Target{}, wrong("target address", address, "the same IP version as the source address")
	}
	if mac != "" {
		if t.DestMAC, err = parseMAC(mac); err != nil {
			return Target{}, err
		}
		t.HasMAC = true
	}
	return t, nil
}

func wrong(part, got, want string) error {
	return errors.New("netconsole: " + part + " " + strconv.Quote(got) + ": want " + want)
}

func parsePort(part, s string, missing uint16) (uint16, error) {
	if s == "" {
		return missing, nil
	}
	port, err := strconv.ParseUint(s, 10, 16)
	if err != nil || port == 0 {
		return 0, wrong(part, s, "a number from 1 to 65535")
	}
	return uint16(port), nil
}

func parseAddress(part, s string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.IsUnspecified() {
		return netip.Addr{}, wrong(part, s, "an IPv4 or IPv6 address")
	}
	return addr.Unmap(), nil
}

func parseMAC(s string) (mac [6]byte, err error) {
	const digits = "0123456789abcdef"
	if len(s) != len("00:00:00:00:00:00") {
		return mac, wrong("target MAC", s, "six bytes as 00:11:22:33:44:55")
	}
	for i := range mac {
		high := strings.IndexByte(digits, s[3*i]|0x20)
		low := strings.IndexByte(digits, s[3*i+1]|0x20)
		if high < 0 || low < 0 || i > 0 && s[3*i-1] != ':' {
			return [6]byte{}, wrong("target MAC", s, "six bytes as 00:11:22:33:44:55")
		}
		mac[i] = byte(high<<4 | low)
	}
	if mac == ([6]byte{}) {
		return mac, wrong("target MAC", s, "another address than all zeros")
	}
	return mac, nil
}
