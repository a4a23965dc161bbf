package netstack

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/loopback"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

const (
	// Each of a connection's two buffers, in bytes. A hundred connections that are full
	// both ways hold 100 MiB, of the 216 that a machine of 256 MiB has for its heap.
	leastBuffer   = 4 << 10
	defaultBuffer = 64 << 10
	mostBuffer    = 512 << 10

	// addressPatience is how long a connection waits for the stack's first address.
	addressPatience = 10 * time.Second
	// wayPause is between looks for a way.
	wayPause = 20 * time.Millisecond
)

// ErrNoDevice says that there is nothing to send with.
var ErrNoDevice = errors.New("netstack: no network device")

// Config says what a stack works with.
type Config struct {
	Device Device  // sends and takes the frames
	MAC    [6]byte // the device's station address
	// Hostname is what a DHCP server is told; may be empty.
	Hostname string
	Settings
	// Await waits until the device has frames, for so long at the most, and may return
	// earlier. Without it the stack looks every millisecond.
	Await func(most time.Duration)
	// Say is told what happens to the stack's addresses; it may be nil.
	Say func(line string)
	// OnLease is told what DHCP gave, every time; it may be nil.
	OnLease func(Lease)
}

// A Stack is a network stack on a device, with a loopback interface.
type Stack struct {
	device Device
	stack  *stack.Stack
	link   *link
	ring   ring
	routes routes
	lease  *client // nil without DHCP
	await  func(most time.Duration)
	say    func(line string)

	servers nameServers
	started time.Time

	ready   chan struct{} // closed when there is an address, or nothing to wait for
	readied sync.Once
	ended   chan struct{} // closed by Close
	ending  sync.Once
}

// New makes a stack and starts it: it works until Close.
func New(config Config) (*Stack, error) {
	if config.Device == nil {
		return nil, ErrNoDevice
	}
	s := &Stack{
		device: config.Device,
		link:   &link{device: config.Device, mac: tcpip.LinkAddress(config.MAC[:])},
		await:  config.Await,
		say:    config.Say,
		ready:  make(chan struct{}),
		ended:  make(chan struct{}),

		started: time.Now(),
	}
	if s.await == nil {
		s.await = func(most time.Duration) { time.Sleep(min(most, idleSleep)) }
	}
	if s.say == nil {
		s.say = func(string) {}
	}
	discover := ipv6.DefaultNDPConfigurations()
	discover.AutoGenTempGlobalAddresses = false // a server keeps its address
	s.routes.changed = make(chan struct{}, 1)
	s.stack = stack.New(stack.Options{
		NetworkProtocols: []stack.NetworkProtocolFactory{arp.NewProtocol, ipv4.NewProtocol, ipv6.NewProtocolWithOptions(ipv6.Options{
			NDPConfigs:       discover,
			AutoGenLinkLocal: true,
			NDPDisp:          &discovery{stack: s},
		})},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6},
		HandleLocal:        true,
	})
	if err := s.setBuffers(); err != nil {
		return nil, err
	}
	if err := s.addInterfaces(); err != nil {
		return nil, err
	}
	s.servers.set(config.NameServers)
	for _, a := range config.Addresses {
		if err := s.addAddress(a); err != nil {
			return nil, err
		}
		s.say(ethernetName + ": address " + a.String())
	}
	if config.Gateway.IsValid() {
		s.routes.setGateway(config.Gateway)
	}
	s.stack.SetRouteTable(s.routes.table())
	go s.followRoutes()
	if config.DHCP {
		s.lease = newClient(s, config)
		go s.lease.run()
	} else {
		s.setReady()
	}
	s.device.SetTap(s.ring.tap)
	go s.receive()
	return s, nil
}

func (s *Stack) setBuffers() error {
	receive := tcpip.TCPReceiveBufferSizeRangeOption{Min: leastBuffer, Default: defaultBuffer, Max: mostBuffer}
	send := tcpip.TCPSendBufferSizeRangeOption{Min: leastBuffer, Default: defaultBuffer, Max: mostBuffer}
	sack := tcpip.TCPSACKEnabled(true)
	moderate := tcpip.TCPModerateReceiveBufferOption(true)
	for _, option := range []tcpip.SettableTransportProtocolOption{&receive, &send, &sack, &moderate} {
		if err := s.stack.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			return fmt.Errorf("netstack: TCP option %T: %v", option, err)
		}
	}
	return nil
}

func (s *Stack) addInterfaces() error {
	if err := s.stack.CreateNICWithOptions(loopbackNIC, loopback.New(), stack.NICOptions{Name: loopbackName}); err != nil {
		return fmt.Errorf("netstack: %s: %v", loopbackName, err)
	}
	if err := s.stack.CreateNICWithOptions(ethernetNIC, s.link, stack.NICOptions{Name: ethernetName}); err != nil {
		return fmt.Errorf("netstack: %s: %v", ethernetName, err)
	}
	for _, a := range []string{"127.0.0.1/8", "::1/128"} {
		if err := s.addAddressTo(loopbackNIC, netip.MustParsePrefix(a)); err != nil {
			return err
		}
		s.routes.addLink(loopbackNIC, netip.MustParsePrefix(a))
	}
	return nil
}

// addAddress gives the interface an address, and the way to its link.
func (s *Stack) addAddress(a netip.Prefix) error {
	if err := s.addAddressTo(ethernetNIC, a); err != nil {
		return err
	}
	s.routes.addLink(ethernetNIC, a)
	return nil
}

func (s *Stack) addAddressTo(nic tcpip.NICID, a netip.Prefix) error {
	protocol := ipv4.ProtocolNumber
	if a.Addr().Is6() {
		protocol = ipv6.ProtocolNumber
	}
	err := s.stack.AddProtocolAddress(nic, tcpip.ProtocolAddress{
		Protocol:          protocol,
		AddressWithPrefix: tcpip.AddressWithPrefix{Address: tcpip.AddrFromSlice(a.Addr().AsSlice()), PrefixLen: a.Bits()},
	}, stack.AddressProperties{})
	if err != nil {
		return fmt.Errorf("netstack: address %s: %v", a, err)
	}
	return nil
}

// removeAddress takes an address of the interface away, and the way to its link.
func (s *Stack) removeAddress(a netip.Prefix) {
	s.stack.RemoveAddress(ethernetNIC, tcpip.AddrFromSlice(a.Addr().AsSlice()))
	s.routes.removeLink(ethernetNIC, a)
}

// Close ends the stack and all its connections. A machine has no need of it.
func (s *Stack) Close() {
	s.ending.Do(func() {
		s.device.SetTap(nil)
		close(s.ended)
		s.stack.Close()
	})
}

func (s *Stack) setReady() { s.readied.Do(func() { close(s.ready) }) }

// awaitAddress waits until the stack has an address.
func (s *Stack) awaitAddress(ctx context.Context) error {
	select {
	case <-s.ready:
		return nil
	default:
	}
	timer := time.NewTimer(addressPatience)
	defer timer.Stop()
	select {
	case <-s.ready:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// awaitWay waits until a packet finds a way to an IPv6 address. Routers that announce themselves, and those that look whether an address of
// this machine is another's, take their time (RFC 4861, RFC 4862). A network without IPv6 is not waited for again.
func (s *Stack) awaitWay(ctx context.Context, to tcpip.FullAddress) error {
	for end := s.started.Add(addressPatience); time.Now().Before(end); {
		route, err := s.stack.FindRoute(to.NIC, tcpip.Address{}, to.Addr, ipv6.ProtocolNumber, false)
		if err == nil {
			route.Release()
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ended:
			return nil
		case <-time.After(wayPause):
		}
	}
	return nil
}

// subnet is a prefix as the stack has it.
func subnet(p netip.Prefix) tcpip.Subnet {
	a := tcpip.AddressWithPrefix{Address: tcpip.AddrFromSlice(p.Addr().AsSlice()), PrefixLen: p.Bits()}
	return a.Subnet()
}

// everything is all addresses of a protocol.
func everything(a netip.Addr) tcpip.Subnet {
	if a.Is6() {
		return header.IPv6EmptySubnet
	}
	return header.IPv4EmptySubnet
}
