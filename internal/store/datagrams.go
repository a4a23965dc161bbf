package store

import (
	"net/netip"

	"gasp/internal/capture"
	"gasp/internal/source"
)

// defaultPort is what datagrams.pcapng says that a datagram was sent to, and the unspecified address
// where: the receiver is not told which of its own it was.
const defaultPort = 6666

// capture appends a datagram to datagrams.pcapng.
func (s *Store) capture(f *folder, d *source.Datagram) {
	f.heard++
	to := netip.IPv4Unspecified()
	if !d.From.Addr().Is4() {
		to = netip.IPv6Unspecified()
	}
	from := netip.AddrPortFrom(d.From.Addr().WithZone(""), d.From.Port())
	packet, err := s.encoder.Packet(&capture.Datagram{At: d.At, From: from, To: netip.AddrPortFrom(to, defaultPort), Data: d.Data, Size: d.Size})
	if err != nil {
		return // counted by not being written
	}
	if f.packets.size == 0 && len(f.packets.buf) == 0 {
		// The header and the first packet are one piece: a file without a header is none.
		packet = append(append([]byte(nil), s.encoder.Header()...), packet...)
	}
	s.append(&f.packets, packet)
}

// countDatagrams writes datagrams.pcapng, and counts.
func (s *Store) countDatagrams(f *folder) {
	s.flush(f)
	d := &f.summary.Datagrams
	d.Unwritten = f.packets.lost + f.packets.over
	d.Stored = f.heard - min(f.heard, d.Unwritten)
}
