package netstack

import (
	"sync"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

const (
	// mtu is Ethernet's (IEEE 802.3, 3.2.7), in bytes.
	mtu = 1500
	// sendBatch is how many frames the device gets at once.
	sendBatch = 64
)

// A Device sends and takes frames for the stack: netlog's Logger, which owns the
// hardware.
type Device interface {
	// Send gives Ethernet frames without FCS to the device, and returns how many it
	// took.
	Send(frames ...[]byte) (sent int, err error)
	// PollReceive gives up to so many frames that wait to the tap, and returns how many
	// there were.
	PollReceive(most int) (received int)
	// SetTap says who gets the frames that come in, from any context.
	SetTap(tap func(frame []byte))
}

// A link is the stack's end of the device.
type link struct {
	device     Device
	mac        tcpip.LinkAddress
	dispatcher atomic.Pointer[stack.NetworkDispatcher]
	dropped    atomic.Uint64 // frames that the device did not take

	mu     sync.Mutex // guards what follows
	room   [sendBatch][frameSize]byte
	frames [sendBatch][]byte
}

func (*link) MTU() uint32                                  { return mtu }
func (*link) SetMTU(uint32)                                {}
func (*link) MaxHeaderLength() uint16                      { return header.EthernetMinimumSize }
func (l *link) LinkAddress() tcpip.LinkAddress             { return l.mac }
func (*link) SetLinkAddress(tcpip.LinkAddress)             {}
func (*link) Capabilities() stack.LinkEndpointCapabilities { return stack.CapabilityResolutionRequired }
func (*link) Wait()                                        {}
func (*link) ARPHardwareType() header.ARPHardwareType      { return header.ARPHardwareEther }
func (*link) Close()                                       {}
func (*link) SetOnCloseAction(func())                      {}

func (l *link) Attach(d stack.NetworkDispatcher) {
	if d == nil {
		l.dispatcher.Store(nil)
		return
	}
	l.dispatcher.Store(&d)
}

func (l *link) IsAttached() bool { return l.dispatcher.Load() != nil }

// AddHeader puts the Ethernet header before a packet that goes out.
func (l *link) AddHeader(pkt *stack.PacketBuffer) {
	eth := header.Ethernet(pkt.LinkHeader().Push(header.EthernetMinimumSize))
	eth.Encode(&header.EthernetFields{
		SrcAddr: l.mac,
		DstAddr: pkt.EgressRoute.RemoteLinkAddress,
		Type:    pkt.NetworkProtocolNumber,
	})
}

func (*link) ParseHeader(pkt *stack.PacketBuffer) bool {
	_, ok := pkt.LinkHeader().Consume(header.EthernetMinimumSize)
	return ok
}

// WritePackets sends packets. One that the device does not take is lost like one that
// the network loses, and counted.
func (l *link) WritePackets(packets stack.PacketBufferList) (int, tcpip.Error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := packets.AsSlice()
	for rest := all; len(rest) > 0; {
		n := min(len(rest), sendBatch)
		for i, pkt := range rest[:n] {
			size := 0
			for _, part := range pkt.AsSlices() {
				size += copy(l.room[i][size:], part)
			}
			l.frames[i] = l.room[i][:size]
		}
		if sent, err := l.device.Send(l.frames[:n]...); err != nil {
			l.dropped.Add(uint64(n - sent))
		}
		rest = rest[n:]
	}
	return len(all), nil
}
