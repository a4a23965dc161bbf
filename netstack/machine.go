//go:build tamago

package netstack

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"gasp/board/x86"
	"gasp/netlog"

	"gvisor.dev/gvisor/pkg/log"
)

// machine is the machine's one stack, nil if it has none.
var machine *Stack

// The board has found the device by now.
func init() {
	l := netlog.Default()
	say := func(line string) { l.Log(netlog.Info, line) }
	line := x86.CommandLine()
	ip, _ := line.Get("gasp.ip")
	dns, _ := line.Get("gasp.dns")
	network := x86.Network()
	settings, errs := ParseSettings(ip, dns, Base{Source: network.Source, PrefixLen: network.PrefixLen, Gateway: network.Gateway})
	for _, err := range errs {
		l.Log(netlog.Err, err.Error())
	}
	if settings.Off {
		return
	}
	mac, ok := l.StationAddress()
	if !ok {
		l.Log(netlog.Err, ErrNoDevice.Error())
		return
	}
	log.SetTarget(emitter{})
	log.SetLevel(log.Warning)
	hostname, _ := os.Hostname()
	s, err := New(Config{Device: l, MAC: mac, Settings: settings, Hostname: hostname, Await: x86.AwaitFrame, Say: say, OnLease: func(lease Lease) {
		target := netip.Addr{}
		if len(lease.LogServers) > 0 {
			target = lease.LogServers[0]
		}
		x86.Complete(lease.Address, lease.Router, target)
	}})
	if err != nil {
		l.Log(netlog.Err, err.Error())
		return
	}
	machine = s
	net.SocketFunc = s.Socket
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: s.dialName}
}

// An emitter makes records of what gVisor has to say.
type emitter struct{}

func (emitter) Emit(_ int, _ log.Level, _ time.Time, format string, v ...any) {
	netlog.Default().Log(netlog.Warning, "netstack: "+fmt.Sprintf(format, v...))
}

// Default is the machine's stack, nil if it has none.
func Default() *Stack { return machine }
