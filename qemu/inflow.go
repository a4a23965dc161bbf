package qemu

import (
	"net"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// askGuest is an ARP request for the guest's address.
func askGuest() []byte {
	frame := make([]byte, header.EthernetMinimumSize+header.ARPSize)
	mac := net.HardwareAddr{2, 0, 0, 0, 0, 9}
	header.Ethernet(frame).Encode(&header.EthernetFields{
		SrcAddr: tcpip.LinkAddress(mac),
		DstAddr: header.EthernetBroadcastAddress,
		Type:    header.ARPProtocolNumber,
	})
	request := header.ARP(frame[header.EthernetMinimumSize:])
	request.SetIPv4OverEthernet()
	request.SetOp(header.ARPRequest)
	copy(request.HardwareAddressSender(), mac)
	copy(request.ProtocolAddressSender(), []byte{10, 0, 2, 9})
	guest := guestAddr.Addr().As4()
	copy(request.ProtocolAddressTarget(), guest[:])
	return frame
}

// answers counts how often the guest has answered a request for its address.
func (w *Wire) answers() (n int) {
	for _, f := range w.Frames() {
		eth := header.Ethernet(f.Data)
		if len(f.Data) >= header.EthernetMinimumSize+header.ARPSize && eth.Type() == header.ARPProtocolNumber &&
			header.ARP(f.Data[header.EthernetMinimumSize:]).Op() == header.ARPReply {
			n++
		}
	}
	return n
}

// inflowPause lies between two frames of an inflow: with it some thousand a second come in.
const inflowPause = 100 * time.Microsecond

// inflow sends the guest one frame after the other, whether it takes them or not, until it has ended or stop is called.
func inflow(r *Run, w *Wire) (stop func()) {
	frame, end := askGuest(), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		for {
			select {
			case <-r.ended:
				return
			case <-end:
				return
			case <-time.After(inflowPause):
				w.offer(frame)
			}
		}
	})
	return func() {
		close(end)
		all.Wait()
	}
}
