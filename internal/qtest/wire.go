package qtest

import (
	"bytes"
	"net"
	"os"
	"time"
)

const (
	minFrame  = 60      // IEEE 802.3 3.2.8, without FCS
	maxFrame  = 1 << 16 // more than a datagram holds
	quietTime = 50 * time.Millisecond
)

// lay lays the wire, two UDP sockets on loopback, and returns the device's end
// for QEMU to inherit.
func (m *Machine) lay() *os.File {
	m.t.Helper()
	loopback := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	var err error
	if m.wire, err = net.ListenUDP("udp4", loopback); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { m.wire.Close() })
	nic, err := net.DialUDP("udp4", loopback, m.wire.LocalAddr().(*net.UDPAddr))
	if err != nil {
		m.t.Fatal(err)
	}
	defer nic.Close()
	m.nic = nic.LocalAddr().(*net.UDPAddr)
	socket, err := nic.File()
	if err != nil {
		m.t.Fatal(err)
	}
	return socket
}

// Expect checks that the next frame on the wire comes in time and is want, padded
// with zeros to 60 bytes, Ethernet's least. state begins the message: after or in
// what that is.
func (m *Machine) Expect(state string, want []byte, within time.Duration) {
	m.t.Helper()
	buf := make([]byte, maxFrame)
	m.wire.SetReadDeadline(time.Now().Add(within))
	n, err := m.wire.Read(buf)
	if err != nil {
		m.t.Fatalf("%s: no frame on the wire: %v", state, err)
	}
	want = append(bytes.Clone(want), make([]byte, max(0, minFrame-len(want)))...)
	if !bytes.Equal(buf[:n], want) {
		m.t.Fatalf("%s: %d bytes on the wire begin % x, want %d beginning % x", state, n, buf[:min(n, 24)], len(want), want[:24])
	}
}

// Silent checks that nothing more comes on the wire for 50 ms.
func (m *Machine) Silent(state string) {
	m.t.Helper()
	buf := make([]byte, maxFrame)
	m.wire.SetReadDeadline(time.Now().Add(quietTime))
	if n, err := m.wire.Read(buf); err == nil {
		m.t.Fatalf("%s: an unwanted frame of %d bytes, % x", state, n, buf[:min(n, 24)])
	}
}

// Send puts a frame on the wire for the device to receive.
func (m *Machine) Send(frame []byte) {
	m.t.Helper()
	if _, err := m.wire.WriteToUDP(frame, m.nic); err != nil {
		m.t.Fatal(err)
	}
}
