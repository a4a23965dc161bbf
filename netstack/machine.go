//go:build tamago

package netstack

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"gasp/board/machine"
	"gasp/netlog"

	"gvisor.dev/gvisor/pkg/log"
)

// theStack is the one of the machine, nil if it has none.
var theStack *Stack

// The board has found the device by now.
func init() {
	l := netlog.Default()
	say := func(line string) { l.Log(netlog.Info, line) }
	line := machine.CommandLine()
	ip, _ := line.Get("gasp.ip")
	dns, _ := line.Get("gasp.dns")
	network := machine.Network()
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
	s, err := New(Config{Device: l, MAC: mac, Settings: settings, Hostname: hostname, Await: machine.AwaitFrame, Say: say, OnLease: func(lease Lease) {
		target := netip.Addr{}
		if len(lease.LogServers) > 0 {
			target = lease.LogServers[0]
		}
		machine.Complete(lease.Address, lease.Router, target)
	}})
	if err != nil {
		l.Log(netlog.Err, err.Error())
		return
	}
	theStack = s
	net.SocketFunc = s.Socket
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: s.dialName}
}

// An emitter makes records of what gVisor has to say.
type emitter struct{}

func (emitter) Emit(_ int, _ log.Level, _ time.Time, format string, v ...any) {
	netlog.Default().Log(netlog.Warning, "netstack: "+fmt.Sprintf(format, v...))
}

// Default is the machine's stack, nil if it has none.
func Default() *Stack { return theStack }
