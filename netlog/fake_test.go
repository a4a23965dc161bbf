package netlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"gasp/netlog/wire"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

var (
	ourMAC  = [6]byte{0x52, 0x54, 0, 0x12, 0x34, 0x56}
	hostMAC = [6]byte{0x02, 0, 0, 0, 0, 0x02}
	ourIP   = netip.MustParseAddr("10.0.2.15")
	hostIP  = netip.MustParseAddr("10.0.2.2")
)

// plainHeaders are those of a frame over IPv4 without a tag.
const plainHeaders = 42

var errRefused = errors.New("fake device: frame refused")

// A fakeDevice records what it is given. It is not part of the crash path, so
// it may lock.
type fakeDevice struct {
	mu         sync.Mutex
	frames     [][]byte
	incoming   [][]byte
	down       bool
	refuse     int // so many Transmits fail, -1: all
	takenOver  int
	lost       int // what the next TakeOver says
	flushed    int
	onTransmit func(frame []byte)
	onFlush    func() error
	onCommit   func() error
	onTakeOver func() error
	answers    bool               // requests for a station are answered
	cable      func(frame []byte) // takes the frames, if it is there

	full      bool // there is room only for who waits
	rooms     [batchMost + 1][RoomSize]byte
	places    [batchMost + 1][2]int // of the frames committed, in their rooms
	committed int
	doorbells int
}

func (d *fakeDevice) MAC() [6]byte { return ourMAC }

func (d *fakeDevice) Transmit(frame []byte) error {
	d.mu.Lock()
	if d.refuse != 0 {
		if d.refuse > 0 {
			d.refuse--
		}
		d.mu.Unlock()
		return errRefused
	}
	d.mu.Unlock()
	d.transmit(frame)
	return nil
}

func (d *fakeDevice) transmit(frame []byte) {
	if d.onTransmit != nil {
		d.onTransmit(frame)
	}
	if d.cable != nil {
		d.cable(frame)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.frames) == cap(d.frames) {
		d.frames = append(make([][]byte, 0, 2*cap(d.frames)+1024), d.frames...)
	}
	d.frames = append(d.frames, append([]byte(nil), frame...))
	if d.answers {
		if reply := answerTo(frame); reply != nil {
			d.incoming = append(d.incoming, reply)
		}
	}
}

// Room refuses as Transmit does; what is committed is transmitted with the doorbell.
func (d *fakeDevice) Room(wait bool) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full && !wait {
		return nil, nil
	}
	if d.refuse != 0 {
		if d.refuse > 0 {
			d.refuse--
		}
		return nil, errRefused
	}
	return d.rooms[d.committed][:], nil
}

func (d *fakeDevice) Commit(at, n int, tell bool) error {
	if at < 0 || at > headroom || n < ethernetSize || n > RoomSize-headroom {
		return errRefused
	}
	if d.onCommit != nil {
		if err := d.onCommit(); err != nil {
			return err
		}
	}
	d.mu.Lock()
	d.places[d.committed] = [2]int{at, at + n}
	d.committed++
	if d.committed == len(d.rooms) {
		panic("a batch without an end")
	}
	d.mu.Unlock()
	if tell {
		d.Doorbell()
	}
	return nil
}

func (d *fakeDevice) Doorbell() {
	for i := range d.committed {
		p := d.places[i]
		d.transmit(d.rooms[i][p[0]:p[1]])
	}
	d.committed = 0
	d.doorbells++
}

func (d *fakeDevice) Flush() error {
	d.flushed++
	if d.onFlush != nil {
		return d.onFlush()
	}
	return nil
}

func (d *fakeDevice) Receive(buf []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.incoming) == 0 {
		return 0, nil
	}
	n := copy(buf, d.incoming[0])
	d.incoming = d.incoming[1:]
	return n, nil
}

func (d *fakeDevice) Link() bool { return !d.down }

func (d *fakeDevice) TakeOver() (int, error) {
	d.takenOver++
	lost := d.lost
	d.lost = 0
	if d.onTakeOver != nil {
		return lost, d.onTakeOver()
	}
	return lost, nil
}

func arpPacket(op header.ARPOp, mac [6]byte, sender, target []byte) []byte {
	frame := make([]byte, 60)
	copy(frame, ourMAC[:])
	copy(frame[6:], mac[:])
	frame[12], frame[13] = 8, 6
	arp := header.ARP(frame[14:])
	arp.SetIPv4OverEthernet()
	arp.SetOp(op)
	copy(arp.HardwareAddressSender(), mac[:])
	copy(arp.ProtocolAddressSender(), sender)
	if op == header.ARPReply {
		copy(arp.HardwareAddressTarget(), ourMAC[:])
	}
	copy(arp.ProtocolAddressTarget(), target)
	return frame
}

func arpReply(mac [6]byte, of []byte) []byte {
	return arpPacket(header.ARPReply, mac, of, ourIP.AsSlice())
}

// answerTo is the host's answer to a request for its station, nil if the frame is none.
func answerTo(frame []byte) []byte {
	tag := 0
	if header.Ethernet(frame).Type() == 0x8100 {
		tag = 4
	}
	packet := frame[14+tag:]
	var reply []byte
	switch kind := binary.BigEndian.Uint16(frame[12+tag:]); {
	case kind == uint16(header.ARPProtocolNumber) && header.ARP(packet).Op() == header.ARPRequest:
		reply = arpPacket(header.ARPReply, hostMAC, header.ARP(packet).ProtocolAddressTarget(), header.ARP(packet).ProtocolAddressSender())
	case kind == uint16(header.IPv6ProtocolNumber) && header.IPv6(packet).NextHeader() == 58 && packet[40] == 135:
		reply = ndpPacket(136, 0x60, netip.AddrFrom16([16]byte(packet[48:])), netip.AddrFrom16([16]byte(packet[8:])), netip.AddrFrom16([16]byte(packet[48:])), 2, hostMAC)
	default:
		return nil
	}
	return slices.Insert(reply, 12, frame[12:12+tag]...)
}

// ndpPacket is a neighbor message from the log host's station.
func ndpPacket(kind, flags byte, source, destination, target netip.Addr, option byte, station [6]byte) []byte {
	frame := make([]byte, 14+40+24)
	header.Ethernet(frame).Encode(&header.EthernetFields{SrcAddr: tcpip.LinkAddress(hostMAC[:]), DstAddr: tcpip.LinkAddress(ourMAC[:]), Type: header.IPv6ProtocolNumber})
	copy(frame[54+8:], target.AsSlice())
	if option != 0 {
		frame = append(append(frame, option, 1), station[:]...)
	}
	from, to := tcpip.AddrFrom16(source.As16()), tcpip.AddrFrom16(destination.As16())
	header.IPv6(frame[14:]).Encode(&header.IPv6Fields{PayloadLength: uint16(len(frame) - 54), TransportProtocol: header.ICMPv6ProtocolNumber, HopLimit: 255, SrcAddr: from, DstAddr: to})
	icmp := header.ICMPv6(frame[54:])
	icmp[0], icmp[4] = kind, flags
	icmp.SetChecksum(header.ICMPv6Checksum(header.ICMPv6ChecksumParams{Header: icmp, Src: from, Dst: to}))
	return frame
}

// arpRequests counts the requests among the frames and checks them.
func (d *fakeDevice) arpRequests(t *testing.T, forIP netip.Addr) (n int) {
	t.Helper()
	for _, f := range d.frames {
		if header.Ethernet(f).Type() != header.ARPProtocolNumber {
			continue
		}
		arp := header.ARP(f[14:])
		if arp.Op() != header.ARPRequest {
			continue
		}
		n++
		if !arp.IsValid() || [6]byte(f[:6]) != broadcast || [6]byte(f[6:12]) != ourMAC ||
			[4]byte(arp.ProtocolAddressSender()) != ourIP.As4() || [4]byte(arp.ProtocolAddressTarget()) != forIP.As4() ||
			[6]byte(arp.HardwareAddressSender()) != ourMAC {
			t.Errorf("ARP request is wrong: % x", f)
		}
	}
	return n
}

// payloads checks the headers of all UDP frames and returns what they carry.
func (d *fakeDevice) payloads(t *testing.T) (out []string) {
	t.Helper()
	for i, f := range d.frames {
		s, ok := openSent(t, f)
		if !ok {
			continue
		}
		if len(s.payload) > wire.MaxDatagram {
			t.Errorf("frame %d: datagram of %d bytes", i, len(s.payload))
		}
		out = append(out, string(s.payload))
	}
	return out
}

// A sentFrame is a UDP datagram that was sent.
type sentFrame struct {
	vlan         uint16
	station      [6]byte
	source, dest netip.AddrPort
	payload      []byte
}

// openSent takes a frame apart and checks all of its headers; it is not ok if the frame carries no UDP.
func openSent(t *testing.T, frame []byte) (s sentFrame, ok bool) {
	t.Helper()
	kind, packet := uint16(header.Ethernet(frame).Type()), frame[14:]
	s.station = [6]byte(frame)
	if [6]byte(frame[6:]) != ourMAC {
		t.Errorf("a frame comes from % x", frame[6:12])
	}
	if kind == 0x8100 {
		s.vlan = binary.BigEndian.Uint16(packet)
		kind, packet = binary.BigEndian.Uint16(packet[2:]), packet[4:]
	}
	var from, to tcpip.Address
	var udp header.UDP
	switch ip, ip6 := header.IPv4(packet), header.IPv6(packet); {
	case kind == uint16(header.IPv4ProtocolNumber):
		if !ip.IsValid(len(ip)) || !ip.IsChecksumValid() || int(ip.TotalLength()) != len(ip) || ip.TTL() != 64 || ip.Protocol() != 17 {
			t.Errorf("bad IPv4 header % x", frame)
			return s, false
		}
		from, to, udp = ip.SourceAddress(), ip.DestinationAddress(), header.UDP(ip.Payload())
	case kind == uint16(header.IPv6ProtocolNumber) && ip6.NextHeader() == 17:
		class, flow := ip6.TOS()
		if !ip6.IsValid(len(ip6)) || int(ip6.PayloadLength()) != len(ip6)-40 || class != 0 || flow != 0 || ip6.HopLimit() != 32 {
			t.Errorf("bad IPv6 header % x", frame)
			return s, false
		}
		from, to, udp = ip6.SourceAddress(), ip6.DestinationAddress(), header.UDP(ip6.Payload())
	default:
		return s, false
	}
	if bytes.Contains(udp.Payload(), []byte(wire.FailedCause)) && udp.Checksum() == 0 && from.Len() == 4 {
		udp = slices.Clone(udp)
		udp.SetChecksum(^udp.CalculateChecksum(checksum.Checksum(udp.Payload(), header.PseudoHeaderChecksum(17, from, to, udp.Length()))))
	}
	if int(udp.Length()) != len(udp) || udp.Checksum() == 0 || !udp.IsChecksumValid(from, to, checksum.Checksum(udp.Payload(), 0)) {
		t.Errorf("bad UDP header % x", frame)
	}
	port := func(a tcpip.Address, port uint16) netip.AddrPort {
		addr, _ := netip.AddrFromSlice(a.AsSlice())
		return netip.AddrPortFrom(addr, port)
	}
	s.source, s.dest, s.payload = port(from, udp.SourcePort()), port(to, udp.DestinationPort()), udp.Payload()
	return s, true
}

// records decodes all extended datagrams, fragments put together.
func (d *fakeDevice) records(t *testing.T) (out []wire.Datagram) {
	t.Helper()
	var whole []byte
	for _, p := range d.payloads(t) {
		got, err := wire.Decode([]byte(p), make([]byte, len(p)+1))
		if err != nil || !got.Extended {
			t.Errorf("datagram %q is no extended message: %v", p, err)
			continue
		}
		if got.FragTotal != 0 {
			if got.FragOffset != len(whole) {
				t.Errorf("fragment at %d, want %d", got.FragOffset, len(whole))
			}
			if whole = append(whole, got.Body...); len(whole) < got.FragTotal {
				continue
			}
			got.Text, got.Dict = wire.ParseBody(whole, make([]byte, len(whole)+1))
			whole = nil
		}
		out = append(out, got)
	}
	return out
}

func (d *fakeDevice) texts(t *testing.T) (out []string) {
	t.Helper()
	for _, r := range d.records(t) {
		out = append(out, string(r.Text))
	}
	return out
}

// A fakeClock moves by itself with every look, a microsecond or a step, so that
// waits end.
type fakeClock struct{ ns, step int64 }

func (c *fakeClock) now() int64            { c.ns += max(c.step, 1000); return c.ns }
func (c *fakeClock) pass(by time.Duration) { c.ns += int64(by) }

func target() Target {
	return Target{Extended: true, SourcePort: 6665, Source: ourIP, Port: 6666, Dest: hostIP, DestMAC: hostMAC, HasMAC: true}
}

// machineUp is a logger with a device, ready to send. What Start says is gone.
func machineUp(t *testing.T, records int, change func(*Target)) (*Logger, *fakeDevice, *fakeClock) {
	t.Helper()
	l, d, c := New(records), new(fakeDevice), new(fakeClock)
	l.SetClock(c.now)
	to := target()
	if change != nil {
		change(&to)
	}
	l.SetRegisterNames(registerNames)
	if err := l.Start(d, to, Options{}); err != nil {
		t.Fatalf("Start: %v", err)
	}
	d.frames = nil
	return l, d, c
}

// machineUpWith is machineUp with options.
func machineUpWith(t *testing.T, o Options) (*Logger, *fakeDevice, *fakeClock) {
	t.Helper()
	l, d, c := New(0), new(fakeDevice), new(fakeClock)
	l.SetClock(c.now)
	if err := l.Start(d, target(), o); err != nil {
		t.Fatalf("Start: %v", err)
	}
	d.frames = nil
	return l, d, c
}

func basic(t *Target) { t.Extended = false }

func unresolved(t *Target) { t.HasMAC = false }
