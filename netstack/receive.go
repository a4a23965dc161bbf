package netstack

import (
	"runtime"
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

const (
	// receiveBatch is how many frames are taken from the device at once.
	receiveBatch = 64
	// idleWait is how long the stack waits for a frame before it looks for itself. Who
	// wakes it does so for every frame.
	idleWait = 10 * time.Second
	// idleSleep is the same if nothing can wake it.
	idleSleep = time.Millisecond
)

// receive takes what comes in: it polls as long as frames come, and waits
// for the next one when there are none.
func (s *Stack) receive() {
	for !over(s.ended) {
		n := s.device.PollReceive(receiveBatch)
		for frame := s.ring.next(); frame != nil; frame = s.ring.next() {
			s.take(frame)
			s.ring.done()
			if n++; n%receiveBatch == 0 {
				runtime.Gosched() // those who answer may be on this processor
			}
		}
		if n == 0 {
			s.await(idleWait)
		} else {
			runtime.Gosched()
		}
	}
}

// take gives a frame to whom it is for. The frame is copied.
func (s *Stack) take(frame []byte) {
	if len(frame) < header.EthernetMinimumSize {
		return
	}
	eth := header.Ethernet(frame)
	kind := tcpip.PacketHost
	switch to := eth.DestinationAddress(); {
	case to == header.EthernetBroadcastAddress:
		kind = tcpip.PacketBroadcast
	case header.IsMulticastEthernetAddress(to):
		kind = tcpip.PacketMulticast
	case to != s.link.mac:
		return
	}
	if s.lease != nil && s.lease.hear(frame) {
		return
	}
	dispatcher := s.link.dispatcher.Load()
	if dispatcher == nil {
		return
	}
	pkt := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(frame)})
	defer pkt.DecRef()
	if !s.link.ParseHeader(pkt) {
		return
	}
	pkt.PktType = kind
	(*dispatcher).DeliverNetworkPacket(eth.Type(), pkt)
}
