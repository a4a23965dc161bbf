package listen

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// pause is how long reading rests after an error, so that a lasting one does not spin.
const pause = 50 * time.Millisecond

func (l *Listener) read(conn *net.UDPConn, via int) {
	drops := &l.drops[via]
	buf := make([]byte, largest)
	var control [64]byte
	for {
		n, controls, _, from, err := conn.ReadMsgUDPAddrPort(buf, control[:])
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			l.errors.Add(1)
			time.Sleep(pause)
			continue
		}
		if controls > 0 {
			if total, ok := overflow(control[:controls]); ok {
				drops.Store(total)
			}
		}
		data := append(make([]byte, 0, min(n, l.keep)), buf[:min(n, l.keep)]...)
		l.out <- Datagram{At: time.Now(), From: netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), Via: via, Data: data, Size: n}
	}
}

// overflow finds the count of dropped datagrams that comes with SO_RXQ_OVFL (socket(7)).
func overflow(control []byte) (total uint32, ok bool) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return 0, false
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_RXQ_OVFL && len(m.Data) >= 4 {
			return binary.NativeEndian.Uint32(m.Data), true
		}
	}
	return 0, false
}
