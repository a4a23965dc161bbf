package qemu

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// TestTooLittleMemory: the serial line says so, whether there is no room for the image or none for a heap.
func TestTooLittleMemory(t *testing.T) {
	for _, mebibytes := range []int{40, 64} {
		t.Run(fmt.Sprint(mebibytes), func(t *testing.T) {
			t.Parallel()
			r := start(t, Machine{Type: "q35", Image: image(t), Memory: mebibytes})
			waitFor(t, "what is wrong", func() bool {
				return strings.Contains(r.Serial(), "gasp: the image does not fit into RAM: give it 128 MB")
			})
			if err := r.Quit(); err != nil {
				t.Error(err)
			}
			r.Wait()
		})
	}
}

// TestProblems boots machines on which something is wrong: the serial line says what, and the machine runs on to its end.
func TestProblems(t *testing.T) {
	const runsOn = "exit status 0" // the last thing a machine says that got through main
	router := Host{Addr: netip.MustParseAddr("10.0.2.99")}
	for _, tt := range []struct {
		name    string
		cmdline string
		nic     string
		hosts   []Host
		want    string
	}{
		{name: "no netconsole=", nic: "e1000", want: "no netconsole= on the command line"},
		{name: "malformed netconsole=", cmdline: "netconsole=nonsense", nic: "e1000", want: "nonsense"},
		{name: "bad address", cmdline: "netconsole=@10.0.2.15/,6666@10.0.2.256/", nic: "e1000", want: "10.0.2.256"},
		{name: "bad port", cmdline: "netconsole=@10.0.2.15/,66666@10.0.2.2/", nic: "e1000", want: "66666"},
		{name: "bad MAC", cmdline: "netconsole=@10.0.2.15/,6666@10.0.2.2/52:54:00:zz:00:01", nic: "e1000", want: "52:54:00:zz:00:01"},
		{name: "unknown device", cmdline: "netconsole=@10.0.2.15/eth7,6666@10.0.2.2/", nic: "e1000", want: `no device "eth7": this machine has eth0`},
		{name: "no source address", cmdline: "netconsole=@/,6666@10.0.2.2/", nic: "virtio-net-pci", want: "no source address"},
		{name: "two IP versions", cmdline: "netconsole=@10.0.2.15/,6666@fd00::2/", nic: "virtio-net-pci", want: "the same IP version"},
		{name: "bad VLAN", cmdline: "netconsole=@10.0.2.15/eth0.4095,6666@10.0.2.2/", nic: "e1000", want: "VLAN"},
		{name: "target off the link", cmdline: "netconsole=@10.0.2.15/,6666@192.0.2.1/", nic: "e1000e", want: "there is no gateway"},
		{name: "no NIC", cmdline: netconsole(""), want: "no usable network device"},
		{name: "NIC without driver", cmdline: netconsole(""), nic: "rtl8139", want: "[10ec:8139]: a network device that there is no driver for"},
		{name: "ARP never answered", cmdline: netconsole("") + " gasp.run=8", nic: "virtio-net-pci", hosts: []Host{{Addr: logHost.Addr(), Ignore: IgnoreAll}}, want: "no answer to ARP yet, records are kept, asking for " + logHost.Addr().String()},
		{name: "gateway never answered", cmdline: "gasp.gateway=10.0.2.99 gasp.run=8 netconsole=@10.0.2.15/,6666@192.0.2.1/", nic: "virtio-net-pci", hosts: []Host{{Addr: router.Addr, Ignore: IgnoreAll}}, want: "asking for 10.0.2.99"},
		{name: "wrong number", cmdline: "loglevel=loud", nic: "e1000", want: "loglevel=loud: want a number from 0 to 15"},
		{name: "unknown class", cmdline: "gasp.crash=sneeze", nic: "e1000", want: "nil: nil dereference"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := Machine{Type: "q35", NIC: tt.nic, Image: image(t), Cmdline: tt.cmdline}
			if tt.nic != "" {
				m.Wire = &Wire{Hosts: tt.hosts, LogHost: logHost}
			}
			r := start(t, m)
			if exit, err := r.Wait(); err != nil || !exit.PoweredOff() {
				t.Errorf("the machine ended with %+v, %v, not by powering off", exit, err)
			}
			for _, want := range []string{tt.want, runsOn} {
				if !strings.Contains(r.Serial(), want) {
					t.Errorf("the serial line lacks %q:\n%s", want, tail(r.Serial(), 3<<10))
				}
			}
		})
	}
}

// TestGateway logs to a host behind a router: the frames go to the router's station.
func TestGateway(t *testing.T) {
	const far = "192.0.2.1"
	router := Host{Addr: netip.MustParseAddr("10.0.2.99"), MAC: net.HardwareAddr{2, 0, 0, 0, 0, 99}}
	w := &Wire{Hosts: []Host{router}, LogHost: netip.MustParseAddrPort(far + ":6666")}
	r := start(t, Machine{Type: "q35", NIC: "virtio-net-pci", Image: image(t), Wire: w,
		Cmdline: "gasp.gateway=10.0.2.99 gasp.run=1 netconsole=@10.0.2.15/,6666@" + far + "/"})
	if _, err := r.Wait(); err != nil {
		t.Error(err)
	}
	reportOf(t, w.Datagrams(), wire.Crash)
	for _, f := range w.Frames() {
		if _, err := f.Datagram(); err == nil && !bytes.Equal(f.Data[:6], router.MAC) {
			t.Fatalf("a frame for %s went to station %x, want the router's", far, f.Data[:6])
		}
	}
}

// TestLinkDown takes the link away while the machine logs: what it logs meanwhile arrives when the link is back.
func TestLinkDown(t *testing.T) {
	for _, nic := range []string{"e1000", "e1000e", "virtio-net-pci"} {
		t.Run(nic, func(t *testing.T) {
			t.Parallel()
			w := &Wire{}
			r := boot(t, Combination{Type: "q35", NIC: nic}, w, netconsole("+")+" gasp.run=8")
			waitFor(t, "a line", func() bool { return contains(w.Datagrams(), "uptime=2.") })
			if err := r.SetLink(false); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "the link to be reported down", func() bool { return strings.Contains(r.Serial(), "link is down") })
			waitFor(t, "lines without a link", func() bool {
				_, after, _ := strings.Cut(r.Serial(), "link is down")
				return strings.Count(after, "alive") > 1
			})
			if err := r.SetLink(true); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Wait(); err != nil {
				t.Error(err)
			}
			received := records(t, w.Datagrams())
			reportOf(t, w.Datagrams(), wire.Crash)
			// What went into the dead link before the machine noticed is gone; nothing else may be.
			noticed := slices.IndexFunc(received, func(d wire.Datagram) bool { return bytes.Contains(d.Text, []byte("link is down")) })
			checkSequence(t, received[max(0, noticed):])
			for _, want := range []string{"link is down", "link is up"} {
				if !contains(w.Datagrams(), want) {
					t.Errorf("no record says %q", want)
				}
			}
		})
	}
}

func contains(datagrams []Datagram, text string) bool {
	return slices.ContainsFunc(datagrams, func(d Datagram) bool { return bytes.Contains(d.Payload, []byte(text)) })
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	const limit = 20 * time.Second
	for end := time.Now().Add(limit); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(fmt.Sprint("waited ", limit, " for ", what))
		}
	}
}
