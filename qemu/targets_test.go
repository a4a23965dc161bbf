package qemu

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"gasp/netlog/wire"
)

// A place is where a machine and its log hosts are.
type place struct {
	name   string
	vlan   uint16
	hosts  []netip.AddrPort
	target string // value of netconsole=
}

var places = []place{
	{"IPv6", 0, addresses("[fd00::2]:6666"), "+@fd00::f/,@fd00::2/"},
	{"link-local", 0, addresses("[fe80::2]:6666"), "@/,@fe80::2/"},
	{"VLAN", 42, addresses("10.0.2.2:6666"), "+@10.0.2.15/eth0.42,@10.0.2.2/"},
	{"IPv6 in a VLAN", 4094, addresses("[fd00::2]:7777"), "@fd00::f/eth0.4094,7777@fd00::2/"},
	{"two targets", 0, addresses("[fd00::2]:6666", "10.0.2.2:6666"), "+@fd00::f/,@fd00::2/;@10.0.2.15/,@10.0.2.2/"},
}

func addresses(list ...string) (all []netip.AddrPort) {
	for _, s := range list {
		all = append(all, netip.MustParseAddrPort(s))
	}
	return all
}

// wire is the cable to the place.
func (p *place) wire() *Wire {
	w := &Wire{LogHost: p.hosts[0], Others: p.hosts[1:], VLAN: p.vlan}
	for _, h := range p.hosts {
		w.Hosts = append(w.Hosts, Host{Addr: h.Addr()})
	}
	return w
}

// to gives the datagrams to one log host.
func to(all []Datagram, host netip.AddrPort) []Datagram {
	return slices.DeleteFunc(slices.Clone(all), func(d Datagram) bool { return d.Target != host })
}

// everywhere boots machines with the two kinds of network devices in each of the places, at once.
func everywhere(t *testing.T, test func(t *testing.T, p place, start func(w *Wire, words string) *Run)) {
	file := image(t)
	machines := []Combination{{Type: "q35", NIC: "e1000"}, {Type: "microvm", NIC: "virtio-net-device"}}
	for i, p := range places {
		c := machines[i%len(machines)]
		t.Run(fmt.Sprintf("%s/%v", p.name, c), func(t *testing.T) {
			t.Parallel()
			machinesAtOnce <- struct{}{}
			defer func() { <-machinesAtOnce }()
			test(t, p, func(w *Wire, words string) *Run {
				cmdline := fmt.Sprintf(`netconsole="%s" panic=2 console=null %s`, p.target, words)
				r, err := Start(t.Context(), Machine{Type: c.Type, NIC: c.NIC, Wire: w, Image: file, Cmdline: cmdline, Memory: cellMemory, Deadline: bootDeadline})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if t.Failed() {
						t.Logf("%s; %+v\nQEMU says: %s", cmdline, w.Counts(), r.Messages())
					}
					r.Close()
				})
				return r
			})
		})
	}
}

// TestCrashEverywhere: over IPv6, in a VLAN and for two targets all lines and the whole report arrive, from the station that
// was asked for.
func TestCrashEverywhere(t *testing.T) {
	const lines = 500
	everywhere(t, func(t *testing.T, p place, start func(*Wire, string) *Run) {
		w := p.wire()
		r := start(w, fmt.Sprintf("gasp.lines=%d gasp.crash=nil", lines))
		if exit, err := r.Wait(); err != nil || exit.Reason != "guest-reset" {
			t.Errorf("the machine ended with %+v, %v", exit, err)
		}
		for _, host := range p.hosts {
			datagrams := to(w.Datagrams(), host)
			report := reportOf(t, datagrams, wire.Crash)
			if !hasTrace(report.Lines, "main.nilDereference(") {
				t.Errorf("the report to %v has no traceback: %q", host, report.Lines)
			}
			next := 1
			for _, r := range ReadLog(datagrams).Ordinary {
				if n, ok := numbered(r.Text, lines); ok && n == next {
					next++
				}
			}
			if next-1 != lines {
				t.Errorf("%d of %d lines arrived at %v, in order", next-1, lines, host)
			}
			for _, d := range datagrams {
				if d.VLAN != p.vlan {
					t.Errorf("a datagram in VLAN %d", d.VLAN)
				}
			}
		}
		for _, f := range w.Frames() {
			if vlan, _, _ := f.open(); vlan != p.vlan {
				t.Errorf("a frame in VLAN %d: % x", vlan, f.Data)
			}
		}
		if c := w.Counts(); c.Bad != 0 {
			t.Errorf("%d frames have wrong checksums", c.Bad)
		}
	})
}

// TestSealedEverywhere: answers find their way back, so that nothing is lost on a path that loses some.
func TestSealedEverywhere(t *testing.T) {
	const lines = 1000
	everywhere(t, func(t *testing.T, p place, start func(*Wire, string) *Run) {
		w := p.wire()
		hosts := map[netip.AddrPort]*SealedHost{}
		for i, a := range p.hosts {
			hosts[a] = &SealedHost{Key: sealedKey, Wire: w, Rate: 20, Seed: uint64(i)}
		}
		w.Deliver = func(d Datagram) { hosts[d.Target].Receive(d) }
		r := start(w, fmt.Sprintf("gasp.key=%s gasp.lines=%d gasp.crash=nil", keyDigits(sealedKey), lines))
		if exit, err := r.Wait(); err != nil || exit.Reason != "guest-reset" {
			t.Errorf("the machine ended with %+v, %v", exit, err)
		}
		for a, h := range hosts {
			log := h.Log()
			if c := h.Counts(); c.Strange > 0 || c.Gone > 0 || h.Missing() > 0 || c.Lost == 0 {
				t.Errorf("%v: %+v, %d records are missing", a, c, h.Missing())
			}
			if len(log.Reports) != 1 || log.Reports[0].Complete() != "" || !hasTrace(log.Reports[0].Lines, "main.nilDereference(") {
				t.Errorf("%v: the reports are %+v", a, log.Reports)
			}
		}
	})
}
