package qemu

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

var (
	logMAC    = net.HardwareAddr{2, 0, 10, 0, 2, 2}
	broadcast = net.HardwareAddr{255, 255, 255, 255, 255, 255}
)

// cable attaches a wire and gives the end that would be QEMU's.
func cable(t *testing.T, w *Wire) net.Conn {
	t.Helper()
	f, err := w.attach(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	guest, err := net.FileConn(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { guest.Close() })
	return guest
}

func put(t *testing.T, guest net.Conn, frame []byte) {
	t.Helper()
	if _, err := guest.Write(frame); err != nil {
		t.Fatal(err)
	}
}

// udpFrame builds an Ethernet frame of at least 60 bytes.
func udpFrame(mac net.HardwareAddr, src, dst netip.AddrPort, payload string) []byte {
	const headers = header.EthernetMinimumSize + header.IPv4MinimumSize + header.UDPMinimumSize
	f := make([]byte, max(60, headers+len(payload)))
	header.Ethernet(f).Encode(&header.EthernetFields{SrcAddr: tcpip.LinkAddress(DefaultMAC), DstAddr: tcpip.LinkAddress(mac), Type: header.IPv4ProtocolNumber})
	ip := header.IPv4(f[header.EthernetMinimumSize:])
	from, to := tcpip.AddrFrom4(src.Addr().As4()), tcpip.AddrFrom4(dst.Addr().As4())
	ip.Encode(&header.IPv4Fields{TotalLength: uint16(headers - header.EthernetMinimumSize + len(payload)), TTL: 64, Protocol: uint8(header.UDPProtocolNumber), SrcAddr: from, DstAddr: to})
	ip.SetChecksum(^ip.CalculateChecksum())
	udp := header.UDP(ip[header.IPv4MinimumSize:])
	udp.Encode(&header.UDPFields{SrcPort: src.Port(), DstPort: dst.Port(), Length: uint16(header.UDPMinimumSize + len(payload))})
	copy(udp[header.UDPMinimumSize:], payload)
	partial := header.PseudoHeaderChecksum(header.UDPProtocolNumber, from, to, udp.Length())
	udp.SetChecksum(^udp.CalculateChecksum(checksum.Checksum([]byte(payload), partial)))
	return f
}

func arpRequest(target string) []byte {
	f := make([]byte, 60)
	header.Ethernet(f).Encode(&header.EthernetFields{SrcAddr: tcpip.LinkAddress(DefaultMAC), DstAddr: header.EthernetBroadcastAddress, Type: header.ARPProtocolNumber})
	a := header.ARP(f[header.EthernetMinimumSize:])
	a.SetIPv4OverEthernet()
	a.SetOp(header.ARPRequest)
	copy(a.HardwareAddressSender(), DefaultMAC)
	copy(a.ProtocolAddressSender(), guestAddr.Addr().AsSlice())
	copy(a.ProtocolAddressTarget(), netip.MustParseAddr(target).AsSlice())
	return f
}

func TestARP(t *testing.T) {
	gatewayMAC := net.HardwareAddr{2, 1, 1, 1, 1, 1}
	w := &Wire{Hosts: []Host{
		{Addr: logHost.Addr()},
		{Addr: netip.MustParseAddr("10.0.2.1"), MAC: gatewayMAC, Ignore: 2},
		{Addr: netip.MustParseAddr("10.0.2.3"), Ignore: IgnoreAll},
	}}
	guest := cable(t, w)
	for i, ask := range []string{"10.0.2.2", "10.0.2.9", "10.0.2.3", "10.0.2.1", "10.0.2.1", "10.0.2.1", "10.0.2.2"} {
		put(t, guest, arpRequest(ask))
		if i == 0 {
			put(t, guest, arpRequest(ask)[:40]) // cut: no answer
			reply := arpRequest(ask)
			header.ARP(reply[header.EthernetMinimumSize:]).SetOp(header.ARPReply)
			put(t, guest, reply) // not a question: no answer
		}
	}
	w.detach(nil)

	for _, want := range []struct {
		addr string
		mac  net.HardwareAddr
	}{{"10.0.2.2", logMAC}, {"10.0.2.1", gatewayMAC}, {"10.0.2.2", logMAC}} {
		buf := make([]byte, 100)
		guest.SetReadDeadline(time.Now().Add(5 * time.Second))
		n, err := guest.Read(buf)
		if err != nil {
			t.Fatalf("no answer for %s: %v", want.addr, err)
		}
		eth, arp := header.Ethernet(buf[:n]), header.ARP(buf[header.EthernetMinimumSize:n])
		if string(eth.DestinationAddress()) != string(DefaultMAC) || string(eth.SourceAddress()) != string(want.mac) {
			t.Errorf("the answer for %s goes from %v to %v", want.addr, eth.SourceAddress(), eth.DestinationAddress())
		}
		if !arp.IsValid() || arp.Op() != header.ARPReply ||
			!bytes.Equal(arp.HardwareAddressSender(), want.mac) || !bytes.Equal(arp.ProtocolAddressSender(), netip.MustParseAddr(want.addr).AsSlice()) ||
			!bytes.Equal(arp.HardwareAddressTarget(), DefaultMAC) || !bytes.Equal(arp.ProtocolAddressTarget(), guestAddr.Addr().AsSlice()) {
			t.Errorf("wrong answer for %s: % x", want.addr, arp)
		}
	}
	guest.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := guest.Read(make([]byte, 100)); err == nil {
		t.Errorf("an answer too many, of %d bytes", n)
	}
	if got := len(w.Frames()); got != 9 {
		t.Errorf("%d of 9 frames recorded", got)
	}
}

func TestDatagrams(t *testing.T) {
	corrupt := udpFrame(logMAC, guestAddr, logHost, "corrupt")
	corrupt[45] ^= 1
	badHeader := udpFrame(logMAC, guestAddr, logHost, "header")
	badHeader[22]++ // TTL
	long := udpFrame(logMAC, guestAddr, logHost, "long")
	long[17]++ // total length, but not its checksum
	elsewhere := netip.MustParseAddrPort("10.0.2.2:514")

	receiver, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer receiver.Close()
	var delivered []string
	w := &Wire{
		Hosts: []Host{{Addr: logHost.Addr()}}, LogHost: logHost,
		Forward: receiver.LocalAddr().(*net.UDPAddr).AddrPort(),
		Deliver: func(d Datagram) { delivered = append(delivered, string(d.Payload)) },
		Drop:    func(f []byte) bool { return bytes.Contains(f, []byte("drop")) },
	}
	guest := cable(t, w)
	for _, f := range [][]byte{
		udpFrame(logMAC, guestAddr, logHost, "one"),
		udpFrame(broadcast, guestAddr, logHost, "two"),
		udpFrame(net.HardwareAddr{2, 9, 9, 9, 9, 9}, guestAddr, logHost, "to a MAC nobody has"),
		udpFrame(logMAC, guestAddr, elsewhere, "to another port"),
		udpFrame(logMAC, guestAddr, logHost, "drop"),
		corrupt, badHeader, long, []byte("short"), make([]byte, 60),
		udpFrame(logMAC, guestAddr, logHost, ""),
		udpFrame(logMAC, guestAddr, logHost, string(bytes.Repeat([]byte("x"), 1472))),
	} {
		put(t, guest, f)
	}
	w.detach(nil)

	want := []string{"one", "two", "", string(bytes.Repeat([]byte("x"), 1472))}
	if fmt.Sprint(delivered) != fmt.Sprint(want) {
		t.Errorf("delivered %.100q, want %.100q", delivered, want)
	}
	for i, d := range w.Datagrams() {
		if i >= len(want) || string(d.Payload) != want[i] || d.Source != guestAddr || d.Target != logHost {
			t.Errorf("datagram %d is %+v", i, d)
		}
	}
	buf := make([]byte, 2000)
	for i, text := range want {
		receiver.SetReadDeadline(time.Now().Add(5 * time.Second))
		if n, err := receiver.Read(buf); err != nil || string(buf[:n]) != text {
			t.Fatalf("forwarded datagram %d: %q, %v", i, buf[:n], err)
		}
	}
	if got, want := w.Counts(), (Counts{Frames: 12, Datagrams: 4, Lost: 1, Bad: 3}); got != want {
		t.Errorf("counts are %+v, want %+v", got, want)
	}
	if f := w.Frames(); len(f) != 12 || !f[4].Lost || f[5].Lost {
		t.Errorf("%d frames of 12, or the wrong one is marked as lost", len(f))
	}
}

// TestNothingIsLost fills the cable faster than the wire's slow receiver empties it.
func TestNothingIsLost(t *testing.T) {
	const frames = 20000
	got := 0
	w := &Wire{Hosts: []Host{{Addr: logHost.Addr()}}, LogHost: logHost, Deliver: func(d Datagram) {
		if want := fmt.Sprint(got); string(d.Payload) != want {
			t.Errorf("datagram %s when %s was due", d.Payload, want)
		}
		if got++; got%1000 == 0 {
			time.Sleep(2 * time.Millisecond)
		}
	}}
	guest := cable(t, w)
	for i := range frames {
		put(t, guest, udpFrame(logMAC, guestAddr, logHost, fmt.Sprint(i)))
	}
	guest.Close()
	w.detach(nil)
	if got != frames {
		t.Errorf("%d of %d datagrams arrived", got, frames)
	}
	var last time.Duration
	for i, f := range w.Frames() {
		if f.Time < last {
			t.Fatalf("frame %d is stamped %v, the one before it %v", i, f.Time, last)
		}
		last = f.Time
	}
}

func TestSend(t *testing.T) {
	w := &Wire{}
	if err := w.Send([]byte("early")); !errors.Is(err, ErrDetached) {
		t.Errorf("sending without a machine: %v", err)
	}
	guest := cable(t, w)
	if err := w.Send([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	if n, err := guest.Read(buf); err != nil || string(buf[:n]) != "hello" {
		t.Errorf("the guest got %q, %v", buf[:n], err)
	}
	if _, err := w.attach(time.Now()); !errors.Is(err, ErrAttached) {
		t.Errorf("a second machine on the wire: %v", err)
	}
	w.detach(nil)
	if err := w.Send([]byte("late")); !errors.Is(err, ErrDetached) {
		t.Errorf("sending after the machine's end: %v", err)
	}
}

func TestForwardNowhere(t *testing.T) {
	closed, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	nowhere := closed.LocalAddr().(*net.UDPAddr).AddrPort()
	closed.Close()
	w := &Wire{Hosts: []Host{{Addr: logHost.Addr()}}, LogHost: logHost, Forward: nowhere}
	guest := cable(t, w)
	for range 100 {
		put(t, guest, udpFrame(logMAC, guestAddr, logHost, "x"))
	}
	w.detach(nil)
	if c := w.Counts(); c.Unsent == 0 || c.Datagrams != 100 {
		t.Errorf("nobody listens, yet the counts are %+v", c)
	}
}

// TestComplete hands the wire a capture of more than it has received.
func TestComplete(t *testing.T) {
	frame := func(i int) []byte { return udpFrame(logMAC, guestAddr, logHost, fmt.Sprint(i)) }
	var all [][]byte
	for i := range 10 {
		all = append(all, frame(i))
	}
	for _, c := range []struct {
		name     string
		received [][]byte
		capture  []byte
		want     Counts
	}{
		{"everything arrived", all, pcap(binary.LittleEndian, icountEpoch, all...), Counts{Frames: 10, Datagrams: 10}},
		{"the last three are missing", all[:7], pcap(binary.LittleEndian, icountEpoch, all...), Counts{Frames: 10, Datagrams: 10}},
		{"nothing arrived", nil, pcap(binary.LittleEndian, icountEpoch, all...), Counts{Frames: 10, Datagrams: 10}},
		{"one in the middle is missing", slices.Concat(all[:4], all[5:]), pcap(binary.LittleEndian, icountEpoch, all...), Counts{Frames: 9, Datagrams: 9, Missed: 1}},
		{"the capture breaks off", all[:7], pcap(binary.LittleEndian, icountEpoch, all[:9]...)[:24+8*(16+60)+20], Counts{Frames: 8, Datagrams: 8}},
		{"the capture is short", all, pcap(binary.LittleEndian, icountEpoch, all[:5]...), Counts{Frames: 10, Datagrams: 10}},
	} {
		w := &Wire{Hosts: []Host{{Addr: logHost.Addr()}}, LogHost: logHost}
		guest := cable(t, w)
		for _, f := range c.received {
			put(t, guest, f)
		}
		w.detach(bytes.NewReader(c.capture))
		if got := w.Counts(); got != c.want {
			t.Errorf("%s: counts are %+v, want %+v", c.name, got, c.want)
		}
		if c.want.Missed > 0 {
			continue
		}
		for i, d := range w.Datagrams() {
			if string(d.Payload) != fmt.Sprint(i) {
				t.Errorf("%s: datagram %d is %q", c.name, i, d.Payload)
			}
		}
	}
}
