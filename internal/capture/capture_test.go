package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.UTC)

func sample(from, to string, data string, more int) *Datagram {
	return &Datagram{At: at, From: netip.MustParseAddrPort(from), To: netip.MustParseAddrPort(to), Data: []byte(data), Size: len(data) + more}
}

var samples = []*Datagram{
	sample("10.0.2.15:6665", "0.0.0.0:6666", "6,1,2,-;hello\n", 0),
	sample("[fe80::1]:6665", "[::]:6666", "odd", 0),
	sample("10.0.2.15:1", "10.0.2.2:6666", "", 0),
	sample("10.0.2.15:1", "10.0.2.2:6666", strings.Repeat("x", 9001), 50000),
}

func encode(t testing.TB, list ...*Datagram) []byte {
	t.Helper()
	e, err := NewEncoder("gasp receiver")
	if err != nil {
		t.Fatal(err)
	}
	file := bytes.Clone(e.Header())
	for _, d := range list {
		packet, err := e.Packet(d)
		if err != nil {
			t.Fatal(err)
		}
		file = append(file, packet...)
	}
	return file
}

func read(t testing.TB, file []byte) (list []*Datagram, counts Counts, err error) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, Counts{}, err
	}
	for {
		d, err := r.Next()
		if err == io.EOF {
			return list, r.Counts(), nil
		}
		if err != nil {
			return list, r.Counts(), err
		}
		c := *d
		c.Data = bytes.Clone(d.Data)
		list = append(list, &c)
	}
}

func same(a, b *Datagram) bool {
	return a.At.Equal(b.At) && a.From == b.From && a.To == b.To && a.Size == b.Size && bytes.Equal(a.Data, b.Data)
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	file := encode(t, samples...)
	list, counts, err := read(t, file)
	if err != nil || len(list) != len(samples) || counts.Packets != uint64(len(samples)) {
		t.Fatalf("read %d datagrams, %+v, %v", len(list), counts, err)
	}
	for i, d := range samples {
		if !same(d, list[i]) {
			t.Errorf("datagram %d came as %+v, want %+v", i, list[i], d)
		}
	}
}

func TestAnotherEncoderAppends(t *testing.T) {
	file := encode(t, samples[0])
	e, err := NewEncoder("another")
	if err != nil {
		t.Fatal(err)
	}
	packet, err := e.Packet(samples[1])
	if err != nil {
		t.Fatal(err)
	}
	if list, _, err := read(t, append(file, packet...)); err != nil || len(list) != 2 || !same(list[1], samples[1]) {
		t.Errorf("read %v, %v", list, err)
	}
}

// sum is the Internet checksum (RFC 1071).
func sum(parts ...[]byte) uint16 {
	var s uint32
	for _, p := range parts {
		if len(p)%2 == 1 {
			p = append(bytes.Clone(p), 0)
		}
		for ; len(p) > 0; p = p[2:] {
			s += uint32(binary.BigEndian.Uint16(p))
			s = s&0xffff + s>>16
		}
	}
	return uint16(s)
}

func TestChecksums(t *testing.T) {
	v4 := appendIP(nil, samples[0])
	if got := sum(v4[:20]); got != 0xffff {
		t.Errorf("the checksum of the IPv4 header does not add up: %#x", got)
	}
	length := []byte{0, 17, v4[24], v4[25]}
	if got := sum(v4[12:20], length, v4[20:]); got != 0xffff {
		t.Errorf("the checksum of UDP over IPv4 does not add up: %#x", got)
	}
	v6 := appendIP(nil, samples[1])
	if got := sum(v6[8:40], []byte{0, 17, v6[44], v6[45]}, v6[40:]); got != 0xffff {
		t.Errorf("the checksum of UDP over IPv6 does not add up: %#x", got)
	}
}

// A capture that QEMU's filter-dump wrote: a machine that dies of a nil dereference.
func TestCaptureOfAMachine(t *testing.T) {
	file, err := os.ReadFile("testdata/nil.pcap")
	if err != nil {
		t.Fatal(err)
	}
	list, counts, err := read(t, file)
	if err != nil || len(list) == 0 || counts.Packets == counts.Datagrams {
		t.Fatalf("%d datagrams, %+v, %v", len(list), counts, err)
	}
	last := list[len(list)-1]
	if last.From.String() != "10.0.2.15:6665" || last.To.String() != "10.0.2.2:6666" || !bytes.Contains(last.Data, []byte("gasp: end of crash ")) {
		t.Errorf("the last one is %v to %v: %q", last.From, last.To, last.Data)
	}
}

// pcap is a file of the old format with one packet of a link.
func pcap(order binary.AppendByteOrder, magic uint32, link uint32, packet []byte) []byte {
	file := order.AppendUint32(nil, magic)
	file = order.AppendUint16(file, 2)
	file = order.AppendUint16(file, 4)
	for _, v := range []uint32{0, 0, 65535, link, uint32(at.Unix()), 123456, uint32(len(packet)), uint32(len(packet))} {
		file = order.AppendUint32(file, v)
	}
	return append(file, packet...)
}

func TestLinks(t *testing.T) {
	ip := appendIP(nil, samples[0])
	ipv6 := appendIP(nil, samples[1])
	ether := func(kind ...uint16) []byte {
		b := make([]byte, 12)
		for i, k := range kind {
			if b = binary.BigEndian.AppendUint16(b, k); i < len(kind)-1 {
				b = append(b, 0, 7)
			}
		}
		return b
	}
	tests := []struct {
		name   string
		link   uint32
		packet []byte
		want   *Datagram
	}{
		{"Ethernet", 1, append(ether(0x0800), ip...), samples[0]},
		{"Ethernet with padding", 1, append(append(ether(0x0800), ip...), 0, 0, 0), samples[0]},
		{"Ethernet with two VLAN tags", 1, append(ether(0x88a8, 0x8100, 0x86dd), ipv6...), samples[1]},
		{"ARP", 1, append(ether(0x0806), ip...), nil},
		{"raw", 101, ip, samples[0]},
		{"IPv6", 229, ipv6, samples[1]},
		{"loopback", 0, append([]byte{2, 0, 0, 0}, ip...), samples[0]},
		{"cooked", 113, append(append(make([]byte, 14), 8, 0), ip...), samples[0]},
		{"cooked 2", 276, append(append([]byte{8, 0}, make([]byte, 18)...), ip...), samples[0]},
		{"nothing", 1, nil, nil},
	}
	for _, test := range tests {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			list, _, err := read(t, pcap(order, 0xa1b2c3d4, test.link, test.packet))
			switch {
			case err != nil || (len(list) == 1) != (test.want != nil):
				t.Errorf("%s: %d datagrams, %v", test.name, len(list), err)
			case test.want != nil:
				want := *test.want
				if want.At = at.Truncate(time.Second).Add(123456 * time.Microsecond); !same(list[0], &want) {
					t.Errorf("%s: %+v, want %+v", test.name, list[0], want)
				}
			}
		}
	}
	if _, counts, err := read(t, pcap(binary.LittleEndian, 0xa1b2c3d4, 147, ip)); err != nil || counts.Links != 1 {
		t.Errorf("a link that is not known: %+v, %v", counts, err)
	}
	fragment := bytes.Clone(ip)
	fragment[6] = 0x20
	if _, counts, err := read(t, pcap(binary.LittleEndian, 0xa1b2c3d4, 101, fragment)); err != nil || counts.Fragments != 1 || counts.Datagrams != 0 {
		t.Errorf("a fragment: %+v, %v", counts, err)
	}
}

func TestDamagedCaptures(t *testing.T) {
	whole := encode(t, samples[0], samples[1])
	head := len(encode(t))
	for n := range len(whole) {
		list, _, err := read(t, whole[:n])
		one := len(encode(t, samples[0]))
		switch {
		case n < head:
			if len(list) > 0 || n < 4 && err == nil {
				t.Errorf("%d bytes: %d datagrams, %v", n, len(list), err)
			}
		case n == head, n == one:
			if err != nil {
				t.Errorf("%d bytes: %v", n, err)
			}
		case err != nil && !errors.Is(err, ErrDamaged):
			t.Errorf("%d bytes: %v", n, err)
		}
		if want := map[bool]int{true: 1}[n >= one]; len(list) != want && n >= head {
			t.Errorf("%d bytes: %d datagrams, want %d", n, len(list), want)
		}
	}
	for _, file := range []string{"", "x", "text, and no capture", "\x7fELF" + strings.Repeat("\x00", 100)} {
		if _, _, err := read(t, []byte(file)); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v", file, err)
		}
	}
}

func FuzzReader(f *testing.F) {
	machine, err := os.ReadFile("testdata/nil.pcap")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(machine)
	f.Add(encode(f, samples[:3]...))
	f.Add(pcap(binary.LittleEndian, 0xa1b2c3d4, 1, append(append(make([]byte, 12), 8, 0), appendIP(nil, samples[0])...)))
	f.Add(pcap(binary.BigEndian, 0xa1b23c4d, 276, nil))
	f.Fuzz(func(t *testing.T, file []byte) {
		list, counts, _ := read(t, file)
		if uint64(len(list)) != counts.Datagrams || counts.Datagrams > counts.Packets {
			t.Fatalf("%d datagrams, %+v", len(list), counts)
		}
		for _, d := range list {
			if d.Size < len(d.Data) || len(d.Data) > maxPacket || !d.From.IsValid() || fmt.Sprint(d.To) == "" {
				t.Fatalf("%+v", d)
			}
		}
	})
}
