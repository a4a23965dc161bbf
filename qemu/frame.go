package qemu

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

var (
	// ErrNotUDP says that a frame is something other than an unfragmented IPv4 or IPv6 UDP datagram.
	ErrNotUDP = errors.New("not a UDP frame")
	// ErrTruncated says that a length in a frame's headers does not fit the frame.
	ErrTruncated = errors.New("frame shorter than its headers say")
	// ErrChecksum says that the IPv4 header's or the UDP checksum of a frame is wrong, or missing where IPv6 wants one.
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
	VLAN                 uint16        // of its 802.1Q tag; 0 if it has none
	SourceMAC, TargetMAC net.HardwareAddr
	Source, Target       netip.AddrPort
	Payload              []byte
}

// Datagram takes the frame apart as a receiver's network stack would: lengths and checksums are verified, padding is
// cut off (RFC 791, RFC 8200, RFC 768). Errors are ErrNotUDP, ErrTruncated and ErrChecksum.
func (f Frame) Datagram() (Datagram, error) {
	vlan, kind, packet := f.open()
	var from, to tcpip.Address
	var udp header.UDP
	switch kind {
	case header.IPv4ProtocolNumber:
		ip := header.IPv4(packet)
		if !ip.IsValid(len(ip)) {
			return Datagram{}, ErrTruncated
		}
		if !ip.IsChecksumValid() {
			return Datagram{}, ErrChecksum
		}
		if ip.TransportProtocol() != header.UDPProtocolNumber || ip.More() || ip.FragmentOffset() != 0 {
			return Datagram{}, ErrNotUDP
		}
		from, to, udp = ip.SourceAddress(), ip.DestinationAddress(), header.UDP(ip.Payload())
	case header.IPv6ProtocolNumber:
		ip := header.IPv6(packet)
		if !ip.IsValid(len(ip)) {
			return Datagram{}, ErrTruncated
		}
		if ip.TransportProtocol() != header.UDPProtocolNumber {
			return Datagram{}, ErrNotUDP
		}
		from, to, udp = ip.SourceAddress(), ip.DestinationAddress(), header.UDP(ip.Payload())
	default:
		return Datagram{}, ErrNotUDP
	}
	if len(udp) < header.UDPMinimumSize || int(udp.Length()) < header.UDPMinimumSize || int(udp.Length()) > len(udp) {
		return Datagram{}, ErrTruncated
	}
	udp = udp[:udp.Length()]
	missing := udp.Checksum() == 0 && from.Len() == header.IPv4AddressSize
	if !missing && !udp.IsChecksumValid(from, to, checksum.Checksum(udp.Payload(), 0)) {
		return Datagram{}, ErrChecksum
	}
	eth := header.Ethernet(f.Data)
	return Datagram{
		Time:      f.Time,
		VLAN:      vlan,
		SourceMAC: net.HardwareAddr(eth.SourceAddress()),
		TargetMAC: net.HardwareAddr(eth.DestinationAddress()),
		Source:    addrPort(from, udp.SourcePort()),
		Target:    addrPort(to, udp.DestinationPort()),
		Payload:   udp.Payload(),
	}, nil
}

// tagged is the EtherType of a frame with an 802.1Q tag.
const tagged = 0x8100

// open takes the link header off a frame; a kind of 0 is none.
func (f Frame) open() (vlan uint16, kind tcpip.NetworkProtocolNumber, packet []byte) {
	if len(f.Data) < header.EthernetMinimumSize {
		return 0, 0, nil
	}
	kind, packet = header.Ethernet(f.Data).Type(), f.Data[header.EthernetMinimumSize:]
	if kind != tagged {
		return 0, kind, packet
	}
	if len(packet) < 4 {
		return 0, 0, nil
	}
	return binary.BigEndian.Uint16(packet) & 0xfff, tcpip.NetworkProtocolNumber(binary.BigEndian.Uint16(packet[2:])), packet[4:]
}

// linkHeader begins a frame to the guest.
func linkHeader(from, to net.HardwareAddr, vlan uint16, kind tcpip.NetworkProtocolNumber) []byte {
	frame := slices.Concat(to, from)
	if vlan != 0 {
		frame = binary.BigEndian.AppendUint16(frame, tagged)
		frame = binary.BigEndian.AppendUint16(frame, vlan)
	}
	return binary.BigEndian.AppendUint16(frame, uint16(kind))
}

func addrPort(a tcpip.Address, port uint16) netip.AddrPort {
	addr, _ := netip.AddrFromSlice(a.AsSlice())
	return netip.AddrPortFrom(addr, port)
}
