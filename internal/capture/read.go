package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

var (
	// ErrFormat is returned for what is no capture.
	ErrFormat = errors.New("neither a pcapng nor a pcap file")
	// ErrDamaged is returned where a capture cannot be read further.
	ErrDamaged = errors.New("the capture is damaged or cut off")
)

// maxPacket is how large a packet may be, in bytes: more than any network's, and no more than what
// libpcap captures (MAXIMUM_SNAPLEN).
const maxPacket = 256 << 10

// Reader reads the UDP datagrams of a capture.
type Reader struct {
	source source
	counts Counts
}

// Counts is what was in a capture so far.
type Counts struct {
	// Packets is all, Datagrams those of UDP that were handed out.
	Packets, Datagrams uint64
	// Fragments counts fragments of IP datagrams, which are not put together, and Links packets of
	// links that are not known.
	Fragments, Links uint64
}

// source is a pcap or a pcapng file.
type source interface {
	next() (data []byte, info gopacket.CaptureInfo, link layers.LinkType, err error)
}

// NewReader reads the head of a capture.
func NewReader(r io.Reader) (*Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	magic, err := in.Peek(4)
	if err != nil {
		return nil, ErrFormat
	}
	const sectionHeader = 0x0a0d0d0a // the same in both byte orders
	if binary.LittleEndian.Uint32(magic) == sectionHeader {
		ng, err := pcapgo.NewNgReader(in, pcapgo.NgReaderOptions{WantMixedLinkType: true, SkipUnknownVersion: true})
		if err != nil {
			return nil, fmt.Errorf("%w: %v", ErrFormat, err)
		}
		return &Reader{source: ngSource{ng}}, nil
	}
	old, err := pcapgo.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFormat, err)
	}
	return &Reader{source: oldSource{old}}, nil
}

// Counts says what was read so far.
func (r *Reader) Counts() Counts { return r.counts }

// Next returns the next datagram, which is valid until the next call. The error is io.EOF at the end,
// and wraps ErrDamaged where the file cannot be read any further.
func (r *Reader) Next() (*Datagram, error) {
	for {
		data, info, link, err := r.source.next()
		if err == io.EOF {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("%w: packet %d: %v", ErrDamaged, r.counts.Packets+1, err)
		}
		r.counts.Packets++
		packet, known := network(link, data)
		if !known {
			r.counts.Links++
			continue
		}
		d, fragment := datagram(packet)
		if fragment {
			r.counts.Fragments++
		}
		if d != nil {
			r.counts.Datagrams++
			d.At = info.Timestamp
			return d, nil
		}
	}
}

type ngSource struct{ *pcapgo.NgReader }

func (s ngSource) next() (data []byte, info gopacket.CaptureInfo, link layers.LinkType, err error) {
	data, info, err = s.ReadPacketData()
	if err != nil {
		return nil, info, 0, err
	}
	if len(info.AncillaryData) > 0 {
		link, _ = info.AncillaryData[0].(layers.LinkType)
	}
	if len(data) > maxPacket {
		data = nil
	}
	return data, info, link, nil
}

type oldSource struct{ *pcapgo.Reader }

func (s oldSource) next() (data []byte, info gopacket.CaptureInfo, link layers.LinkType, err error) {
	data, info, err = s.ReadPacketData()
	return data, info, s.LinkType(), err
}

// Oldest and newest are the times that a packet is believed to be of.
var (
	oldest = time.Unix(0, 0)
	newest = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC) // what 64 bits of nanoseconds hold
)

// Plausible says whether a time can be that of a packet.
func Plausible(t time.Time) bool { return !t.Before(oldest) && t.Before(newest) }
