package main

import (
	"encoding/binary"
	"fmt"

	"gasp/netlog/wire"
)

// lies makes what invented senders send: what makes the most work of each format, and what makes the receiver keep
// something, wait for something or store something.
type lies struct {
	ids   [][wire.IDSize]byte // of devices that there are, for anybody can read them on the wire
	boots [][wire.BootSize]byte
	buf   []byte
}

// kinds is how many kinds of lies there are.
const kinds = 12

// words fill a line up to about the length that lines of logs have.
const words = "an invented sender says this, and it is as long as a line of a log often is: about 100 bytes"

// next returns the datagram number i. It is valid until the next call.
func (l *lies) next(i int) []byte {
	b := l.buf[:0]
	switch n := uint64(i); i % kinds {
	case 0: // basic
		b = fmt.Appendf(b, "[%5d.%06d] %s\n", n%1000, n%1000000, words)
	case 1: // basic, and waits for its newline
		b = append(b, words...)
	case 2: // extended
		b = fmt.Appendf(b, "6,%d,%d,-;%s\n", n, n, words)
	case 3: // extended, with a dictionary, escapes, and numbers that are far from anything
		b = fmt.Appendf(b, "6,%d,%d,-;%s\\x1b[2J\n SUBSYSTEM=lies\n DEVICE=+lies:%d\n", n<<40, n, words, n)
	case 4: // the beginning of the largest message, of which no more comes
		b = fmt.Appendf(b, "6,%d,%d,-,ncfrag=0/65536;%s", n, n, words)
	case 5: // the end of one
		b = fmt.Appendf(b, "6,%d,%d,-,ncfrag=60000/65536;%s", n, n, words)
	case 6: // fragments that contradict themselves
		b = fmt.Appendf(b, "6,%d,%d,-,ncfrag=9/3;x", n, n)
	case 7: // a crash, of which no more comes
		b = fmt.Appendf(b, "0,%d,%d,-;gasp: crash %016x: a lie\\x0agasp: at pc=0x1 uptime=1.000000 last=1 unsent=9\n", n, n, n)
	case 8: // and one in basic format
		b = fmt.Appendf(b, "[    1.000000] gasp: crash %016x: a lie\n[    1.000000] gasp: at pc=0x1 uptime=1.000000 last=- unsent=0\n", n)
	case 9: // syslog
		b = fmt.Appendf(b, "<13>1 - - - - - - %s", words)
	case 10: // sealed by another key, in the name of a device and its boot
		b = append(b, "\xf5gs\x01\x01\x00\x00\x00"...)
		b = append(b, l.ids[i/kinds%len(l.ids)][:]...)
		b = append(b, l.boots[i/kinds%len(l.boots)][:]...)
		b = binary.BigEndian.AppendUint64(b, n)
		b = append(append(b, words...), words...)
	case 11: // and of a boot that is new
		b = append(b, "\xf5gs\x01\x01\x00\x00\x00"...)
		b = append(b, l.ids[i/kinds%len(l.ids)][:]...)
		b = binary.BigEndian.AppendUint64(b, n)
		b = binary.BigEndian.AppendUint64(b, n)
		b = binary.BigEndian.AppendUint64(b, 1)
		b = append(b, words...)
	}
	l.buf = b
	return b
}
