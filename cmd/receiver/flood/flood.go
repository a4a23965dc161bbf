package main

import (
	"context"
	"encoding/binary"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// flood is the invented senders.
type flood struct {
	lies    lies
	fd      int
	to      unix.SockaddrInet4
	packet  []byte
	sources int
	rate    int
	sent    int
	took    time.Duration
}

const (
	// pause is between two bursts.
	pause = time.Millisecond
	// maxBurst is how many datagrams are sent at once at most: one that fell behind does not make up for it.
	maxBurst = 2000
	// look is how often it is shown how far it is.
	look = time.Second
)

// newFlood opens a raw socket, which sends IPv4 packets as they are (raw(7), IP_HDRINCL).
func newFlood(o *options, real []*sender) (*flood, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if err != nil {
		return nil, err
	}
	f := &flood{fd: fd, sources: o.sources, rate: o.rate, to: unix.SockaddrInet4{Addr: logHost.Addr().As4()}}
	for _, s := range real {
		if s.key != nil {
			f.lies.ids = append(f.lies.ids, s.key.ID())
			f.lies.boots = append(f.lies.boots, s.boot)
		}
	}
	return f, nil
}

func (f *flood) close() { unix.Close(f.fd) }

// run sends until ctx ends, and calls show now and then.
func (f *flood) run(ctx context.Context, show func()) {
	began := time.Now()
	last, shown, due := began, began, 0.0
	for ctx.Err() == nil {
		time.Sleep(pause)
		now := time.Now()
		due = min(due+now.Sub(last).Seconds()*float64(f.rate), maxBurst)
		last = now
		for ; due >= 1; due-- {
			f.send()
		}
		if now.Sub(shown) >= look {
			shown = now
			show()
		}
	}
	f.took = time.Since(began)
}

// firstSource is the lowest address that is invented; real senders have lower ones.
const firstSource = 127<<24 | 16<<16

// invented is the address of an invented sender.
func invented(i int) netip.AddrPort {
	const ports, firstPort = 50_000, 1024
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], firstSource+uint32(i))
	return netip.AddrPortFrom(netip.AddrFrom4(a), uint16(firstPort+i%ports))
}

// send sends one datagram of the next sender. One that the kernel has no room for is lost, as in any network.
func (f *flood) send() {
	f.packet = appendPacket(f.packet[:0], invented(f.sent%f.sources), logHost, f.lies.next(f.sent))
	if unix.Sendto(f.fd, f.packet, 0, &f.to) == nil {
		f.sent++
	}
}

const (
	ipHeader  = 20
	udpHeader = 8
)

// appendPacket appends an IPv4 packet (RFC 791) with a UDP datagram (RFC 768) without a checksum. The kernel fills in
// the header's checksum.
func appendPacket(dst []byte, from, to netip.AddrPort, payload []byte) []byte {
	const version, ttl = 4<<4 | ipHeader/4, 64
	dst = append(dst, version, 0)
	dst = binary.BigEndian.AppendUint16(dst, uint16(ipHeader+udpHeader+len(payload)))
	dst = append(dst, 0, 0, 0, 0, ttl, unix.IPPROTO_UDP, 0, 0)
	dst = append(dst, from.Addr().AsSlice()...)
	dst = append(dst, to.Addr().AsSlice()...)
	dst = binary.BigEndian.AppendUint16(dst, from.Port())
	dst = binary.BigEndian.AppendUint16(dst, to.Port())
	dst = binary.BigEndian.AppendUint16(dst, uint16(udpHeader+len(payload)))
	dst = append(dst, 0, 0)
	return append(dst, payload...)
}
