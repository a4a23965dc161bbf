package netstack

import (
	"net"
	"strconv"
	"syscall"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// The interfaces' numbers and names. They are what a zone of an IPv6 address names.
const (
	ethernetNIC tcpip.NICID = 1
	loopbackNIC tcpip.NICID = 2

	ethernetName = "eth0"
	loopbackName = "lo"
)

// A socketAddress is an address as package net has it.
type socketAddress struct {
	ip   net.IP
	port int
	zone string
}

func addressOf(a net.Addr) (s socketAddress, ok bool) {
	switch a := a.(type) {
	case *net.TCPAddr:
		return socketAddress{a.IP, a.Port, a.Zone}, true
	case *net.UDPAddr:
		return socketAddress{a.IP, a.Port, a.Zone}, true
	}
	return s, false
}

// full is the address as a socket of the family wants it: an IPv4 address is a mapped
// one to an IPv6 socket, none and the unspecified one are empty.
func (s socketAddress) full(family int) (f tcpip.FullAddress, err error) {
	f.Port = uint16(s.port)
	ip4 := s.ip.To4()
	switch {
	case s.port < 0 || s.port > 1<<16-1:
		return f, &net.AddrError{Err: "invalid port", Addr: strconv.Itoa(s.port)}
	case len(s.ip) == 0 || s.ip.IsUnspecified():
	case family == syscall.AF_INET && ip4 != nil:
		f.Addr = tcpip.AddrFrom4Slice(ip4)
	case family == syscall.AF_INET6 && len(s.ip.To16()) == net.IPv6len:
		f.Addr = tcpip.AddrFrom16Slice(s.ip.To16())
		if header.IsV6LinkLocalUnicastAddress(f.Addr) || header.IsV6LinkLocalMulticastAddress(f.Addr) {
			f.NIC = nicOf(s.zone)
		}
	default:
		return f, &net.AddrError{Err: "address of another family", Addr: s.ip.String()}
	}
	return f, nil
}

// orLoopback is the address, or the loopback one if it is none or the unspecified
// one: Linux connects to that.
func (s socketAddress) orLoopback(family int) socketAddress {
	switch {
	case len(s.ip) != 0 && !s.ip.IsUnspecified():
	case family == syscall.AF_INET || s.ip.To4() != nil:
		s.ip = net.IPv4(127, 0, 0, 1)
	default:
		s.ip = net.IPv6loopback
	}
	return s
}

func nicOf(zone string) tcpip.NICID {
	if zone == loopbackName || zone == strconv.Itoa(int(loopbackNIC)) {
		return loopbackNIC
	}
	return ethernetNIC
}

// ipOf is the address as package net has it; unspecified if it is empty.
func ipOf(f tcpip.FullAddress, family int) (ip net.IP, zone string) {
	if f.Addr.Len() == 0 {
		if family == syscall.AF_INET {
			return net.IPv4zero, ""
		}
		return net.IPv6unspecified, ""
	}
	if header.IsV6LinkLocalUnicastAddress(f.Addr) {
		zone = ethernetName
		if f.NIC == loopbackNIC {
			zone = loopbackName
		}
	}
	return net.IP(f.Addr.AsSlice()), zone
}

func tcpAddress(f tcpip.FullAddress, family int) *net.TCPAddr {
	ip, zone := ipOf(f, family)
	return &net.TCPAddr{IP: ip, Port: int(f.Port), Zone: zone}
}

func udpAddress(f tcpip.FullAddress, family int) *net.UDPAddr {
	ip, zone := ipOf(f, family)
	return &net.UDPAddr{IP: ip, Port: int(f.Port), Zone: zone}
}
