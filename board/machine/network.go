//go:build tamago

package machine

import (
	"net/netip"
	"slices"

	"gasp/netlog"
)

// NetworkSettings is what the command line says of the machine's place in its network.
type NetworkSettings struct {
	Source    netip.Addr // netconsole='s own address; invalid if it has none
	PrefixLen int        // gasp.prefixlen=, or gasp.prefixlen6= if Source is IPv6; 0 if not given
	Gateway   netip.Addr // gasp.gateway=, of Source's IP version; invalid if not given
}

// Network returns the settings, for a network stack, of the first target that is in no VLAN: it has no part in those.
func Network() NetworkSettings {
	for _, t := range settings.Targets {
		switch {
		case t.VLAN != 0 || !t.Source.IsValid():
		case t.Source.Is6():
			return NetworkSettings{Source: t.Source, PrefixLen: settings.PrefixLen6, Gateway: settings.Gateway6}
		default:
			return NetworkSettings{Source: t.Source, PrefixLen: settings.PrefixLen, Gateway: settings.Gateway}
		}
	}
	return NetworkSettings{PrefixLen: settings.PrefixLen, Gateway: settings.Gateway}
}

// awaitsSource says whether a target waits for a network stack to know this machine's address.
func awaitsSource(t netlog.Target) bool { return t.NeedsSource() && t.VLAN == 0 }

// completed is the address that Complete has started the logger with, or tried to; the zero one before.
var completed netip.Addr

// Complete starts the logger with what the command line leaves out and a network stack
// got to know: this machine's address with the length of its
// link's prefix, the router to other links (or an invalid address), and the log host
// (likewise). Targets that had an address from the start go on. Without a log host from anywhere it does
// nothing. When the address has changed since, the logger sends from the new one. It is called by one goroutine.
func Complete(own netip.Prefix, router, logHost netip.Addr) {
	if attached == nil || completed == own.Addr() {
		return
	}
	if completed.IsValid() {
		move(own, router)
		return
	}
	if _, given := cmdline.Get("netconsole"); !given && logHost.IsValid() {
		settings.Targets = []netlog.Target{{Dest: logHost, Port: netlog.DefaultPort, SourcePort: netlog.DefaultSourcePort}}
	}
	if !slices.ContainsFunc(settings.Targets, awaitsSource) {
		return
	}
	completed = own.Addr()
	for i := range settings.Targets {
		if t := &settings.Targets[i]; awaitsSource(*t) {
			t.Source = own.Addr()
		}
	}
	settings.PrefixLen = own.Bits()
	if !settings.Gateway.IsValid() {
		settings.Gateway = router
	}
	startLogger(settings.Targets)
}

// move makes the logger send from another address than Complete's before.
func move(own netip.Prefix, router netip.Addr) {
	l := netlog.Default()
	targets, o := l.Configuration()
	moved := false
	for i := range targets {
		if t := &targets[i]; t.Source == completed && t.VLAN == 0 {
			t.Source = own.Addr()
			moved = true
		}
	}
	if !moved {
		return
	}
	o.PrefixLen = own.Bits()
	if v, ok := cmdline.Get("gasp.gateway"); !ok || v == "" {
		o.Gateway = router
	}
	if err := l.Reconfigure(targets, o); err != nil {
		l.Log(netlog.Err, err.Error())
		return
	}
	completed = own.Addr()
}
