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

// Host is a neighbour of the guest that answers ARP requests for its address (RFC 826).
type Host struct {
	Addr   netip.Addr       // IPv4
	MAC    net.HardwareAddr // nil: 02:00 and the four bytes of Addr
	Ignore int              // how many requests stay unanswered before the first answer; IgnoreAll for all
}

// Hardware returns the host's Ethernet address.
func (h Host) Hardware() net.HardwareAddr {
	if h.MAC != nil {
		return h.MAC
	}
	a := h.Addr.As4()
	return append(net.HardwareAddr{0x02, 0x00}, a[:]...) // locally administered
}

// receive records one frame of the guest's and does what the hosts on the link would do with it.
func (w *Wire) receive(data []byte) {
	f := Frame{Time: time.Since(w.started), Data: bytes.Clone(data)}
	f.Lost = w.Drop != nil && w.Drop(f.Data)
	w.record(f)
	if f.Lost {
		return
	}
	if eth := header.Ethernet(f.Data); len(eth) > header.EthernetMinimumSize && eth.Type() == header.ARPProtocolNumber {
		w.resolve(f.Data[header.EthernetMinimumSize:])
		return
	}
	switch d, err := f.Datagram(); {
	case errors.Is(err, ErrNotUDP):
	case err != nil:
		w.mu.Lock()
		w.counts.Bad++
		w.mu.Unlock()
	case d.Target == w.LogHost && w.hears(d.TargetMAC):
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
	if w.forward != nil {
		if _, err := w.forward.Write(d.Payload); err != nil {
			w.counts.Unsent++
		}
	}
	w.mu.Unlock()
	if w.Deliver != nil {
		w.Deliver(d)
	}
}

// resolve answers an ARP request if it is for one of Hosts.
func (w *Wire) resolve(b []byte) {
	request := header.ARP(b)
	if !request.IsValid() || request.Op() != header.ARPRequest {
		return
	}
	addr, _ := netip.AddrFromSlice(request.ProtocolAddressTarget())
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
	if w.send(arpReply(request, host.Hardware()), sendTimeout) != nil {
		w.counts.Unsent++
	}
}

// arpReply builds the frame that answers request with mac.
func arpReply(request header.ARP, mac net.HardwareAddr) []byte {
	frame := make([]byte, header.EthernetMinimumSize+header.ARPSize)
	header.Ethernet(frame).Encode(&header.EthernetFields{
		SrcAddr: tcpip.LinkAddress(mac),
		DstAddr: tcpip.LinkAddress(request.HardwareAddressSender()),
		Type:    header.ARPProtocolNumber,
	})
	reply := header.ARP(frame[header.EthernetMinimumSize:])
	reply.SetIPv4OverEthernet()
	reply.SetOp(header.ARPReply)
	copy(reply.HardwareAddressSender(), mac)
	copy(reply.ProtocolAddressSender(), request.ProtocolAddressTarget())
	copy(reply.HardwareAddressTarget(), request.HardwareAddressSender())
	copy(reply.ProtocolAddressTarget(), request.ProtocolAddressSender())
	return frame
}
