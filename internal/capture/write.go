// Package capture writes and reads UDP datagrams as packet captures: pcapng
// (draft-ietf-opsawg-pcapng) and, to read, pcap (draft-ietf-opsawg-pcap).
package capture

import (
	"bytes"
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// Datagram is a UDP datagram with where it came from and went to.
type Datagram struct {
	At       time.Time
	From, To netip.AddrPort
	// Data is its payload, or the beginning of that, and Size how many bytes that has in all.
	Data []byte
	Size int
}

// Encoder makes the bytes of a pcapng file with packets of raw IP (LINKTYPE_RAW), which Wireshark and
// tcpdump read. Behind the header any number of packets may be appended, also by another encoder.
type Encoder struct {
	out    bytes.Buffer
	writer *pcapgo.NgWriter
	header []byte
	packet []byte
}

// NewEncoder returns an encoder; application is what the file says that it was written by.
func NewEncoder(application string) (*Encoder, error) {
	e := new(Encoder)
	intf := pcapgo.NgInterface{
		Name: "udp", LinkType: layers.LinkTypeRaw,
		TimestampResolution: 9, // nanoseconds, as a power of ten
	}
	options := pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{Application: application}}
	var err error
	if e.writer, err = pcapgo.NewNgWriterInterface(&e.out, intf, options); err == nil {
		err = e.writer.Flush()
	}
	if err != nil {
		return nil, fmt.Errorf("pcapng header: %w", err)
	}
	e.header = bytes.Clone(e.out.Bytes())
	return e, nil
}

// Header is what the file begins with.
func (e *Encoder) Header() []byte { return e.header }

// Packet returns the block of a datagram. It is valid until the next call. The addresses must both be
// IPv4 or both be IPv6.
func (e *Encoder) Packet(d *Datagram) ([]byte, error) {
	e.packet = appendIP(e.packet[:0], d)
	e.out.Reset()
	info := gopacket.CaptureInfo{Timestamp: d.At, CaptureLength: len(e.packet), Length: len(e.packet) + max(d.Size-len(d.Data), 0)}
	err := e.writer.WritePacket(info, e.packet)
	if err == nil {
		err = e.writer.Flush()
	}
	if err != nil {
		return nil, fmt.Errorf("pcapng packet: %w", err)
	}
	return e.out.Bytes(), nil
}

// timeToLive is what the headers say: the way that a datagram took is not known.
const timeToLive = 64

// appendIP appends a packet with the headers of IP (RFC 791, RFC 8200) and UDP (RFC 768).
func appendIP(dst []byte, d *Datagram) []byte {
	from, to := tcpip.AddrFromSlice(d.From.Addr().AsSlice()), tcpip.AddrFromSlice(d.To.Addr().AsSlice())
	size := header.IPv4MinimumSize
	if !d.From.Addr().Is4() {
		size = header.IPv6MinimumSize
	}
	const udp = header.UDPMinimumSize
	start := len(dst)
	dst = append(append(dst, make([]byte, size+udp)...), d.Data...)
	packet := dst[start:]
	length := min(udp+max(d.Size, len(d.Data)), math.MaxUint16)
	if d.From.Addr().Is4() {
		ip := header.IPv4(packet)
		ip.Encode(&header.IPv4Fields{TotalLength: uint16(min(size+length, math.MaxUint16)), TTL: timeToLive, Protocol: uint8(header.UDPProtocolNumber), SrcAddr: from, DstAddr: to})
		ip.SetChecksum(^ip.CalculateChecksum())
	} else {
		header.IPv6(packet).Encode(&header.IPv6Fields{PayloadLength: uint16(length), TransportProtocol: header.UDPProtocolNumber, HopLimit: timeToLive, SrcAddr: from, DstAddr: to})
	}
	u := header.UDP(packet[size:])
	u.Encode(&header.UDPFields{SrcPort: d.From.Port(), DstPort: d.To.Port(), Length: uint16(length)})
	if len(d.Data) >= d.Size {
		pseudo := header.PseudoHeaderChecksum(header.UDPProtocolNumber, from, to, uint16(length))
		sum := ^u.CalculateChecksum(checksum.Checksum(d.Data, pseudo))
		if sum == 0 {
			sum = math.MaxUint16 // 0 says that there is none
		}
		u.SetChecksum(sum)
	}
	return dst
}
