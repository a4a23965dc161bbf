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

// DeviceName is what the network device of a machine is called: it has one. A target that
// names none means it, as on Linux.
const DeviceName = "eth0"

// maxVLAN is the greatest VLAN identifier; 4095 is reserved (IEEE 802.1Q 9.6).
const maxVLAN = 4094

// longestDevice is Linux's limit for an interface name (IFNAMSIZ without NUL).
const longestDevice = 15

// Target says where records go.
type Target struct {
	Extended   bool       // extended format instead of basic
	Release    bool       // extended messages begin with the release
	SourcePort uint16     // UDP port the datagrams come from
	Source     netip.Addr // this machine's address; invalid if not given
	Device     string     // name of the network device, without the VLAN's; empty if not given
	VLAN       uint16     // identifier of the VLAN, 1 to 4094; 0: frames are not tagged
	Port       uint16     // UDP port the datagrams go to
	Dest       netip.Addr // the log host's address, of the same version as Source
	DestMAC    [6]byte    // station to send to, if HasMAC is set
	HasMAC     bool
	// DeviceMAC is the network device's address, if HasDeviceMAC is set: the other way to name it.
	DeviceMAC    [6]byte
	HasDeviceMAC bool
}

// ParseTarget reads the value of Linux's netconsole= parameter
// (Documentation/networking/netconsole.rst):
//
//	[+][r][src-port]@[src-ip]/[dev],[tgt-port]@<tgt-ip>/[tgt-macaddr]
//
// or one of several, see ParseTargets. Addresses are IPv4 or IPv6, dev is a name or a MAC address. A name that ends in a dot and a
// number, such as eth0.42, is that of a VLAN on the device, as Linux usually calls those.
// An error names the part that is wrong and what was expected.
func ParseTarget(s string) (Target, error) {
	if strings.Contains(s, ";") {
		return Target{}, wrong("value", s, "one target, without a semicolon")
	}
	return parseTarget(s)
}

// ParseTargets reads a value with up to MaxTargets targets separated by semicolons, as Linux does: those that are
// right, and what is wrong with the others.
func ParseTargets(s string) (targets []Target, errs []error) {
	for one := range strings.SplitSeq(s, ";") {
		t, err := parseTarget(one)
		switch {
		case err != nil:
			errs = append(errs, err)
		case len(targets) == MaxTargets:
			return targets, append(errs, ErrTargets)
		default:
			targets = append(targets, t)
		}
	}
	return targets, errs
}

func parseTarget(s string) (Target, error) {
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
	if err := t.parseDevice(device); err != nil {
		return Target{}, err
	}

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
		if t.DestMAC, err = parseMAC("target MAC", mac); err != nil {
			return Target{}, err
		}
		t.HasMAC = true
	}
	return t, nil
}

// NeedsSource says whether a target can be started only with a source address: a link-local one gives the
// machine the address that its device has by nature.
func (t *Target) NeedsSource() bool { return !t.Source.IsValid() && !linkLocal(t.Dest) }

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

// parseAddress reads an address. There is one device, so that a zone says nothing; Linux takes none either.
func parseAddress(part, s string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" || addr.Unmap().IsUnspecified() {
		return netip.Addr{}, wrong(part, s, "an IPv4 or IPv6 address")
	}
	return addr.Unmap(), nil
}

// parseDevice reads the name of the device, or its MAC address, which is what has colons.
func (t *Target) parseDevice(s string) (err error) {
	if strings.Contains(s, ":") {
		t.DeviceMAC, err = parseMAC("device", s)
		t.HasDeviceMAC = err == nil
		return err
	}
	if len(s) > longestDevice {
		return wrong("device", s, "a name of at most 15 characters")
	}
	t.Device = s
	dot := strings.LastIndexByte(s, '.')
	if dot < 0 || dot == len(s)-1 || strings.Trim(s[dot+1:], "0123456789") != "" {
		return nil
	}
	vlan, err := strconv.ParseUint(s[dot+1:], 10, 16)
	if err != nil || vlan < 1 || vlan > maxVLAN {
		return wrong("device", s, "a VLAN from 1 to 4094 behind the dot")
	}
	t.Device, t.VLAN = s[:dot], uint16(vlan)
	return nil
}

func parseMAC(part, s string) (mac [6]byte, err error) {
	const digits = "0123456789abcdef"
	if len(s) != len("00:00:00:00:00:00") {
		return mac, wrong(part, s, "six bytes as 00:11:22:33:44:55")
	}
	for i := range mac {
		high := strings.IndexByte(digits, s[3*i]|0x20)
		low := strings.IndexByte(digits, s[3*i+1]|0x20)
		if high < 0 || low < 0 || i > 0 && s[3*i-1] != ':' {
			return [6]byte{}, wrong(part, s, "six bytes as 00:11:22:33:44:55")
		}
		mac[i] = byte(high<<4 | low)
	}
	if mac == ([6]byte{}) {
		return mac, wrong(part, s, "another address than all zeros")
	}
	return mac, nil
}
