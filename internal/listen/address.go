package listen

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// addrPort reads a socket address of either family (ip(7), ipv6(7)); IPv4 in IPv6 becomes plain IPv4.
func (z *zones) addrPort(from *unix.RawSockaddrInet6) netip.AddrPort {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&from.Port))[:])
	if from.Family == unix.AF_INET {
		return netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(from)).Addr), port)
	}
	addr := netip.AddrFrom16(from.Addr).Unmap()
	if from.Scope_id != 0 && addr.Is6() {
		addr = addr.WithZone(z.name(from.Scope_id))
	}
	return netip.AddrPortFrom(addr, port)
}

// setAddress writes a socket address into to, for a socket of IPv4 or IPv6, and returns its size.
func (z *zones) setAddress(to *unix.RawSockaddrInet6, address netip.AddrPort, ipv4 bool) (size uintptr) {
	*to = unix.RawSockaddrInet6{Family: unix.AF_INET6}
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&to.Port))[:], address.Port())
	if ipv4 {
		to.Family = unix.AF_INET
		(*unix.RawSockaddrInet4)(unsafe.Pointer(to)).Addr = address.Addr().As4()
		return unix.SizeofSockaddrInet4
	}
	to.Addr = address.Addr().As16()
	if zone := address.Addr().Zone(); zone != "" {
		to.Scope_id = z.index(zone)
	}
	return unix.SizeofSockaddrInet6
}

// zones are the names of the network interfaces that link-local senders were heard through, "eth0" in
// fe80::1%eth0. Looking one up takes the kernel a while.
type zones struct {
	mu    sync.Mutex
	names map[uint32]string
}

// name returns an interface's name, or its index in decimal if it has none any more.
func (z *zones) name(index uint32) string {
	z.mu.Lock()
	defer z.mu.Unlock()
	name, ok := z.names[index]
	if !ok {
		name = strconv.FormatUint(uint64(index), 10)
		if i, err := net.InterfaceByIndex(int(index)); err == nil {
			name = i.Name
		}
		if z.names == nil {
			z.names = make(map[uint32]string)
		}
		z.names[index] = name
	}
	return name
}

// index returns the index of an interface that name returned, 0 for any other.
func (z *zones) index(name string) uint32 {
	z.mu.Lock()
	defer z.mu.Unlock()
	for index, n := range z.names {
		if n == name {
			return index
		}
	}
	return 0
}
