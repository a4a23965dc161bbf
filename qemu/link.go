package qemu

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"slices"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// IgnoreAll as a Host's Ignore: it never answers.
const IgnoreAll = -1

// Host is a neighbour of the guest that answers requests for its station: ARP (RFC 826), or neighbor solicitations
// (RFC 4861) if its address is IPv6.
type Host struct {
	Addr   netip.Addr
	MAC    net.HardwareAddr // nil: 02:00 and the last four bytes of Addr
	Ignore int              // how many requests stay unanswered before the first answer; IgnoreAll for all
}

// Hardware returns the host's Ethernet address.
func (h Host) Hardware() net.HardwareAddr {
	if h.MAC != nil {
		return h.MAC
	}
	a := h.Addr.As16()
	return append(net.HardwareAddr{0x02, 0x00}, a[12:]...) // locally administered
}

// receive records one frame of the guest's and does what the hosts on the link would do with it.
func (w *Wire) receive(data []byte) {
	f := Frame{Time: time.Since(w.started), Data: bytes.Clone(data)}
	f.Lost = w.Drop != nil && w.Drop(f.Data)
	w.record(f)
	if f.Lost {
		return
	}
	vlan, kind, packet := f.open()
	if vlan == w.VLAN && w.asks(kind, packet) {
		return
	}
	switch d, err := f.Datagram(); {
	case errors.Is(err, ErrNotUDP):
	case err != nil:
		w.mu.Lock()
		w.counts.Bad++
		w.mu.Unlock()
	case d.VLAN == w.VLAN && (d.Target == w.LogHost || slices.Contains(w.Others, d.Target)) && w.hears(d.TargetMAC):
		w.deliver(d)
	}
}

func (w *Wire) record(f Frame) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts.Frames++
	if f.Lost {
		w.counts.Lost++
	}
	if w.recorded += len(f.Data); w.recorded > MaxRecorded {
		w.counts.Unrecorded++
		return
	}
	w.frames = append(w.frames, f)
}

// hears says whether a host on the link would take a frame to this address.
func (w *Wire) hears(mac net.HardwareAddr) bool {
	return bytes.Equal(mac, []byte(header.EthernetBroadcastAddress)) ||
		slices.ContainsFunc(w.Hosts, func(h Host) bool { return bytes.Equal(mac, h.Hardware()) })
}

func (w *Wire) deliver(d Datagram) {
	w.mu.Lock()
	w.counts.Datagrams++
	if w.recorded <= MaxRecorded {
		w.datagrams = append(w.datagrams, d)
	}
	if w.forward != nil && d.Target == w.LogHost {
		if _, err := w.forward.Write(d.Payload); err != nil {
			w.counts.Unsent++
		}
	}
	w.mu.Unlock()
	if w.Deliver != nil {
		w.Deliver(d)
	}
}

// asks answers a request for the station of one of Hosts, and says whether a packet may have been one.
func (w *Wire) asks(kind tcpip.NetworkProtocolNumber, packet []byte) bool {
	switch {
	case kind == header.ARPProtocolNumber:
		request := header.ARP(packet)
		if request.IsValid() && request.Op() == header.ARPRequest {
			addr, _ := netip.AddrFromSlice(request.ProtocolAddressTarget())
			w.answer(addr, func(h Host) []byte { return arpReply(request, h.Hardware(), w.VLAN) })
		}
		return true
	case kind == header.IPv6ProtocolNumber && len(packet) >= header.IPv6MinimumSize && header.IPv6(packet).TransportProtocol() == header.ICMPv6ProtocolNumber:
		if request, ok := solicitation(packet); ok {
			w.answer(netip.AddrFrom16(request.TargetAddress().As16()), func(h Host) []byte { return advertisement(packet, request, h.Hardware(), w.VLAN) })
		}
		return true
	}
	return false
}

// answer sends the answer of the host with an address, if there is one and it does not ignore the request.
func (w *Wire) answer(addr netip.Addr, reply func(Host) []byte) {
	i := slices.IndexFunc(w.Hosts, func(h Host) bool { return h.Addr == addr })
	if i < 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests[i]++
	host := w.Hosts[i]
	if host.Ignore < 0 || w.requests[i] <= host.Ignore {
		return
	}
	if w.send(reply(host), sendTimeout) != nil {
		w.counts.Unsent++
	}
}

// arpReply builds the frame that answers request with mac.
func arpReply(request header.ARP, mac net.HardwareAddr, vlan uint16) []byte {
	reply := make(header.ARP, header.ARPSize)
	reply.SetIPv4OverEthernet()
	reply.SetOp(header.ARPReply)
	copy(reply.HardwareAddressSender(), mac)
	copy(reply.ProtocolAddressSender(), request.ProtocolAddressTarget())
	copy(reply.HardwareAddressTarget(), request.HardwareAddressSender())
	copy(reply.ProtocolAddressTarget(), request.ProtocolAddressSender())
	return append(linkHeader(mac, request.HardwareAddressSender(), vlan, header.ARPProtocolNumber), reply...)
}

// ndpHops is the hop limit of neighbor messages (RFC 4861 7.1).
const ndpHops = 255

// solicitation reads a valid neighbor solicitation to the group of the address that it is for, with the station of who asks.
func solicitation(packet []byte) (header.NDPNeighborSolicit, bool) {
	ip := header.IPv6(packet)
	if !ip.IsValid(len(ip)) {
		return nil, false
	}
	icmp := header.ICMPv6(ip.Payload())
	const size = header.ICMPv6NeighborSolicitMinimumSize + header.NDPLinkLayerAddressSize
	if ip.HopLimit() != ndpHops || len(icmp) != size || icmp.Type() != header.ICMPv6NeighborSolicit || icmp.Code() != 0 ||
		icmp.Checksum() != icmpSum(icmp, ip.SourceAddress(), ip.DestinationAddress()) {
		return nil, false
	}
	request := header.NDPNeighborSolicit(icmp.MessageBody())
	return request, ip.DestinationAddress() == header.SolicitedNodeAddr(request.TargetAddress()) && request.Options()[0] == sourceLink
}

// sourceLink and targetLink are kinds of options (RFC 4861 4.6.1).
const (
	sourceLink = 1
	targetLink = 2
)

func icmpSum(icmp header.ICMPv6, from, to tcpip.Address) uint16 {
	return header.ICMPv6Checksum(header.ICMPv6ChecksumParams{Header: icmp, Src: from, Dst: to})
}

// advertisement builds the frame that answers request, which came in packet, with mac.
func advertisement(packet []byte, request header.NDPNeighborSolicit, mac net.HardwareAddr, vlan uint16) []byte {
	const size = header.ICMPv6NeighborAdvertMinimumSize + header.NDPLinkLayerAddressSize
	from, to := request.TargetAddress(), header.IPv6(packet).SourceAddress()
	ip := make(header.IPv6, header.IPv6MinimumSize+size)
	ip.Encode(&header.IPv6Fields{PayloadLength: size, TransportProtocol: header.ICMPv6ProtocolNumber, HopLimit: ndpHops, SrcAddr: from, DstAddr: to})
	icmp := header.ICMPv6(ip.Payload())
	icmp.SetType(header.ICMPv6NeighborAdvert)
	reply := header.NDPNeighborAdvert(icmp.MessageBody())
	reply.SetTargetAddress(from)
	reply.SetSolicitedFlag(true)
	reply.SetOverrideFlag(true)
	copy(reply.Options(), append([]byte{targetLink, 1}, mac...))
	icmp.SetChecksum(icmpSum(icmp, from, to))
	return append(linkHeader(mac, net.HardwareAddr(request.Options()[2:]), vlan, header.IPv6ProtocolNumber), ip...)
}
