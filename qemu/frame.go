package qemu

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

var (
	// ErrNotUDP says that a frame is something other than an unfragmented IPv4 UDP datagram.
	ErrNotUDP = errors.New("not an IPv4 UDP frame")
	// ErrTruncated says that a length in a frame's headers does not fit the frame.
	ErrTruncated = errors.New("frame shorter than its headers say")
	// ErrChecksum says that the IPv4 header's or the UDP checksum of a frame is wrong.
	ErrChecksum = errors.New("wrong checksum")
)

// Frame is an Ethernet frame as the guest sent it, without preamble and checksum.
type Frame struct {
	Time time.Duration // since the machine's start
	Data []byte
	Lost bool // Wire.Drop took it off the cable
}

// Datagram is a UDP datagram that a frame carried.
type Datagram struct {
	Time                 time.Duration // the frame's
	SourceMAC, TargetMAC net.HardwareAddr
	Source, Target       netip.AddrPort
	Payload              []byte
}

// Datagram takes the frame apart as a receiver's network stack would: lengths and checksums are verified, padding is
// cut off (RFC 791, RFC 768). Errors are ErrNotUDP, ErrTruncated and ErrChecksum.
func (f Frame) Datagram() (Datagram, error) {
	eth := header.Ethernet(f.Data)
	if len(eth) < header.EthernetMinimumSize || eth.Type() != header.IPv4ProtocolNumber {
		return Datagram{}, ErrNotUDP
	}
	ip := header.IPv4(f.Data[header.EthernetMinimumSize:])
	if !ip.IsValid(len(ip)) {
		return Datagram{}, ErrTruncated
	}
	if !ip.IsChecksumValid() {
		return Datagram{}, ErrChecksum
	}
	if ip.TransportProtocol() != header.UDPProtocolNumber || ip.More() || ip.FragmentOffset() != 0 {
		return Datagram{}, ErrNotUDP
	}
	udp := header.UDP(ip.Payload())
	if len(udp) < header.UDPMinimumSize || int(udp.Length()) < header.UDPMinimumSize || int(udp.Length()) > len(udp) {
		return Datagram{}, ErrTruncated
	}
	udp = udp[:udp.Length()]
	if udp.Checksum() != 0 && !udp.IsChecksumValid(ip.SourceAddress(), ip.DestinationAddress(), checksum.Checksum(udp.Payload(), 0)) {
		return Datagram{}, ErrChecksum
	}
	return Datagram{
		Time:      f.Time,
		SourceMAC: net.HardwareAddr(eth.SourceAddress()),
		TargetMAC: net.HardwareAddr(eth.DestinationAddress()),
		Source:    addrPort(ip.SourceAddress(), udp.SourcePort()),
		Target:    addrPort(ip.DestinationAddress(), udp.DestinationPort()),
		Payload:   udp.Payload(),
	}, nil
}

func addrPort(a tcpip.Address, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4(a.As4()), port)
}
