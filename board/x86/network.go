//go:build tamago

package x86

import (
	"net/netip"

	"gasp/netlog"
)

// NetworkSettings is what the command line says of the machine's place in its network.
type NetworkSettings struct {
	Source    netip.Addr // netconsole='s own address; invalid if it has none
	PrefixLen int        // gasp.prefixlen=, or gasp.prefixlen6= if Source is IPv6; 0 if not given
	Gateway   netip.Addr // gasp.gateway=, of Source's IP version; invalid if not given
}

// Network returns the settings, for a network stack. It has no part in VLANs.
func Network() NetworkSettings {
	switch t := &settings.Target; {
	case t.VLAN != 0:
		return NetworkSettings{Gateway: settings.Gateway}
	case t.Source.Is6():
		return NetworkSettings{Source: t.Source, PrefixLen: settings.PrefixLen6, Gateway: settings.Gateway6}
	}
	return NetworkSettings{Source: settings.Target.Source, PrefixLen: settings.PrefixLen, Gateway: settings.Gateway}
}

// completed tells that Complete has started the logger, or tried to.
var completed bool

// Complete starts the logger, if it is not started, with what the command line leaves
// out and a network stack got to know: this machine's address with the length of its
// link's prefix, the router to other links (or an invalid address), and the log host
// (likewise). Without a log host from anywhere it does nothing. It is called by one
// goroutine.
func Complete(own netip.Prefix, router, logHost netip.Addr) error {
	t := &settings.Target
	if _, given := cmdline.Get("netconsole"); given && !settings.HasTarget {
		return nil // it is wrong, which was said
	}
	if completed || attached == nil || settings.HasTarget && !t.NeedsSource() || t.VLAN != 0 {
		return nil
	}
	if !settings.HasTarget {
		if !logHost.IsValid() {
			return nil
		}
		t.Dest, t.Port, t.SourcePort = logHost, netlog.DefaultPort, netlog.DefaultSourcePort
	}
	completed = true
	t.Source = own.Addr()
	settings.PrefixLen = own.Bits()
	if !settings.Gateway.IsValid() {
		settings.Gateway = router
	}
	return startLogger(attached)
}
