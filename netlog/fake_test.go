package netlog

import (
	"bytes"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"

	"gasp/netlog/wire"

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
	onTakeOver func() error
	answers    bool // ARP requests are answered
}

func (d *fakeDevice) MAC() [6]byte { return ourMAC }

func (d *fakeDevice) Transmit(frame []byte) error {
	if d.onTransmit != nil {
		d.onTransmit(frame)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != 0 {
		if d.refuse > 0 {
			d.refuse--
		}
		return errRefused
	}
	if len(d.frames) == cap(d.frames) {
		d.frames = append(make([][]byte, 0, 2*cap(d.frames)+1024), d.frames...)
	}
	d.frames = append(d.frames, append([]byte(nil), frame...))
	if d.answers && header.Ethernet(frame).Type() == header.ARPProtocolNumber {
		if header.ARP(frame[14:]).Op() == header.ARPRequest {
			d.incoming = append(d.incoming, arpReply(hostMAC, header.ARP(frame[14:]).ProtocolAddressTarget()))
		}
	}
	return nil
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
		if header.Ethernet(f).Type() != header.IPv4ProtocolNumber {
			continue
		}
		ip := header.IPv4(f[14:])
		if !ip.IsValid(len(ip)) || !ip.IsChecksumValid() || int(ip.TotalLength()) != len(ip) {
			t.Errorf("frame %d: bad IPv4 header % x", i, f[14:34])
			continue
		}
		udp := header.UDP(ip.Payload())
		if bytes.Contains(udp.Payload(), []byte(wire.FailedCause)) && udp.Checksum() == 0 {
			udp.SetChecksum(^udp.CalculateChecksum(checksum.Checksum(udp.Payload(), header.PseudoHeaderChecksum(17, ip.SourceAddress(), ip.DestinationAddress(), udp.Length()))))
		}
		if int(udp.Length()) != len(udp) || udp.Checksum() == 0 ||
			!udp.IsChecksumValid(ip.SourceAddress(), ip.DestinationAddress(), checksum.Checksum(udp.Payload(), 0)) {
			t.Errorf("frame %d: bad UDP header % x", i, f[34:42])
		}
		if len(udp.Payload()) > wire.MaxDatagram {
			t.Errorf("frame %d: datagram of %d bytes", i, len(udp.Payload()))
		}
		out = append(out, string(udp.Payload()))
	}
	return out
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

func basic(t *Target) { t.Extended = false }

func unresolved(t *Target) { t.HasMAC = false }
